"""What a visit asked for, and was told: the answer is durable before it counts."""

from dataclasses import replace

from scanner.domain.entries import Entry
from scanner.gate.floor import Floor
from scanner.gate.instant import Instant
from scanner.gate.messages import ErrorCode, Event
from scanner.gate.records import Moment, answer_entry
from scanner.gate.walk_ins import WalkIns
from scanner.policy.asking import Answer, NotTaken


class Answers:
    """Takes what guard and thermometer tell about an open visit.

    Args:
        floor: where the visits are.
        walk_ins: knows what an answer leads to where there is no code.
    """

    def __init__(self, floor: Floor, walk_ins: WalkIns) -> None:
        self._floor = floor
        self._walk_ins = walk_ins

    def take(self, seq: int, answer: Answer, instant: Instant) -> list[Event] | ErrorCode:
        """One answer for the visit that began with entry `seq`."""
        floor, judge = self._floor, self._floor.judge
        visit = floor.visits.get(seq)
        if visit is None:
            return ErrorCode.NO_SUCH_VISIT
        if not visit.is_pending:
            return ErrorCode.NOT_ASKED
        told = visit.asking.take(answer, instant.at)
        if isinstance(told, NotTaken):
            return ErrorCode(told.value)
        visit = self._walk_ins.with_guardian(visit)
        verdict = judge.verdict(visit.shown, instant, told, seq)

        def build(number: int, moment: Moment) -> Entry:
            trust = judge.trust_state(instant.at)
            return answer_entry(number, moment, seq, verdict, answer, trust)

        if floor.record(build, instant) is None:
            return ErrorCode.CANNOT_RECORD
        asking = judge.ask(verdict, told, instant)
        visit = replace(visit, verdict=verdict, asking=asking)
        return [floor.show(self._walk_ins.admitted_as_told(visit, instant), instant)]
