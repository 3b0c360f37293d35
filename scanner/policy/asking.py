"""What a verdict still asks, and what was told so far: a small state machine. Pure.

    ASKING ──answer──► judged anew ──► nothing asked: SETTLED
      ▲ │                  └─ a reading is high and may be repeated: COOLING ──time──► ASKING
      │ └──nobody answers──► OVER: the visit is recorded as abandoned
      └────── another answer is still missing ─────┘

The verdict says what is asked; this says which answer is taken when, what it adds to what is known
of the person, and when nobody will answer any more.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from scanner.domain.verdicts import Ask
from scanner.policy.rules import TemperatureRules

MEASURABLE_C: Final = (20.0, 45.0)
"""What a thermometer for people can show at all; anything else was typed wrongly."""


class Answer(Struct, frozen=True):
    """What guard or thermometer tells.

    Attributes:
        ask: the question that it answers.
        celsius: the reading, where that is the question.
    """

    ask: Ask
    celsius: float | None = None


class Reading(Struct, frozen=True):
    """One temperature, and when it was taken (aware UTC)."""

    celsius: float
    at: datetime


class Told(Struct, frozen=True):
    """Everything that was answered about one person so far.

    Attributes:
        readings: the newest last.
        id_compared: name and document are this person's.
        document_seen: the guard saw the document that the rules want.
        second_guard: a second person with authority agreed.
    """

    readings: tuple[Reading, ...] = ()
    id_compared: bool = False
    document_seen: bool = False
    second_guard: bool = False

    @property
    def readings_c(self) -> tuple[float, ...]:
        """The temperatures alone, in degrees Celsius."""
        return tuple(reading.celsius for reading in self.readings)

    def settles(self, ask: Ask) -> bool:
        """Whether this question is answered; a temperature settles nothing by being told."""
        match ask:
            case Ask.TEMPERATURE:
                return False
            case Ask.ID_COMPARE:
                return self.id_compared
            case Ask.DOCUMENT:
                return self.document_seen
            case Ask.SECOND_GUARD:
                return self.second_guard

    def after(self, answer: Answer, now: datetime) -> "Told":
        """With one more answer."""
        match answer.ask:
            case Ask.TEMPERATURE:
                if answer.celsius is None:
                    return self
                reading = Reading(round(answer.celsius, 1), now)
                return replace(self, readings=(*self.readings, reading))
            case Ask.ID_COMPARE:
                return replace(self, id_compared=True)
            case Ask.DOCUMENT:
                return replace(self, document_seen=True)
            case Ask.SECOND_GUARD:
                return replace(self, second_guard=True)


NOTHING_TOLD: Final = Told()


class NotTaken(StrEnum):
    """Why an answer changes nothing."""

    NOT_ASKED = "not_asked"
    TOO_SOON = "too_soon"
    BAD_VALUE = "bad_value"


class Phase(StrEnum):
    """Where the questions of a visit stand."""

    SETTLED = "settled"
    ASKING = "asking"
    COOLING = "cooling"
    OVER = "over"


class Asking(Struct, frozen=True):
    """The open questions of one visit.

    Attributes:
        asks: what the verdict wants to know; empty once nothing is open.
        put_s: monotonic seconds when these questions were put: each answer puts the rest anew.
        told: what is known.
        measure_from: no reading counts before; None where one may come at once.
    """

    put_s: float
    asks: tuple[Ask, ...] = ()
    told: Told = NOTHING_TOLD
    measure_from: datetime | None = None

    def take(self, answer: Answer, now: datetime) -> Told | NotTaken:
        """What is known with this answer, or why it is not taken.

        A reading that comes while the person cools down is not taken, so that it can neither admit
        nor use up the re-measurement.
        """
        if answer.ask not in self.asks:
            return NotTaken.NOT_ASKED
        if answer.ask is Ask.TEMPERATURE:
            low, high = MEASURABLE_C
            if answer.celsius is None or not low <= answer.celsius <= high:
                return NotTaken.BAD_VALUE
            if self.cooling(now):
                return NotTaken.TOO_SOON
        return self.told.after(answer, now)

    def cooling(self, now: datetime) -> timedelta:
        """How long no reading counts yet; zero where one does."""
        if self.measure_from is None or Ask.TEMPERATURE not in self.asks:
            return timedelta(0)
        return max(self.measure_from - now, timedelta(0))

    def phase(self, now: datetime, mono_s: float, patience_s: float) -> Phase:
        """Where the questions stand.

        Args:
            now: aware UTC.
            mono_s: the same moment in monotonic seconds.
            patience_s: how long an answer is waited for; the time to cool down comes on top.
        """
        if not self.asks:
            return Phase.SETTLED
        if self.cooling(now):
            return Phase.COOLING
        waited_s = mono_s - self.put_s
        if self.measure_from is not None:
            waited_s = min(waited_s, (now - self.measure_from).total_seconds())
        return Phase.OVER if waited_s >= patience_s else Phase.ASKING


def ask(asks: tuple[Ask, ...], told: Told, limits: TemperatureRules, mono_s: float) -> Asking:
    """Put a verdict's questions.

    Args:
        asks: of the verdict.
        told: what was answered before.
        limits: of the site, for what a high reading is and how long it cools down.
        mono_s: monotonic seconds now.
    """
    cools = timedelta(seconds=limits.cool_down_s)
    newest = told.readings[-1] if told.readings else None
    is_warm = newest is not None and limits.is_high(newest.celsius)
    return Asking(
        put_s=mono_s,
        asks=asks,
        told=told,
        measure_from=newest.at + cools if newest is not None and is_warm and cools else None,
    )
