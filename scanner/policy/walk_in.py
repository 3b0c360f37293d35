"""From a person without a code to a verdict: never an ADMIT, which only a proven code can earn.

The guard's tap that says who came is the guard's decision, and waits for what the rules ask. Pure.
"""

from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Decision, Finding, Verdict
from scanner.domain.walk_ins import Attendee
from scanner.policy.rules import RuleSet
from scanner.policy.temperature import weigh_readings

_ONLY: frozenset[Reason] = frozenset({Reason.NO_CODE})


def evaluate_walk_in(
    attendee: Attendee, rules: RuleSet, readings_c: tuple[float, ...], policy_version: str
) -> Verdict:
    """What the machine has to say about somebody whom it cannot prove anything about.

    The worst comes first: that the number was refused here today, then the temperature, then that
    the guardian is not in, then that there is no code.

    Args:
        attendee: who it is to the guard.
        rules: of the site.
        readings_c: temperatures so far, in degrees Celsius, the newest last.
        policy_version: what the entry names as having decided.
    """
    admission = rules.walk_in.decision(attendee.kind)
    heat = weigh_readings(readings_c, rules, is_required=rules.walk_in.is_measured(attendee.kind))
    found: list[Finding] = []
    if attendee.refused_earlier:
        found.append(Finding(Reason.REFUSED_EARLIER, Decision.CHECK))
    found += heat.findings
    if not attendee.guardian_admitted:
        found.append(Finding(Reason.GUARDIAN_NOT_ADMITTED, Decision.CHECK))
    found.append(Finding(Reason.NO_CODE, admission))
    findings = tuple(sorted(found, key=lambda finding: -finding.decision.strictness))
    decision = findings[0].decision
    return Verdict(
        decision=decision,
        findings=findings,
        asks=() if decision is Decision.REFUSE else heat.asks,
        claims=None,
        policy_version=policy_version,
    )


def is_left_to_the_guard(verdict: Verdict) -> bool:
    """Whether nothing but the missing code speaks against this person: the guard's tap admits."""
    return (
        verdict.decision is Decision.CHECK
        and not verdict.asks
        and _ONLY.issuperset(verdict.reasons)
    )
