"""Another bundle is in force: what the guard is shown and what the ledger keeps of it. Pure."""

from scanner.domain.entries import Entry, TrustWay
from scanner.gate.messages import TrustChanged, TrustTopic
from scanner.gate.records import Moment, TrustState, trust_entry
from scanner.trust.bundle.changes import changes
from scanner.trust.bundle.repository import Repository
from scanner.trust.bundle.store import Origin


def trust_changed(
    before: Repository | None, after: Repository, origin: Origin | None
) -> TrustChanged:
    """What a kiosk is told."""
    found = changes(before, after)
    return TrustChanged(
        before=before.version if before else None,
        after=after.version,
        way=_way(origin),
        signers=after.signers,
        added=found.added,
        removed=found.removed,
        renewed=found.renewed,
        topics=tuple(TrustTopic(topic.value) for topic in found.topics),
    )


def changed_entry(
    seq: int, moment: Moment, event: TrustChanged, trust: TrustState, policy: str
) -> Entry:
    """What the ledger keeps: since when which bundle decided, and which way it came."""
    return trust_entry(seq, moment, before=event.before, way=event.way, trust=trust, policy=policy)


def _way(origin: Origin | None) -> TrustWay:
    return TrustWay(origin.value) if origin else TrustWay.UNKNOWN
