"""What the guard decides beside the machine, and what the guard closes."""

from dataclasses import replace

from scanner.domain.entries import Entry
from scanner.domain.verdicts import GuardDecision
from scanner.gate.floor import Floor
from scanner.gate.instant import Instant
from scanner.gate.messages import Decide, ErrorCode, Event
from scanner.gate.records import Moment, guard_entry
from scanner.policy.override import may_decide


class Desk:
    """Carries out a guard's decisions.

    Args:
        floor: where the visits are.
    """

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def decide(self, command: Decide, instant: Instant) -> list[Event] | ErrorCode:
        """Admit or refuse the person of a visit, or one without a code."""
        floor = self._floor
        visit = None if command.visit is None else floor.visits.get(command.visit)
        if command.visit is not None and visit is None:
            return ErrorCode.NO_SUCH_VISIT
        verdict = visit.verdict if visit else None
        if not may_decide(verdict, admit=command.admit, reason=command.reason):
            return ErrorCode.NOT_ALLOWED
        decision = _guard_decision(command.admit)

        def build(seq: int, moment: Moment) -> Entry:
            return guard_entry(seq, moment, command.visit, decision, command.reason)

        if floor.record(build, instant) is None:
            return ErrorCode.CANNOT_RECORD
        if visit is None:
            return []
        if not command.admit:
            floor.abandon_followers(visit.seq, instant)
        return [floor.show(replace(visit, guard=decision), instant)]

    def dismiss(self, seq: int, instant: Instant) -> list[Event] | ErrorCode:
        """Close a verdict; a question that it asks counts as abandoned."""
        floor = self._floor
        visit = floor.visits.get(seq)
        if visit is not None and visit.is_pending:
            floor.abandon(visit, instant)
        elif visit is None and not floor.shows(seq):
            return ErrorCode.NO_SUCH_VISIT
        if floor.on_screen is not None and not floor.shows(seq):
            return []  # another person's verdict stays until its own time is over
        return [floor.next_screen(instant)]


def _guard_decision(admit: bool) -> GuardDecision:
    return GuardDecision.ADMITTED_BY_GUARD if admit else GuardDecision.REFUSED_BY_GUARD
