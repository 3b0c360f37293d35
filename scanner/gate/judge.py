"""What a presentation is judged by: rules, keys and their age, and newer codes seen here."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from scanner.domain.passes import EU_DCC, Rejection, VerifiedPass
from scanner.domain.verdicts import Verdict
from scanner.domain.walk_ins import Attendee
from scanner.formats.registry import inspect_pass, read_pass
from scanner.gate.foreign_rules import ForeignRules
from scanner.gate.instant import Instant
from scanner.gate.newest import KEY_BYTES, NewestCodes
from scanner.gate.records import TrustState
from scanner.gate.visits import Shown
from scanner.policy.asking import NOTHING_TOLD, Asking, Told, ask
from scanner.policy.evaluate import Circumstances, evaluate, policy_version
from scanner.policy.passback import Passage
from scanner.policy.places import NOWHERE
from scanner.policy.recognition import ANYWHERE
from scanner.policy.rules import RuleSet
from scanner.policy.walk_in import evaluate_walk_in
from scanner.trust.keys import TrustStore
from scanner.trust.staleness import Staleness

if TYPE_CHECKING:
    from scanner.gate.doorway import Doorway

WasRefused = Callable[[bytes, Instant, int], bool]


def nobody(_identity: bytes, _instant: Instant, _besides: int) -> bool:
    """A gate without a ledger has refused nobody."""
    return False


class Judge:
    """Reads and judges by what is in force at that moment.

    Attributes:
        rules: the site's rule set; may be replaced between two scans, as the others may.
        host: whose codes are recognised where the gate stands.
        foreign: the business rules that the bundle carries.
        place: what lies behind the gate, which way it leads, who mostly comes.
        trust: the keys to verify with.
        doorway: what the site knows of who came and went; None at a gate that knows no direction.

    Args:
        was_refused: whether a guard refused a code earlier today, in another visit than this one.
    """

    def __init__(self, rules: RuleSet, trust: TrustStore, was_refused: WasRefused = nobody) -> None:
        self._was_refused = was_refused
        self.doorway: Doorway | None = None
        self.rules = rules
        self.host = ANYWHERE
        self.foreign = ForeignRules()
        self.place = NOWHERE
        self.trust = trust
        self._newest = NewestCodes(secrets.token_bytes(KEY_BYTES))

    def read(self, text: str, at: datetime) -> VerifiedPass | Rejection:
        """What a whole text turns out to be, by the keys of now and the time `at`."""
        countries = self.rules.foreign.countries
        if not countries:
            return read_pass(text, self.trust, at, self.trust.revocations)
        inspection = inspect_pass(text, self.trust, at, self.trust.revocations)
        outcome, document = inspection.outcome, inspection.trail.document
        if isinstance(outcome, Rejection) or outcome.claims.format != EU_DCC or document is None:
            return outcome
        said = self.foreign.ask(document, outcome.claims, countries, at)
        return replace(outcome, foreign_rules=said)

    def note(self, shown: VerifiedPass | Rejection, instant: Instant) -> None:
        """Remember that this code was shown, so that an older one of the same person stands out."""
        self._newest.note(shown, instant.at, instant.mono_s)

    def verdict(
        self,
        shown: Shown,
        instant: Instant,
        told: Told = NOTHING_TOLD,
        visit: int = 0,
    ) -> Verdict:
        """The machine's verdict on what was shown and answered so far.

        Args:
            shown: what the code turned out to be, or who came without one.
            instant: now.
            told: what was answered about this person so far.
            visit: number of the scan's entry, once it is recorded.
        """
        code = None if isinstance(shown, Attendee) else shown
        issuer = shown.claims.issuer if isinstance(shown, VerifiedPass) else None
        trust, now = self.trust, instant.at
        passage = self.passage(code, instant, visit)
        circumstances = Circumstances(
            now=now,
            keys=trust.staleness(now),
            issuer_keys=trust.issuer_staleness(issuer, now) if issuer else Staleness.FRESH,
            revocation=trust.revocation_staleness(issuer, now) if issuer else Staleness.FRESH,
            clock_is_sure=instant.is_sure,
            told=told,
            superseded=code is not None and self._newest.supersedes(code),
            refused_earlier=code is not None
            and code.identity is not None
            and self._was_refused(code.identity, instant, visit),
            clock_error=instant.error or timedelta(0),
            place=replace(self.place, direction=passage.direction) if passage else self.place,
            occupancy=passage.inside if passage else None,
            passage=passage,
        )
        if isinstance(shown, Attendee):
            return evaluate_walk_in(shown, self.rules, circumstances, self.policy)
        return evaluate(shown, self.rules, circumstances, self.host)

    def passage(
        self, shown: VerifiedPass | Rejection | None, instant: Instant, visit: int = 0
    ) -> Passage | None:
        """Which way they want to go, and what the site knows of it; None shows no code."""
        if self.doorway is None:
            return None
        return self.doorway.passage(shown, self.rules, instant, visit)

    def expect(self, seq: int, shown: VerifiedPass | Rejection, instant: Instant) -> None:
        """Somebody stands at the gate, whose entry `seq` is about to be written."""
        if self.doorway is not None:
            self.doorway.expect(seq, shown, self.rules, instant)

    def ask(self, verdict: Verdict, told: Told, instant: Instant) -> Asking:
        """Put the verdict's questions to guard and thermometer."""
        return ask(verdict.asks, told, self.rules.temperature, instant.mono_s)

    @property
    def policy(self) -> str:
        """What an entry names as having decided."""
        return policy_version(self.rules, self.host)

    def trust_state(self, now: datetime) -> TrustState:
        """What an entry keeps of the keys."""
        return TrustState(self.trust.version, int(self.trust.age(now).total_seconds()))
