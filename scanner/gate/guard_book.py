"""Who is on duty, what may still be undone, and who was wrong about a PIN: read off the ledger.

All of it follows from entries, live and after a restart alike, so that pulling the plug ends a
shift and shortens no lock. Pure: moments come with the entries or as arguments.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from scanner.domain.entries import Entry, EntryType
from scanner.domain.guards import LoginFailure, LoginWay, Person, ShiftChange
from scanner.domain.reasons import GuardReason
from scanner.domain.verdicts import GuardDecision
from scanner.gate.instant import Instant
from scanner.policy.lockout import LockOut

UNDO: Final = timedelta(seconds=30)
RECALL: Final = timedelta(hours=25)
"""How far back the ledger is read at a start: a lock is forgotten after a day."""

_KEPT_DECISIONS: Final = 100


class Session(Struct, frozen=True):
    """Somebody on duty.

    Attributes:
        way: how he logged in; a badge can be photographed.
        boot: the kernel's boot id at his last act at the kiosk.
        acted_s: seconds since that boot of this act.
    """

    person: Person
    way: LoginWay
    boot: str
    acted_s: float


class Decided(Struct, frozen=True):
    """A guard's decision that may perhaps be undone.

    Attributes:
        seq: its entry.
        visit: the scan's entry; None for a person without a code.
        before: what a guard had decided about this visit until then.
        at_s: seconds since boot.
    """

    seq: int
    visit: int | None
    decision: GuardDecision
    reason: GuardReason
    by: str | None
    before: GuardDecision | None
    at_s: float

    def seconds_left(self, now_s: float) -> float:
        """For how long it may still be undone; 0 when it may not."""
        return max(0.0, UNDO.total_seconds() - max(0.0, now_s - self.at_s))


class GuardBook:
    """What the entries so far say about the guards of one kiosk."""

    def __init__(self) -> None:
        self.session: Session | None = None
        self.lock_out = LockOut()
        self._decided: dict[int, Decided] = {}

    def recall(self, entries: Iterable[Entry], instant: Instant) -> None:
        """Take up what the ledger says at a start.

        Args:
            entries: of the last `RECALL`, the oldest first.
            instant: now. Decisions of another boot can no longer be undone, and shifts of it are
                over; failures of it count from when they were, or from now where no clock is sure.
        """
        now_s = up_s(instant)
        for entry in entries:
            if entry.boot == instant.boot:
                self.note(entry)
                continue
            is_sure = instant.is_sure and not entry.clock_unsure
            ago = instant.at - entry.at if is_sure else timedelta(0)
            self._note(entry, now_s - max(0.0, ago.total_seconds()))
            self._decided.clear()

    def note(self, entry: Entry) -> None:
        """Take one entry of this boot into account; entries come in the order of the ledger."""
        self._note(entry, entry.mono_ms / 1000)

    def touch(self, instant: Instant) -> None:
        """Whoever is on duty did something at the kiosk."""
        if self.session is not None:
            self.session = replace(self.session, acted_s=up_s(instant))

    def last(self, instant: Instant) -> Decided | None:
        """The newest decision that can still be undone."""
        now_s = up_s(instant)
        newest = next(reversed(self._decided.values()), None)
        return newest if newest is not None and newest.seconds_left(now_s) else None

    def decided(self, seq: int) -> Decided | None:
        """The guard's decision in that entry, unless it is undone or long ago."""
        return self._decided.get(seq)

    def is_newest_of_its_visit(self, decided: Decided) -> bool:
        """Whether no later decision about the same person stands on it."""
        return decided.visit is None or self._newest_of(decided.visit) == decided

    def _note(self, entry: Entry, at_s: float) -> None:
        match entry.type:
            case EntryType.SHIFT:
                self._note_shift(entry, at_s)
            case EntryType.LOGIN:
                if entry.login_failure is LoginFailure.WRONG_PIN:
                    self.lock_out.failed(entry.by, at_s)
            case EntryType.GUARD:
                self._note_decision(entry, at_s)
            case EntryType.UNDO:
                self._decided.pop(entry.undoes or 0, None)
                self._note_act(entry, at_s)

    def _note_shift(self, entry: Entry, at_s: float) -> None:
        if entry.by is None or entry.role is None or entry.shift is not ShiftChange.STARTED:
            self.session = None
            return
        way = entry.login_way or LoginWay.BADGE
        if way is LoginWay.PIN:
            self.lock_out.succeeded(entry.by)
        self.session = Session(Person(entry.by, entry.role), way, entry.boot, at_s)

    def _note_decision(self, entry: Entry, at_s: float) -> None:
        if entry.second is not None:
            self.lock_out.succeeded(entry.second)
        self._note_act(entry, at_s)
        if entry.guard is None or entry.guard_reason is None:
            return
        newest = None if entry.completes is None else self._newest_of(entry.completes)
        self._decided[entry.seq] = Decided(
            seq=entry.seq,
            visit=entry.completes,
            decision=entry.guard,
            reason=entry.guard_reason,
            by=entry.by,
            before=newest.decision if newest else None,
            at_s=at_s,
        )
        if len(self._decided) > _KEPT_DECISIONS:
            del self._decided[next(iter(self._decided))]

    def _note_act(self, entry: Entry, at_s: float) -> None:
        """Who acts is on duty, also where his login lies further back than was read."""
        if entry.by is None or entry.role is None:
            return
        person = Person(entry.by, entry.role)
        known = self.session
        way = known.way if known is not None and known.person == person else LoginWay.BADGE
        self.session = Session(person, way, entry.boot, at_s)

    def _newest_of(self, visit: int) -> Decided | None:
        of_visit = (one for one in reversed(self._decided.values()) if one.visit == visit)
        return next(of_visit, None)


def up_s(instant: Instant) -> float:
    """Seconds since boot, as entries carry them: nobody can set them."""
    return instant.moment.mono_ms / 1000
