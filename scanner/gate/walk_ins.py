"""People without a code: what the guard says of them becomes a visit of its own.

The tap that says who came is the guard's decision to let them in, under the conditions that the
rules set. It is recorded as the guard's when these are met, and not before; whatever else is found
is left to a second, explicit decision.
"""

from dataclasses import replace

from msgspec import structs

from scanner.domain.entries import Entry
from scanner.domain.id_documents import DocumentNumber, read_number, read_registered
from scanner.domain.verdicts import GuardDecision
from scanner.domain.walk_ins import (
    DOCUMENTS,
    GUARD_REASONS,
    MAX_DEPENDANTS,
    NUMBERED,
    Attendee,
    PersonKind,
    VisitorDetails,
)
from scanner.gate.floor import Floor
from scanner.gate.guardhouse import Guardhouse
from scanner.gate.instant import Instant
from scanner.gate.messages import Decide, ErrorCode, Event, WalkIn
from scanner.gate.records import Moment, Subject, guard_entry, walk_in_entry
from scanner.gate.visits import Visit
from scanner.policy.asking import NOTHING_TOLD
from scanner.policy.walk_in import is_left_to_the_guard

_PARTY = frozenset({PersonKind.GUARDIAN, PersonKind.DEPENDANT})


class WalkIns:
    """Opens the visits of people without a code, and admits as the guard has said.

    Args:
        floor: where the visits are.
        guards: who is on duty.
    """

    def __init__(self, floor: Floor, guards: Guardhouse) -> None:
        self._floor = floor
        self._guards = guards

    def arrive(self, command: WalkIn, instant: Instant) -> list[Event] | ErrorCode:
        """Record and show who came; what is asked for is asked then."""
        if not _is_consistent(command):
            return ErrorCode.BAD_VALUE
        missing = self._guards.deciders(_decision(command.person), None, None, instant)
        if isinstance(missing, ErrorCode):
            return missing
        if command.person in _PARTY:
            return self._party(command, instant)
        subject, visitor = Subject(), command.visitor
        if command.person in NUMBERED:
            number = self._number(command, instant)
            if number is None:
                return ErrorCode.BAD_VALUE
            subject = self._floor.recorder.number_subject(number, instant)
        elif visitor is not None and not visitor.is_complete:
            return ErrorCode.BAD_VALUE
        elif visitor is not None and not self._floor.recorder.can_seal:
            return ErrorCode.CANNOT_SEAL
        attendee = Attendee(
            command.person,
            refused_earlier=self._floor.recorder.refused.has(subject.pseudonym),
        )
        visit = self._opened(attendee, instant, subject, visitor)
        return ErrorCode.CANNOT_RECORD if visit is None else [self._floor.show(visit, instant)]

    def with_guardian(self, visit: Visit) -> Visit:
        """The same visit with what has become of the guardian, if this is a dependant's."""
        attendee = visit.shown
        if not isinstance(attendee, Attendee) or attendee.party is None:
            return visit
        guardian = self._floor.visits.get(attendee.party)
        is_admitted = guardian is not None and guardian.is_admitted
        return replace(visit, shown=structs.replace(attendee, guardian_admitted=is_admitted))

    def admitted_as_told(self, visit: Visit, instant: Instant) -> Visit:
        """The same visit after the guard's decision, where nothing is left to wait for.

        Without an entry, or with nobody on duty any more, there is no decision: the visit then
        stays a CHECK.
        """
        attendee, seq = visit.shown, visit.seq
        if not isinstance(attendee, Attendee):
            return visit
        if visit.party is not None:
            self._floor.prolong(visit.party, instant)
        if visit.guard is not None or not is_left_to_the_guard(visit.verdict):
            return visit
        told = _decision(attendee.kind)
        deciders = self._guards.deciders(told, visit.verdict, None, instant)
        if isinstance(deciders, ErrorCode):
            return visit  # the shift has ended meanwhile
        decision = GuardDecision.ADMITTED_BY_GUARD

        def build(number: int, moment: Moment) -> Entry:
            return guard_entry(number, moment, seq, decision, told.reason, deciders)

        entry = self._guards.record(build, instant)
        return visit if entry is None else replace(visit, guard=decision)

    def _party(self, command: WalkIn, instant: Instant) -> list[Event] | ErrorCode:
        """A guardian with dependants, or the dependants of one who is in already."""
        count, leader = command.dependants, command.guardian
        first: Visit | None = None
        if leader is None:
            guardian = Attendee(PersonKind.GUARDIAN, dependants=count)
            first = self._opened(guardian, instant)
            if first is None:
                return ErrorCode.CANNOT_RECORD
            self._floor.visits.keep(first)
            leader = first.seq
        else:
            led_by = self._floor.visits.get(leader)
            if led_by is None:
                return ErrorCode.NO_SUCH_VISIT
            if not led_by.is_admitted:
                return ErrorCode.NOT_ALLOWED
        for place in range(1, count + 1):
            attendee = Attendee(PersonKind.DEPENDANT, party=leader, place=place, dependants=count)
            follower = self._opened(attendee, instant)
            if follower is None:
                self._give_up(first, leader, instant)
                return ErrorCode.CANNOT_RECORD
            self._floor.visits.keep(follower)
            first = first or follower
        return [] if first is None else [self._floor.show(first, instant)]

    def _give_up(self, guardian: Visit | None, leader: int, instant: Instant) -> None:
        """Half a party is none: they are told in again, all of them, once the ledger takes it."""
        if guardian is not None:
            self._floor.abandon(guardian, instant)
        self._floor.abandon_followers(leader, instant)

    def _opened(
        self,
        attendee: Attendee,
        instant: Instant,
        subject: Subject | None = None,
        visitor: VisitorDetails | None = None,
    ) -> Visit | None:
        verdict = self._floor.judge.verdict(attendee, instant)
        kept = subject or Subject()

        def build(seq: int, moment: Moment) -> Entry:
            sealed = self._floor.recorder.seal_visitor(visitor, seq) if visitor else None
            return walk_in_entry(
                seq, moment, attendee, verdict, structs.replace(kept, sealed=sealed)
            )

        entry = self._floor.record(build, instant)
        if entry is None:
            return None
        visit = Visit(
            seq=entry.seq,
            shown=attendee,
            verdict=verdict,
            opened_s=instant.mono_s,
            asking=self._floor.judge.ask(verdict, NOTHING_TOLD, instant),
        )
        return self.admitted_as_told(visit, instant)

    def _number(self, command: WalkIn, instant: Instant) -> DocumentNumber | None:
        """What was typed, if it can be such a number; the screen has said already what is wrong."""
        typed = command.number.text if command.number else ""
        kind = DOCUMENTS.get(command.person)
        if kind is None:
            read = read_registered(self._floor.judge.rules.walk_in.number_form, typed)
        else:
            read = read_number(kind, typed, instant.at.astimezone().date())
        return read if isinstance(read, DocumentNumber) else None


def _decision(person: PersonKind) -> Decide:
    """What the tap that says who came decides."""
    return Decide(command=0, admit=True, reason=GUARD_REASONS[person])


def _is_consistent(command: WalkIn) -> bool:
    """Whether the message carries what its kind of person has, and nothing else."""
    kind = command.person
    has_count = 1 <= command.dependants <= MAX_DEPENDANTS
    return (
        (command.number is not None) == (kind in NUMBERED)
        and (command.visitor is not None) == (kind is PersonKind.VISITOR)
        and (has_count if kind in _PARTY else command.dependants == 0)
        and (command.guardian is not None) == (kind is PersonKind.DEPENDANT)
    )
