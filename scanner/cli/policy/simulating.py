"""What other rules would have made of recorded entries.

An entry keeps no code, so a part of what rules ask about is gone: tests, vaccinations, classes of
reason and, where the gate does not know it, as what somebody came. A rule that hangs on it may have
applied or not. Each entry is weighed both ways; where the two differ, nobody can say what would
have been, and the entry is counted apart, under the conditions that could not be known.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from scanner.domain.entries import Entry, EntryType
from scanner.domain.passes import (
    HEALTH_CODE,
    Algorithm,
    Colour,
    Evidence,
    LaboratoryTest,
    PassClaims,
    Rejection,
    VerifiedPass,
)
from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Decision
from scanner.policy.certlogic_steps import Run
from scanner.policy.conditions import Conditions
from scanner.policy.evaluate import Circumstances, evaluate
from scanner.policy.extra_rules import CompiledRules
from scanner.policy.facts import UNKNOWN, Facts, facts_of
from scanner.policy.joining import join
from scanner.policy.layers import Layer, LayerRule
from scanner.policy.places import Place
from scanner.policy.recognition import (
    HostRecognition,
    Mode,
    Recognition,
    RecognitionMatrix,
)
from scanner.policy.rules import NO_EXTRA_RULES, ResultRules, TemperatureRules
from scanner.trust.staleness import Staleness

_BY_FACTS: Final = frozenset(
    {Reason.CODE_TOO_OLD, Reason.NOT_RECOGNISED, Reason.RECOGNITION_DENIED, Reason.SUPERSEDED,
     Reason.TEST_POSITIVE, Reason.TEMPERATURE_HIGH, Reason.CLOCK_UNSURE}
)  # fmt: skip
"""Reasons that a pass may have though its code was good; all others of the table reject it."""

_OF_A_CODE: Final = frozenset(Reason(name) for name in ResultRules.__struct_fields__) - _BY_FACTS
_GONE: Final = frozenset({"test", "vaccine", "reason_class", "person", "occupancy_from",
                          "occupancy_below"})  # fmt: skip


class Simulation(Struct, frozen=True):
    """What became of recorded scans under other rules.

    Attributes:
        scans: how many were weighed.
        first, last: when; None without any.
        same: as many would have come to the same decision.
        stricter, milder: how many would not, by "before → after" and why.
        unknowable: how many nobody can tell, by the conditions that hang on what is gone.
    """

    scans: int
    first: datetime | None
    last: datetime | None
    same: int
    stricter: Counter[str]
    milder: Counter[str]
    unknowable: Counter[str]


def simulate(entries: Iterable[Entry], layers: Sequence[Layer], place: Place) -> Simulation:
    """Weigh the scans among the entries by other rules.

    Args:
        entries: in any order; only scans are weighed, each as it was when its code was shown.
        layers: all of those that shall hold.
        place: of the gate.
    """
    weigh = _Weigher(layers, place)
    times: list[datetime] = []
    same = 0
    stricter, milder, unknowable = Counter[str](), Counter[str](), Counter[str]()
    for entry in entries:
        if entry.type is not EntryType.SCAN or entry.decision is None:
            continue
        times.append(entry.at)
        least, most, why, open_conditions = weigh(entry)
        change = f"{entry.decision} → {least} ({', '.join(why) or 'nothing against it'})"
        if least.strictness > entry.decision.strictness:
            stricter[change] += 1
        elif most.strictness < entry.decision.strictness:
            milder[change] += 1
        elif least is most:
            same += 1
        else:
            unknowable[", ".join(open_conditions)] += 1
    first, last = (min(times), max(times)) if times else (None, None)
    return Simulation(len(times), first, last, same, stricter, milder, unknowable)


class _Weigher:
    """One entry after the other, each as mildly and as strictly as what is gone allows."""

    def __init__(self, layers: Sequence[Layer], place: Place) -> None:
        rules = join(layers)
        self._tables = replace(rules, extra=NO_EXTRA_RULES)
        self._possible = CompiledRules(layers)
        self._certain = CompiledRules(layers, unknown_applies=False)
        self._place = place

    def __call__(self, entry: Entry) -> tuple[Decision, Decision, list[str], list[str]]:
        shown, circumstances, host = _as_shown(entry, self._place)
        verdict = evaluate(shown, self._tables, circumstances, host)
        run = Run(_facts(shown, verdict.reasons, self._tables.temperature, circumstances))
        possible = list(self._possible.applying(run))
        certain = list(self._certain.applying(run))
        applied = {(rule.of.layer, rule.of.rule.id) for rule in certain}
        by_rules = [rule.finding for rule in certain]
        least = _strictest(verdict.decision, *(finding.decision for finding in by_rules))
        most = _strictest(least, *(rule.finding.decision for rule in possible))
        deciding = [f for f in (*verdict.findings, *by_rules) if f.decision is least]
        why = [f.advice.rule if f.advice else f.reason.value for f in deciding]
        open_rules = [
            rule.of.rule
            for rule in possible
            if (rule.of.layer, rule.of.rule.id) not in applied
            and rule.finding.decision.strictness > least.strictness
        ]
        untold = {name for name in ("site", "direction") if getattr(self._place, name) is None}
        asked = {name for rule in open_rules for name in _asked(rule)}
        names = sorted(asked & (_GONE | untold))
        return least, most, list(dict.fromkeys(why)), names or ["what an entry does not keep"]


def _asked(rule: LayerRule) -> Iterable[str]:
    yield from rule.when.named()
    yield from (rule.unless or Conditions()).named()


def _strictest(*decisions: Decision) -> Decision:
    return max(decisions, key=lambda decision: decision.strictness)


def _facts(
    shown: VerifiedPass | Rejection,
    found: Iterable[Reason],
    limits: TemperatureRules,
    circumstances: Circumstances,
) -> Facts:
    claims = shown.claims if isinstance(shown, VerifiedPass) else shown.proven
    facts = facts_of(claims, (), found, limits, circumstances)
    if claims is not None and claims.test is None:
        facts["test"] = UNKNOWN
    if claims is not None:
        facts |= {"vaccinated": UNKNOWN, "doses_least": 0, "doses_most": 20}
    return facts


class _AsRecorded(HostRecognition):
    """Recognition as the entry tells it."""

    def __init__(self, mode: Mode | None) -> None:
        super().__init__(RecognitionMatrix(version="recorded"), None)
        self._mode = mode

    def recognise(
        self, claims: PassClaims, now: datetime, error: timedelta = timedelta(0)
    ) -> Recognition:
        """What was recorded."""
        del claims, now, error
        return Recognition(self._mode)


def _as_shown(
    entry: Entry, place: Place
) -> tuple[VerifiedPass | Rejection, Circumstances, HostRecognition]:
    """Code, circumstances and recognition, as far as the entry tells them."""
    found = set(entry.reasons)
    rejected = tuple(reason for reason in entry.reasons if reason in _OF_A_CODE)
    claims = _claims(entry)
    shown: VerifiedPass | Rejection
    if claims is None or rejected:
        shown = Rejection(rejected or (Reason.MALFORMED,), proven=claims)
    else:
        shown = VerifiedPass(claims, bytes(32), Evidence(claims.format, b"", Algorithm.EDDSA))

    def level(reason: Reason) -> Staleness:
        return Staleness.DEGRADED if reason in found else Staleness.FRESH

    circumstances = Circumstances(
        now=entry.at,
        keys=level(Reason.KEYS_STALE),
        issuer_keys=level(Reason.ISSUER_KEYS_STALE),
        revocation=level(Reason.REVOCATION_STALE),
        clock_is_sure=Reason.CLOCK_UNSURE not in found and not entry.clock_unsure,
        superseded=Reason.SUPERSEDED in found,
        place=place,
    )
    modes = {
        Reason.NOT_RECOGNISED: None,
        Reason.RECOGNITION_DENIED: Mode.NONE,
        Reason.SHOWN_ONLY: Mode.SHOW,
    }
    mode = next((modes[reason] for reason in entry.reasons if reason in modes), Mode.VERIFY)
    return shown, circumstances, _AsRecorded(mode)


def _claims(entry: Entry) -> PassClaims | None:
    if entry.kind is None or entry.issuer is None:
        return None
    found = set(entry.reasons)
    age_s = entry.code_age_s
    is_positive = Reason.TEST_POSITIVE in found
    return PassClaims(
        format=entry.format or HEALTH_CODE,
        kind=entry.kind,
        issuer=entry.issuer,
        colour=Colour.RED if Reason.COLOUR_RED in found else entry.colour,
        issued_at=None if age_s is None else entry.at - timedelta(seconds=age_s),
        division=entry.division,
        test=LaboratoryTest("", negative=False, sampled_at=None, reported_at=None)
        if is_positive
        else None,
        hard_line=Reason.HARD_LINE in found,
    )
