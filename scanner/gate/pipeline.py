"""The gate's orchestration: texts, commands and time in; ledger entries and events out.

One thread calls it. It reads no clock, camera or socket itself: the service hands in what happened
and when, and publishes the events that come back. Every verdict is durable before it is returned.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from scanner.domain.entries import Entry
from scanner.domain.passes import Rejection, VerifiedPass
from scanner.domain.reasons import Reason
from scanner.domain.rule_outcomes import RuleResult
from scanner.domain.suspicion import suspicion_of
from scanner.domain.verdicts import Ask
from scanner.domain.walk_ins import Attendee
from scanner.formats.guard_badge import is_badge
from scanner.gate.answers import Answers
from scanner.gate.arrivals import Arrivals
from scanner.gate.desk import Desk
from scanner.gate.floor import Floor
from scanner.gate.guard_book import Decided
from scanner.gate.guard_messages import BadgeShown, Login, Logout, Undo
from scanner.gate.guardhouse import NO_WISHES, CheckedPin, Guardhouse, GuardRules
from scanner.gate.instant import Instant
from scanner.gate.judge import Judge
from scanner.gate.messages import (
    Collecting,
    Command,
    CommandResult,
    ConfirmDocument,
    ConfirmIdentity,
    CountInside,
    Decide,
    Dismiss,
    EnterTemperature,
    ErrorCode,
    Event,
    NoteExport,
    TrustChanged,
    Turn,
    WalkIn,
)
from scanner.gate.presence import lasting_identity
from scanner.gate.recorder import Recorder
from scanner.gate.records import Moment, export_entry, scan_entry, start_entry
from scanner.gate.resume import Interrupted, interrupted_visits
from scanner.gate.trust_news import changed_entry
from scanner.gate.visits import Timing, Visit, unrecordable
from scanner.gate.walk_ins import WalkIns
from scanner.policy.asking import NOTHING_TOLD, Answer
from scanner.policy.rules import RuleSet
from scanner.trust.keys import TrustStore
from scanner.vision.frames import QrText

_MOST_FAILED: Final = 8
if TYPE_CHECKING:
    from scanner.gate.doorway import Doorway

_TAKEN_BACK: Final = frozenset({Reason.REVOKED, Reason.PROBABLY_REVOKED, Reason.KEY_REVOKED})


class Pipeline:
    """One gate's state between two frames.

    Args:
        rules: the site's rule set; `judge` takes others at any time, and other keys.
        trust: the keys to verify with.
        recorder: the way into the ledger.
        timing: how long things stay.
        guard_rules: what the site wants of its guards.
    """

    def __init__(
        self,
        rules: RuleSet,
        trust: TrustStore,
        recorder: Recorder,
        timing: Timing,
        guard_rules: GuardRules = NO_WISHES,
    ) -> None:
        self.judge = Judge(rules, trust, recorder.was_refused)
        self._recorder = recorder
        self._floor = Floor(self.judge, recorder, timing)
        self.guards = Guardhouse(recorder, guard_rules)
        self._walk_ins = WalkIns(self._floor, self.guards)
        self._answers = Answers(self._floor, self._walk_ins)
        self._desk = Desk(self._floor, self.guards)
        self._arrivals = Arrivals()
        self._interrupted: dict[str, Interrupted] = {}

    def start(
        self,
        tail: Sequence[Entry],
        instant: Instant,
        release: str,
        doorway: "Doorway | None" = None,
    ) -> None:
        """Record the start and take up what a restart interrupted.

        Args:
            tail: the ledger's last entries, oldest first.
            instant: now.
            release: version of this program.
            doorway: what the site knows of who came and went; None at a gate without a direction.
        """
        self.judge.doorway = self._recorder.doorway = doorway
        key_name = self._recorder.pseudonym_key(instant)
        if key_name is not None:
            self._interrupted = interrupted_visits(tail, instant.at, key_name)

        def build(seq: int, moment: Moment) -> Entry:
            trust = self.judge.trust_state(instant.at)
            return start_entry(seq, moment, policy=self.judge.policy, trust=trust, release=release)

        self._recorder.write(build, instant)

    def trust_changed(self, event: TrustChanged, instant: Instant) -> None:
        """Record that another bundle decides from here on, and end the visits that it ends."""

        def build(seq: int, moment: Moment) -> Entry:
            trust = self.judge.trust_state(instant.at)
            return changed_entry(seq, moment, event, trust, self.judge.policy)

        self._recorder.write(build, instant)
        for visit in self._floor.visits.pending():
            if not self._still_holds(visit):
                self._floor.abandon(visit, instant)
        for visit in self._floor.visits.decided():
            if isinstance(visit.shown, VerifiedPass):
                # Its text went with the decision: taken back, nobody could read the code anew.
                self._floor.forget(visit, instant)

    @property
    def on_screen(self) -> Visit | None:
        """The visit whose verdict is on the screen now."""
        return self._floor.on_screen

    def current_event(self, instant: Instant) -> Event:
        """What a kiosk that has just connected should show."""
        return self._floor.current_event(instant)

    def codes(
        self,
        codes: Sequence[QrText],
        frame_size: tuple[int, int],
        captured_s: float,
        now: Callable[[], Instant],
    ) -> list[Event]:
        """Take in what one frame shows.

        Args:
            codes: everything that was read from the frame.
            frame_size: width and height in pixels.
            captured_s: monotonic seconds of the frame's capture.
            now: reads the clock; asked again once the verdict is durable.
        """
        text = self._arrivals.from_frame(codes, frame_size, now().mono_s)
        return [] if text is None else self._take(text, captured_s, now)

    def text(self, text: str, received_s: float, now: Callable[[], Instant]) -> list[Event]:
        """Take in what a barcode scanner read.

        Its trigger is a presentation of its own, unless the same pass was in view or scanned
        `arrivals.SCANNER_REPEAT_S` ago: many scanners send a code again while it stays before them.

        Args:
            text: without terminator.
            received_s: monotonic seconds when its last byte arrived.
            now: as in `codes`.
        """
        news = self._arrivals.from_scanner(text, now().mono_s)
        events = [] if news is None else self._take(news, received_s, now)
        self._arrivals.hold(text, received_s)
        return events

    def command(
        self, command: Command, instant: Instant, checked: CheckedPin | None = None
    ) -> list[Event]:
        """Carry out what the guard asked for; the last event is the command's result.

        Args:
            command: from the kiosk.
            instant: now.
            checked: what came of the PIN in it, where `guards.pin_to_check` wanted one compared.
        """
        if not isinstance(command, NoteExport):  # which no guard sends
            self.guards.book.touch(instant)
        match command:
            case EnterTemperature(visit=seq, celsius=celsius):
                events = self._answers.take(seq, Answer(Ask.TEMPERATURE, celsius), instant)
            case ConfirmIdentity(visit=seq):
                events = self._answers.take(seq, Answer(Ask.ID_COMPARE), instant)
            case ConfirmDocument(visit=seq):
                events = self._answers.take(seq, Answer(Ask.DOCUMENT), instant)
            case Decide():
                events = self._desk.decide(command, checked, instant)
            case Undo(entry=seq):
                events = self._undo(seq, instant)
            case Login():
                events = self.guards.login(command, checked, instant) or []
            case Logout():
                events = self.guards.logout(instant) or []
            case NoteExport():
                build = partial(export_entry, export=command.export)
                is_recorded = self._recorder.write(build, instant) is not None
                events = [] if is_recorded else ErrorCode.CANNOT_RECORD
            case WalkIn():
                events = self._walk_ins.arrive(command, instant)
            case Dismiss(visit=seq):
                events = self._desk.dismiss(seq, instant)
            case Turn(direction=direction):
                events = self._desk.turn(direction)
            case CountInside(number=number):
                events = self._desk.count_inside(number, instant)
        if isinstance(events, ErrorCode):
            return [CommandResult(command=command.command, error=events)]
        return [*events, CommandResult(command=command.command)]

    def tick(self, instant: Instant) -> list[Event]:
        """Let time pass: end shifts, close what nobody answered, clear the screen."""
        self.guards.tick(instant)
        if self.judge.doorway is not None:
            self.judge.doorway.tick(instant, self.judge.rules)
        if events := self._floor.tick(instant):
            return events
        if self._arrivals.forgets_parts(instant.mono_s):
            return [self.current_event(instant)]
        return []

    def close(self, instant: Instant) -> None:
        """Record every open question as abandoned: the gate is going down in order."""
        self._floor.close(instant)

    def _undo(self, seq: int, instant: Instant) -> list[Event] | ErrorCode:
        """Take a guard's decision back; a visit from before a restart is one without it, too."""
        undone = self._desk.undo(seq, instant)
        if not isinstance(undone, Decided):
            return undone
        for pseudonym, visit in self._interrupted.items():
            if visit.seq == undone.visit:
                self._interrupted[pseudonym] = replace(visit, guard=undone.before)
        return []

    def _take(self, text: str, captured_s: float, now: Callable[[], Instant]) -> list[Event]:
        """Decide about a text that is news, once it makes a whole pass."""
        instant = now()
        if is_badge(text):  # never a pass, and never recorded as a text
            if not self._arrivals.is_new(text, None, instant.mono_s):
                return []
            return [BadgeShown(result=self.guards.badge(text, instant))]
        whole = self._arrivals.whole(text, instant.mono_s)
        if whole is None:
            collection = self._arrivals.collection
            return [Collecting(have=collection.have, total=collection.total)] if collection else []
        shown = self.judge.read(whole, instant.at)
        if not self._arrivals.is_new(whole, lasting_identity(shown), instant.mono_s):
            return []
        if self._floor.still_shows(lasting_identity(shown)):
            return []
        self.judge.note(shown, instant)
        visit = self._continued(shown, instant) or self._opened(shown, instant)
        if visit.is_pending and visit.text is None:
            visit = replace(visit, text=whole, opened_at=instant.at)
        taken_ms = (now().mono_s - captured_s) * 1000
        visit = replace(visit, frame_to_verdict_ms=taken_ms)
        return [self._floor.show(visit, instant)]

    def _still_holds(self, visit: Visit) -> bool:
        """Whether the keys and revocations in force now stand by what they once verified.

        By the time at which it was shown: that it has expired since is for its answer to weigh.
        """
        if isinstance(visit.shown, Rejection | Attendee):
            return True
        if visit.text is None or visit.opened_at is None:
            return False  # a guard's decision was taken back; its text went with that decision
        again = self.judge.read(visit.text, visit.opened_at)
        return isinstance(again, VerifiedPass)

    def _opened(self, shown: VerifiedPass | Rejection, instant: Instant) -> Visit:
        verdict = self.judge.verdict(shown, instant)
        passage = self.judge.passage(shown, instant)
        asking = self.judge.ask(verdict, NOTHING_TOLD, instant)
        visit = Visit(
            seq=0,
            shown=shown,
            verdict=verdict,
            opened_s=instant.mono_s,
            asking=asking,
            passage=passage,
        )

        def build(seq: int, moment: Moment) -> Entry:
            self.judge.expect(seq, shown, instant)
            return scan_entry(
                seq,
                moment,
                verdict,
                shown_format=shown.format if isinstance(shown, Rejection) else None,
                subject=self._recorder.subject(
                    shown, instant, seq, self.judge.rules.passback.kinds
                ),
                trust=self.judge.trust_state(instant.at),
                suspicion=suspicion_of(shown),
                failed_rules=_failed_rules(shown),
            )

        entry = self._recorder.write(build, instant)
        if entry is None:
            return unrecordable(visit, self.judge.rules.results.cannot_record)
        return replace(visit, seq=entry.seq)

    def _continued(self, shown: VerifiedPass | Rejection, instant: Instant) -> Visit | None:
        """The open or interrupted visit of the same code, so that it makes no second entry."""
        identity = lasting_identity(shown)
        if identity is None:
            return None
        for visit in self._floor.visits.pending():
            if isinstance(visit.shown, Attendee):
                continue
            if lasting_identity(visit.shown) == identity:
                if not _is_taken_back(shown):
                    return visit
                self._floor.abandon(visit, instant)
        pseudonym = self._recorder.pseudonym(identity, instant)
        interrupted = self._interrupted.pop(pseudonym or "", None)
        if interrupted is None:
            return None
        # Where the gate follows who went in, the same code once more is somebody's to look at.
        if self.judge.doorway is not None and interrupted.has_passed(instant.at):
            return None
        verdict = self.judge.verdict(shown, instant, interrupted.told, interrupted.seq)
        if not interrupted.goes_on(instant.at, verdict.decision):
            return None
        return Visit(
            seq=interrupted.seq,
            shown=shown,
            verdict=verdict,
            opened_s=instant.mono_s,
            asking=self.judge.ask(verdict, interrupted.told, instant),
            guard=interrupted.guard,
            passage=self.judge.passage(shown, instant, interrupted.seq),
        )


def _failed_rules(shown: VerifiedPass | Rejection) -> tuple[str, ...]:
    """Identifiers of the business rules that a certificate does not meet."""
    if isinstance(shown, Rejection):
        return ()
    failed = [
        outcome.identifier
        for of in shown.foreign_rules or ()
        for outcome in of.having(RuleResult.FAILED)
    ]
    return tuple(dict.fromkeys(failed))[:_MOST_FAILED]


def _is_taken_back(shown: VerifiedPass | Rejection) -> bool:
    """True for a code that its issuer no longer stands by: a visit that it opened ends."""
    return isinstance(shown, Rejection) and not _TAKEN_BACK.isdisjoint(shown.reasons)
