"""What a guard may decide beside the machine. The scanned verdict stays as it is; both are kept."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from scanner.domain.guards import Authority, Person, Role
from scanner.domain.reasons import GuardReason, Reason
from scanner.domain.verdicts import Ask, Decision, Verdict
from scanner.domain.walk_ins import MEASURED

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

RED: Final = frozenset({Reason.COLOUR_RED, Reason.HARD_LINE})
STALE: Final = frozenset({Reason.KEYS_STALE, Reason.ISSUER_KEYS_STALE, Reason.REVOCATION_STALE})


def may_decide(verdict: Verdict | None, *, admit: bool, reason: GuardReason) -> bool:
    """Whether a guard may admit or refuse for this reason.

    Args:
        verdict: the machine's; None for a person who shows no code and of whom nothing was told:
            whoever has to be measured is told in first.
        admit: True to admit, False to refuse. Refusing is always allowed.
        reason: the guard's.
    """
    if not admit:
        return True
    if verdict is None:
        return reason not in MEASURED
    return all(reason in ADMISSIBLE.get(found, {reason}) for found in verdict.reasons)


def authority(verdict: Verdict | None, *, admit: bool) -> Authority:
    """Who it takes to decide so, where guards have names; the strictest of all findings.

    Refusing, and admitting somebody without a code, is any guard's. Red, what the site leaves to a
    supervisor while keys are stale, and what it stops then, need a supervisor; whatever else the
    machine refuses needs a second person.
    """
    if not admit or verdict is None:
        return Authority.GUARD
    refused = {found.reason for found in verdict.findings if found.decision is Decision.REFUSE}
    if (
        not RED.isdisjoint(verdict.reasons)
        or not STALE.isdisjoint(refused)
        or Ask.SECOND_GUARD in (*verdict.asks, *verdict.unasked)
    ):
        return Authority.SUPERVISOR
    if refused or verdict.decision is Decision.REFUSE:
        return Authority.SECOND_PERSON
    return Authority.GUARD


class Lack(StrEnum):
    """Who is missing for a decision."""

    LOGIN = "login"
    SECOND_PERSON = "second_person"
    SUPERVISOR = "supervisor"


def lacking(needed: Authority, on_duty: Person | None, second: Person | None) -> Lack | None:
    """Who is missing; None when nobody is.

    Args:
        needed: as `authority` says.
        on_duty: the guard at the kiosk.
        second: who has proven by PIN, for this decision, that he is there, too. Nobody is his own
            second person.
    """
    if on_duty is None:
        return Lack.LOGIN
    if needed is Authority.GUARD:
        return None
    is_another = second is not None and second.guard != on_duty.guard
    if needed is Authority.SUPERVISOR:
        is_supervisor = second is not None and second.role is Role.SUPERVISOR
        return None if is_another and is_supervisor else Lack.SUPERVISOR
    return None if is_another else Lack.SECOND_PERSON
