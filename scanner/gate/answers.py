"""What a visit asked for, and was told: the answer is durable before it counts."""

from dataclasses import replace
from typing import Final

from scanner.domain.entries import Entry
from scanner.domain.verdicts import Ask
from scanner.gate.floor import Floor
from scanner.gate.instant import Instant
from scanner.gate.messages import ErrorCode, Event
from scanner.gate.records import Answer, Moment, answer_entry

_MEASURABLE_C: Final = (20.0, 45.0)


class Answers:
    """Takes what guard and thermometer tell about an open visit.

    Args:
        floor: where the visits are.
    """

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def temperature(self, seq: int, celsius: float, instant: Instant) -> list[Event] | ErrorCode:
        """This person's temperature, in degrees Celsius."""
        if not _MEASURABLE_C[0] <= celsius <= _MEASURABLE_C[1]:
            return ErrorCode.BAD_VALUE
        answer = Answer(temperature_c=round(celsius, 1))
        return self._answered(seq, Ask.TEMPERATURE, answer, instant)

    def identity(self, seq: int, instant: Instant) -> list[Event] | ErrorCode:
        """Name and document were compared, and are this person's."""
        return self._answered(seq, Ask.ID_COMPARE, Answer(id_compared=True), instant)

    def _answered(
        self, seq: int, asked: Ask, answer: Answer, instant: Instant
    ) -> list[Event] | ErrorCode:
        visit = self._floor.visits.get(seq)
        if visit is None:
            return ErrorCode.NO_SUCH_VISIT
        # Another question may keep a visit open: nobody is measured until a reading fits.
        if not visit.is_pending or asked not in visit.verdict.asks:
            return ErrorCode.NOT_ASKED
        reading = () if answer.temperature_c is None else (answer.temperature_c,)
        visit = replace(
            visit,
            readings_c=(*visit.readings_c, *reading),
            id_compared=visit.id_compared or answer.id_compared,
        )
        judge = self._floor.judge
        verdict = judge.verdict(
            visit.shown, instant, visit.readings_c, id_compared=visit.id_compared
        )

        def build(number: int, moment: Moment) -> Entry:
            trust = judge.trust_state(instant.at)
            return answer_entry(number, moment, seq, verdict, answer, trust)

        if self._floor.record(build, instant) is None:
            return ErrorCode.CANNOT_RECORD
        return [self._floor.show(replace(visit, verdict=verdict), instant)]
