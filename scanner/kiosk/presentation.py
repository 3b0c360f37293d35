"""What a verdict looks like: the decision drives the picture, the worst reason its words.

A yellow code is one of many reasons for CHECK; a green code that has expired must not look like
it. Words are named here and written in `locale/`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from scanner.domain.passes import Colour
from scanner.domain.reasons import GuardReason, Reason
from scanner.domain.verdicts import Ask, Decision, GuardDecision
from scanner.domain.walk_ins import PersonKind
from scanner.gate.messages import VerdictShown
from scanner.kiosk.palette import Tone


class Shape(StrEnum):
    """The outline tells the decision without any colour; the thermometer tells what to do."""

    TICK_IN_DISC = "tick_in_disc"
    BANG_IN_TRIANGLE = "bang_in_triangle"
    THERMOMETER_IN_TRIANGLE = "thermometer_in_triangle"
    CROSS_IN_OCTAGON = "cross_in_octagon"
    BANG_IN_SQUARE = "bang_in_square"


@dataclass(frozen=True, slots=True)
class Presentation:
    """A screen at a glance.

    Attributes:
        word: key of the one word under the shape.
        title: key of the largest line.
        advice: key of the line below: what happens next.
    """

    tone: Tone
    shape: Shape
    word: str
    title: str
    advice: str


TONES: Final = {
    Decision.ADMIT: Tone.ADMIT,
    Decision.CHECK: Tone.CHECK,
    Decision.REFUSE: Tone.REFUSE,
}
_SHAPES: Final = {
    Tone.ADMIT: Shape.TICK_IN_DISC,
    Tone.CHECK: Shape.BANG_IN_TRIANGLE,
    Tone.REFUSE: Shape.CROSS_IN_OCTAGON,
    Tone.FAULT: Shape.BANG_IN_SQUARE,
}
HOLDER_CAN_MEND: Final = frozenset(
    {
        Reason.NOT_A_HEALTH_CODE,
        Reason.MALFORMED,
        Reason.EXPIRED,
        Reason.CODE_TOO_OLD,
        Reason.HOLDER_UNPROVEN,
        Reason.SCREENSHOT,
        Reason.SUPERSEDED,
        Reason.TEMPERATURE_NEEDED,
        Reason.TEMPERATURE_HIGH,
        Reason.TEMPERATURE_IMPLAUSIBLE,
    }
)
"""Reasons with an advice of their own; with every other one the decision's advice is right."""

ADMITTING: Final = (
    GuardReason.ELDER_WITHOUT_PHONE,
    GuardReason.CHILD_WITH_GUARDIAN,
    GuardReason.PAPER_PASS,
    GuardReason.ID_REGISTERED,
    GuardReason.EMERGENCY_MEDICAL,
    GuardReason.STAFF_ON_DUTY,
    GuardReason.TEMPERATURE_REMEASURED,
    GuardReason.RESIDENT_WITHOUT_TEST,
    GuardReason.SYSTEM_OUTAGE,
    GuardReason.OTHER,
)
REFUSING: Final = (
    GuardReason.ID_MISMATCH,
    GuardReason.TEMPERATURE_CONFIRMED,
    GuardReason.SYSTEM_OUTAGE,
    GuardReason.OTHER,
)
"""What a guard can name when sending someone away."""


_OF_A_PARTY: Final = frozenset({PersonKind.GUARDIAN, PersonKind.DEPENDANT})


def present(verdict: VerdictShown) -> Presentation:
    """The picture of a verdict.

    What could not be recorded is never shown as admitted. A guard's decision shows in its own
    words; the machine's stays beside it.
    """
    if not verdict.recorded:
        return _keyed(Tone.FAULT, "fault", "fault.unrecorded", "fault.unrecorded")
    if verdict.guard is not None:
        admitted = verdict.guard is GuardDecision.ADMITTED_BY_GUARD
        tone = Tone.ADMIT if admitted else Tone.REFUSE
        key = f"guard.{verdict.guard.value}"
        return _keyed(tone, tone.value, key, key)
    tone = TONES[verdict.decision]
    decision = f"decision.{verdict.decision.value}"
    if verdict.decision is Decision.ADMIT:
        key = "green" if verdict.colour is Colour.GREEN else decision
        return _keyed(tone, tone.value, key, decision)
    if not verdict.reasons:
        return _keyed(tone, tone.value, decision, decision)
    worst = verdict.reasons[0]
    if worst is Reason.NOT_A_HEALTH_CODE and verdict.foreign is not None:
        return _keyed(tone, tone.value, f"foreign.{verdict.foreign.value}", "foreign")
    reason = f"headline.{worst.value}"
    advice = reason if worst in HOLDER_CAN_MEND else decision
    shown = _keyed(tone, tone.value, reason, advice)
    if tone is Tone.CHECK and wants_temperature(verdict):
        return Presentation(
            tone, Shape.THERMOMETER_IN_TRIANGLE, shown.word, shown.title, shown.advice
        )
    return shown


def wants_temperature(verdict: VerdictShown) -> bool:
    """Whether the keypad belongs on the screen."""
    return verdict.recorded and not verdict.final and Ask.TEMPERATURE in verdict.asks


def wants_identity(verdict: VerdictShown) -> bool:
    """Whether the guard is asked to compare name and document."""
    return verdict.recorded and not verdict.final and Ask.ID_COMPARE in verdict.asks


def wants_document(verdict: VerdictShown) -> bool:
    """Whether the guard is asked to look at a document."""
    return verdict.recorded and not verdict.final and Ask.DOCUMENT in verdict.asks


def leads_a_party(verdict: VerdictShown) -> bool:
    """Whether others may come along with this person, who is in."""
    if not verdict.recorded or not verdict.final or verdict.person in _OF_A_PARTY:
        return False
    if verdict.guard is not None:
        return verdict.guard is GuardDecision.ADMITTED_BY_GUARD
    return verdict.decision is Decision.ADMIT


def _keyed(tone: Tone, word: str, title: str, advice: str) -> Presentation:
    return Presentation(tone, _SHAPES[tone], f"word.{word}", f"{title}.title", f"{advice}.advice")
