"""A gate that hears nothing for ninety days: the real pipeline, with a clock that is told."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Ask, Decision
from scanner.issuing.keys import IssuerKey
from scanner.policy.rules import RuleSet, StalenessRules, WhenStale
from scanner.trust.aged_bundle import AgedBundle, Lamps
from scanner.trust.bundle.bundle import load_bundle
from scanner.trust.staleness import Limits, Staleness
from tests.builders import NOW, a_code
from tests.gate_builders import Gate
from tests.trust_builders import a_list, a_repository

DAYS: Final = 95
ZHEJIANG: Final = IssuerKey.generate("33")
GUANGDONG: Final = IssuerKey.generate("44")
_SHORT: Final = timedelta(days=30)
"""Guangdong stands by its metadata for a month, Zhejiang for the usual three."""


@dataclass(frozen=True, slots=True)
class Step:
    """One day of one gate, where something is other than on the day before.

    Attributes:
        bundle: the level of the whole, which the lamp shows.
        zhejiang, guangdong: what became of a good code of each.
        reasons: beside either code, by province; the worst first.
        recorded_age_days: as the entry has it.
    """

    day: int
    bundle: Staleness
    zhejiang: str
    guangdong: str
    reasons: tuple[tuple[Reason, ...], tuple[Reason, ...]]
    recorded_age_days: int

    @property
    def what_counts(self) -> tuple[object, ...]:
        """Everything but the day."""
        return self.bundle, self.zhejiang, self.guangdong, self.reasons


def ninety_days(folder: Path, policy: WhenStale) -> list[Step]:
    """Show a fresh code of each province every day; the days on which something changes."""
    publisher = a_repository(folder / "stick", {"33": [ZHEJIANG], "44": [GUANGDONG]}, NOW)
    publisher.draft.put("issuer-33", "revocation/33/base.bin", a_list(folder / "list", 7))
    publisher.draft.sign_targets("issuer-33", publisher.signers["issuer-33"], NOW)
    role = publisher.draft.of("issuer-44")
    publisher.draft.sign_targets("issuer-44", publisher.signers["issuer-44"], NOW)
    role.signed.expires = (NOW + _SHORT).replace(tzinfo=role.signed.expires.tzinfo)
    role.signatures.clear()
    role.sign(publisher.signers["issuer-44"][0])
    publisher.publish(folder / "stick", NOW)
    bundle = load_bundle(folder / "stick", publisher.pinned_root)
    rules = RuleSet(staleness=StalenessRules(degraded=policy, revocation=policy))
    (folder / "gate").mkdir()
    gate = Gate(folder / "gate", (), rules)
    gate.pipeline.judge.trust = AgedBundle(bundle, Limits(), Lamps())
    steps: list[Step] = []
    for day in range(DAYS):
        zhejiang, of_33 = _shown(gate, ZHEJIANG, day)
        guangdong, of_44 = _shown(gate, GUANGDONG, day)
        entry = next(
            entry for entry in reversed(gate.ledger.latest(4)) if entry.trust_age_s is not None
        )
        level = gate.pipeline.judge.trust.staleness(gate.now().at)
        step = Step(
            day, level, zhejiang, guangdong, (of_33, of_44), (entry.trust_age_s or 0) // 86_400
        )
        if not steps or step.what_counts != steps[-1].what_counts:
            steps.append(step)
        gate.wait(86_400 - 60)
    gate.ledger.close()
    return steps


def _shown(gate: Gate, key: IssuerKey, day: int) -> tuple[str, tuple[Reason, ...]]:
    """A good code of the minute, and what the guard does where the gate asks for it."""
    gate.wait(30)
    at = gate.now().at
    code = a_code(
        key,
        issuer=key.issuer,
        issued_at=at,
        expires_at=at + timedelta(minutes=10),
        code_id=f"{key.issuer}{day:06}".encode(),
    )
    verdict = gate.verdict(code)
    if Ask.ID_COMPARE in verdict.asks:
        shown = gate.compare(verdict.visit)[0]
        after = getattr(shown, "decision", Decision.CHECK)
        return f"{verdict.decision}, id, {after}", verdict.reasons
    if Ask.SECOND_GUARD in verdict.asks:
        return f"{verdict.decision}, supervisor", verdict.reasons
    return str(verdict.decision), verdict.reasons
