"""What a person's temperatures lead to, with a code or without one. Pure."""

from msgspec import Struct

from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Ask, Decision, Finding
from scanner.policy.rules import RuleSet


class Heat(Struct, frozen=True):
    """What was found, and what would settle it."""

    findings: tuple[Finding, ...] = ()
    asks: tuple[Ask, ...] = ()


def weigh_readings(readings_c: tuple[float, ...], rules: RuleSet, *, is_required: bool) -> Heat:
    """Implausible readings never count: they neither admit nor use up a re-measurement.

    Args:
        readings_c: in degrees Celsius, the newest last.
        rules: of the site.
        is_required: this person is admitted after a reading only.
    """
    limits = rules.temperature
    if not readings_c:
        return _ask(Reason.TEMPERATURE_NEEDED) if is_required else Heat()
    is_plausible = limits.is_plausible(readings_c[-1])
    unlikely = Heat() if is_plausible else _ask(Reason.TEMPERATURE_IMPLAUSIBLE)
    if not limits.is_high(readings_c[-1]):
        return unlikely
    # Where layers leave nothing between the limits, a reading may be both: it is never excused.
    high = sum(map(limits.is_high, readings_c))
    if high <= limits.remeasure:
        return _both(unlikely, _ask(Reason.TEMPERATURE_HIGH))
    decision = rules.results.decision(Reason.TEMPERATURE_HIGH)
    return _both(unlikely, Heat((Finding(Reason.TEMPERATURE_HIGH, decision),)))


def _both(one: Heat, other: Heat) -> Heat:
    return Heat(one.findings + other.findings, tuple(dict.fromkeys(one.asks + other.asks)))


def _ask(reason: Reason) -> Heat:
    return Heat((Finding(reason, Decision.CHECK),), (Ask.TEMPERATURE,))
