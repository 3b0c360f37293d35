"""What a guard may decide beside the machine. The scanned verdict stays as it is; both are kept."""

from typing import Final

from scanner.domain.reasons import GuardReason, Reason
from scanner.domain.verdicts import Verdict

HARD: Final = frozenset({Reason.COLOUR_RED, Reason.HARD_LINE})


def may_decide(verdict: Verdict | None, *, admit: bool, reason: GuardReason) -> bool:
    """Whether a guard may admit or refuse for this reason.

    Args:
        verdict: the machine's; None for a person who shows no code.
        admit: True to admit, False to refuse. Refusing is always allowed.
        reason: red is admitted for a medical emergency only.
    """
    if not admit or verdict is None:
        return True
    return reason is GuardReason.EMERGENCY_MEDICAL or not HARD.intersection(verdict.reasons)
