"""What a guard may decide beside the machine. The scanned verdict stays as it is; both are kept."""

from collections.abc import Mapping
from typing import Final

from scanner.domain.reasons import GuardReason, Reason
from scanner.domain.verdicts import Verdict

_EMERGENCY: Final = frozenset({GuardReason.EMERGENCY_MEDICAL})
_UNMEASURED: Final = _EMERGENCY | {GuardReason.SYSTEM_OUTAGE}

ADMISSIBLE: Final[Mapping[Reason, frozenset[GuardReason]]] = {
    Reason.COLOUR_RED: _EMERGENCY,
    Reason.HARD_LINE: _EMERGENCY,
    # A temperature is mandatory for these passes: only a broken thermometer or an emergency
    # stands in for it.
    Reason.TEMPERATURE_NEEDED: _UNMEASURED,
    Reason.TEMPERATURE_IMPLAUSIBLE: _UNMEASURED,
}
"""The reasons of a verdict beside which a guard admits for the named reasons only."""


def may_decide(verdict: Verdict | None, *, admit: bool, reason: GuardReason) -> bool:
    """Whether a guard may admit or refuse for this reason.

    Args:
        verdict: the machine's; None for a person who shows no code.
        admit: True to admit, False to refuse. Refusing is always allowed.
        reason: the guard's.
    """
    if not admit or verdict is None:
        return True
    return all(reason in ADMISSIBLE.get(found, {reason}) for found in verdict.reasons)
