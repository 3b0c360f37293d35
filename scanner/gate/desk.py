"""What the guard decides beside the machine, takes back, and closes."""

from dataclasses import replace
from functools import partial
from typing import Final

from scanner.domain.direction import Direction
from scanner.domain.entries import Entry
from scanner.domain.reasons import GuardReason
from scanner.domain.verdicts import Decision, GuardDecision, Verdict
from scanner.gate.floor import Floor
from scanner.gate.guard_book import Decided, up_s
from scanner.gate.guardhouse import CheckedPin, Guardhouse
from scanner.gate.instant import Instant
from scanner.gate.messages import Decide, ErrorCode, Event
from scanner.gate.records import Moment, guard_entry, occupancy_entry, undo_entry
from scanner.gate.visits import Visit
from scanner.policy.override import authority, may_decide

MOST_INSIDE: Final = 1_000_000


class Desk:
    """Carries out a guard's decisions.

    Args:
        floor: where the visits are.
        guards: who may decide.
    """

    def __init__(self, floor: Floor, guards: Guardhouse) -> None:
        self._floor = floor
        self._guards = guards

    def decide(
        self, command: Decide, checked: CheckedPin | None, instant: Instant
    ) -> list[Event] | ErrorCode:
        """Admit or refuse the person of a visit, or one without a code.

        Args:
            command: the decision.
            checked: what came of the second person's PIN, where one is in it.
            instant: now.
        """
        floor = self._floor
        visit = None if command.visit is None else floor.visits.get(command.visit)
        if command.visit is not None and visit is None:
            return ErrorCode.NO_SUCH_VISIT
        verdicts = self._verdicts(visit, instant)
        if not all(may_decide(v, admit=command.admit, reason=command.reason) for v in verdicts):
            return ErrorCode.NOT_ALLOWED
        note = command.note.strip()
        if not note and command.reason is GuardReason.OTHER:
            return ErrorCode.NOTE_NEEDED
        if not note.isprintable():
            return ErrorCode.BAD_VALUE
        verdict = max(verdicts, key=lambda v: authority(v, admit=command.admit).rank)
        deciders = self._guards.deciders(command, verdict, checked, instant)
        if isinstance(deciders, ErrorCode):
            return deciders
        decision = _guard_decision(command.admit)

        def build(seq: int, moment: Moment) -> Entry:
            sealed = floor.recorder.sealed_note(note, seq) if note else None
            return guard_entry(
                seq, moment, command.visit, decision, command.reason, deciders, sealed
            )

        if self._guards.record(build, instant) is None:
            return ErrorCode.CANNOT_RECORD
        if visit is None:
            return []
        if not command.admit:
            floor.abandon_followers(visit.seq, instant)
        return [floor.show(replace(visit, guard=decision), instant)]

    def _verdicts(self, visit: Visit | None, instant: Instant) -> list[Verdict | None]:
        """What a decision is beside: the verdict that the guard sees, and that of now.

        Rules may have come meanwhile, and time went by. Whom the machine has admitted has passed.
        """
        if visit is None:
            return [None]
        if visit.guard is not None or visit.verdict.decision is Decision.ADMIT:
            return [visit.verdict]
        told = visit.asking.told
        return [visit.verdict, self._floor.judge.verdict(visit.shown, instant, told, visit.seq)]

    def turn(self, direction: Direction) -> list[Event] | ErrorCode:
        """From now on people go this way."""
        doorway = self._floor.judge.doorway
        is_turned = doorway is not None and doorway.turn(direction)
        return [] if is_turned else ErrorCode.NOT_ALLOWED

    def count_inside(self, number: int, instant: Instant) -> list[Event] | ErrorCode:
        """The guard knows how many people are inside: with that a full site is none any more."""
        if self._guards.is_login_needed and self._guards.book.session is None:
            return ErrorCode.LOGIN_NEEDED
        if self._floor.judge.doorway is None:
            return ErrorCode.NOT_ALLOWED
        if not 0 <= number <= MOST_INSIDE:
            return ErrorCode.BAD_VALUE

        def build(seq: int, moment: Moment) -> Entry:
            return occupancy_entry(seq, moment, number)

        recorded = self._floor.record(build, instant)
        return ErrorCode.CANNOT_RECORD if recorded is None else []

    def undo(self, seq: int, instant: Instant) -> list[Event] | Decided | ErrorCode:
        """Take the guard's decision in entry `seq` back: a new entry says so, both stay.

        Returns:
            The events, or the decision that was taken back where its visit is no longer here.
        """
        decided = self._guards.book.decided(seq)
        if decided is None or not decided.seconds_left(up_s(instant)):
            return ErrorCode.TOO_LATE
        if not self._guards.book.is_newest_of_its_visit(decided):
            return ErrorCode.NOT_ALLOWED
        undoer = self._guards.undoer(decided)
        if isinstance(undoer, ErrorCode):
            return undoer
        build = partial(undo_entry, completes=decided.visit, undoes=seq, by=undoer.by)
        if self._guards.record(build, instant) is None:
            return ErrorCode.CANNOT_RECORD
        floor = self._floor
        visit = None if decided.visit is None else floor.visits.get(decided.visit)
        if visit is None:
            return decided
        asking = floor.judge.ask(visit.verdict, visit.asking.told, instant)
        undone = replace(
            visit, guard=decided.before, asking=asking, opened_s=instant.mono_s, text=None
        )
        if floor.on_screen is not None and not floor.shows(visit.seq):
            floor.visits.keep(undone)  # another person's verdict stays until its own time is over
            return []
        return [floor.show(undone, instant)]

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
