"""Logins, shifts, and who stands for a decision.

A PIN takes a tenth of a second to compare on a Pi, too long for the loop that reads codes. So a
command with a PIN is taken in two steps: `pin_to_check` says what is to be compared with what,
somebody else does it (`scanner.gate.pin_checks`), and the command comes back with the answer. What
was true in the first step is looked at anew in the second.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Struct

from scanner.domain.entries import Entry
from scanner.domain.guards import LoginFailure, LoginWay, Person, Role, ShiftChange
from scanner.domain.verdicts import Verdict
from scanner.formats.guard_badge import Badge, BadgeFault, read_badge
from scanner.gate.guard_book import Decided, GuardBook, up_s
from scanner.gate.guard_messages import BadgeResult, Login, SecondPerson
from scanner.gate.instant import Instant
from scanner.gate.messages import Command, Decide, ErrorCode
from scanner.gate.recorder import Recorder
from scanner.gate.records import ANONYMOUS, Deciders, Moment, login_entry, shift_entry
from scanner.gate.status import GuardStatus, UndoOffer
from scanner.guards.roster import Roster, RosterGuard
from scanner.policy.override import Lack, authority, lacking

_LACKS = {
    Lack.LOGIN: ErrorCode.LOGIN_NEEDED,
    Lack.SECOND_PERSON: ErrorCode.SECOND_PERSON_NEEDED,
    Lack.SUPERVISOR: ErrorCode.SUPERVISOR_NEEDED,
}


class GuardRules(Struct, frozen=True):
    """What a site wants of its guards.

    Attributes:
        is_required: nobody overrides without a login, also while there is no roster.
        idle: a shift ends by itself so long after its guard's last act.
    """

    is_required: bool = False
    idle: timedelta = timedelta(hours=4)


NO_WISHES: Final = GuardRules()


class PinToCheck(Struct, frozen=True):
    """A PIN, and what it is to be compared with; None where the number has none."""

    pin: str
    sealed: str | None

    def __repr__(self) -> str:
        return "PinToCheck(...)"


class CheckedPin(Struct, frozen=True):
    """What came of it."""

    sealed: str | None
    fits: bool

    def __repr__(self) -> str:
        return "CheckedPin(...)"


class Guardhouse:
    """The guards of one kiosk.

    Args:
        recorder: the way into the ledger.
        rules: the site's.
    """

    def __init__(self, recorder: Recorder, rules: GuardRules) -> None:
        self._recorder = recorder
        self._rules = rules
        self._roster: Roster | None = None
        self._is_damaged = False
        self.book = GuardBook()

    def start(self, recent: Iterable[Entry], instant: Instant) -> None:
        """Take up what a restart interrupted; a shift of another boot is over.

        Args:
            recent: the ledger's entries of the last `guard_book.RECALL`, the oldest first.
            instant: now.
        """
        self.book.recall(recent, instant)
        self.tick(instant)

    def take_up(self, roster: Roster | None, *, is_damaged: bool, instant: Instant) -> None:
        """Another roster counts from here on; one that cannot be read lets nobody in."""
        self._roster, self._is_damaged = roster, is_damaged
        self.tick(instant)

    @property
    def is_login_needed(self) -> bool:
        """Whether decisions need a name here."""
        return self._rules.is_required or self._is_damaged or self._roster is not None

    def status(self, instant: Instant) -> GuardStatus:
        """What the kiosk shows of all this."""
        session, last = self.book.session, self.book.last(instant)
        return GuardStatus(
            is_login_needed=self.is_login_needed,
            guard=session.person.guard if session else None,
            role=session.person.role if session else None,
            undo=None if last is None else _offer(last, up_s(instant)),
            is_roster_damaged=self._is_damaged,
            locked_s=round(self.book.lock_out.kiosk_locked_s(up_s(instant)), 1),
        )

    def tick(self, instant: Instant) -> None:
        """End a shift that nobody has ended."""
        session = self.book.session
        if session is None:
            return
        idle_s = up_s(instant) - session.acted_s
        known = self._find(session.person.guard)
        is_over = (
            session.boot != instant.boot
            or not 0 <= idle_s < self._rules.idle.total_seconds()
            or known is None
            or known.role is not session.person.role
        )
        if is_over:
            self._change(ShiftChange.EXPIRED, session.person, instant)
            self.book.session = None  # also where it could not be recorded

    def pin_to_check(self, command: Command, instant: Instant) -> PinToCheck | None:
        """What has to be compared before this command can be carried out.

        None where no PIN is in it, and where it is locked out: then nothing may be compared.
        """
        typed = _typed(command)
        if typed is None or self._is_locked(typed.guard, instant):
            return None
        known = self._find(typed.guard)
        return PinToCheck(typed.pin, known.pin if known else None)

    def login(
        self, command: Login, checked: CheckedPin | None, instant: Instant
    ) -> ErrorCode | None:
        """Begin a shift by PIN; whoever was on duty is relieved."""
        person = self._proven(command.guard, checked, instant)
        if isinstance(person, ErrorCode):
            return person
        return None if self._begin(person, LoginWay.PIN, instant) else ErrorCode.CANNOT_RECORD

    def logout(self, instant: Instant) -> ErrorCode | None:
        """End the shift."""
        session = self.book.session
        if session is None:
            return ErrorCode.LOGIN_NEEDED
        is_recorded = self._change(ShiftChange.ENDED, session.person, instant)
        self.book.session = None
        return None if is_recorded else ErrorCode.CANNOT_RECORD

    def badge(self, text: str, instant: Instant) -> BadgeResult:
        """Begin a shift by badge; it relieves nobody, since it may be a picture of one."""
        issuer = self._roster.badges if self._roster else None
        if issuer is None:
            return BadgeResult.REFUSED
        if not instant.is_sure:
            return BadgeResult.CLOCK_UNSURE
        key = Ed25519PublicKey.from_public_bytes(issuer.key)
        badge = read_badge(text, issuer.site, key, instant.at)
        known = self._of_badge(badge)
        if known is None:
            person = self._find(badge.guard) if isinstance(badge, Badge) else None
            failed = Person(person.id, person.role) if person else None
            self.record(
                lambda seq, at: login_entry(seq, at, LoginFailure.WRONG_BADGE, failed), instant
            )
            is_late = badge is BadgeFault.EXPIRED
            return BadgeResult.EXPIRED if is_late else BadgeResult.REFUSED
        session = self.book.session
        if session is not None:
            is_same = session.person == known
            return BadgeResult.SAME if is_same else BadgeResult.SOMEBODY_ON_DUTY
        has_begun = self._begin(known, LoginWay.BADGE, instant)
        return BadgeResult.STARTED if has_begun else BadgeResult.NOT_RECORDED

    def deciders(
        self,
        command: Decide,
        verdict: Verdict | None,
        checked: CheckedPin | None,
        instant: Instant,
    ) -> Deciders | ErrorCode:
        """Who stands for a decision, or who is missing.

        Args:
            command: the decision.
            verdict: beside which it is made; None for a person without a code.
            checked: what came of the second person's PIN.
            instant: now.
        """
        second: Person | None = None
        if command.second is not None:
            proven = self._proven(command.second.guard, checked, instant)
            if isinstance(proven, ErrorCode):
                return proven
            second = proven
        if not self.is_login_needed:
            return ANONYMOUS
        on_duty = self.book.session.person if self.book.session else None
        lack = lacking(authority(verdict, admit=command.admit), on_duty, second)
        return Deciders(on_duty, second) if lack is None else _LACKS[lack]

    def undoer(self, decided: Decided) -> Deciders | ErrorCode:
        """Who takes a decision back: whoever made it, or a supervisor who logged in by PIN."""
        if not self.is_login_needed:
            return ANONYMOUS
        session = self.book.session
        if session is None:
            return ErrorCode.LOGIN_NEEDED
        is_chief = session.person.role is Role.SUPERVISOR and session.way is LoginWay.PIN
        is_his = decided.by == session.person.guard
        return Deciders(session.person) if is_his or is_chief else ErrorCode.NOT_ALLOWED

    def _proven(
        self, guard: str, checked: CheckedPin | None, instant: Instant
    ) -> Person | ErrorCode:
        """Whose PIN it was. A lock that began meanwhile, or another PIN, ends the attempt."""
        if checked is None or self._is_locked(guard, instant):
            return ErrorCode.LOCKED_OUT
        known = self._find(guard)
        if checked.sealed != (known.pin if known else None):
            return ErrorCode.BUSY
        if known is not None and checked.fits:
            return Person(known.id, known.role)
        self._fail(guard, known, instant)
        return ErrorCode.WRONG_PIN

    def _fail(self, guard: str, known: RosterGuard | None, instant: Instant) -> None:
        person = Person(known.id, known.role) if known else None
        entry = self.record(
            lambda seq, at: login_entry(seq, at, LoginFailure.WRONG_PIN, person), instant
        )
        if entry is None:
            self.book.lock_out.failed(guard, up_s(instant))
        elif person is None:
            self.book.lock_out.count(guard, up_s(instant))

    def _of_badge(self, badge: Badge | BadgeFault) -> Person | None:
        """Whom a badge names, if the roster still knows him so."""
        known = self._find(badge.guard) if isinstance(badge, Badge) else None
        if known is None or isinstance(badge, BadgeFault) or known.role is not badge.role:
            return None
        if known.badges_from is not None and badge.issued_at < known.badges_from:
            return None
        return Person(known.id, known.role)

    def _begin(self, person: Person, way: LoginWay, instant: Instant) -> bool:
        session = self.book.session
        if session is not None and session.person != person:
            is_ended = self._change(ShiftChange.ENDED, session.person, instant)
            self.book.session = None
            if not is_ended:
                return False
        return self._change(ShiftChange.STARTED, person, instant, way)

    def _change(
        self,
        change: ShiftChange,
        person: Person,
        instant: Instant,
        way: LoginWay | None = None,
    ) -> bool:
        build = partial(shift_entry, change=change, person=person, way=way)
        return self.record(build, instant) is not None

    def record(self, build: Callable[[int, Moment], Entry], instant: Instant) -> Entry | None:
        """Append an entry of a guard's act; None when the ledger cannot take it."""
        entry = self._recorder.write(build, instant)
        if entry is not None:
            self.book.note(entry)
        return entry

    def _find(self, guard: str) -> RosterGuard | None:
        return self._roster.find(guard) if self._roster else None

    def _is_locked(self, guard: str, instant: Instant) -> bool:
        return self.book.lock_out.locked_s(guard, up_s(instant)) > 0


def _typed(command: Command) -> Login | SecondPerson | None:
    """Where a number and a PIN stand in a command."""
    match command:
        case Login():
            return command
        case Decide(second=second):
            return second
        case _:
            return None


def _offer(decided: Decided, now_s: float) -> UndoOffer:
    return UndoOffer(
        entry=decided.seq,
        visit=decided.visit,
        admitted=decided.decision.admits,
        reason=decided.reason,
        seconds=round(decided.seconds_left(now_s), 1),
    )
