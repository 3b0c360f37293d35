"""The gate's orchestration: texts, commands and time in; ledger entries and events out.

One thread calls it. It reads no clock, camera or socket itself: the service hands in what happened
and when, and publishes the events that come back. Every verdict is durable before it is returned.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from scanner.domain.entries import Entry
from scanner.domain.passes import Rejection, VerifiedPass
from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Ask, GuardDecision
from scanner.gate.arrivals import Arrivals
from scanner.gate.instant import Instant
from scanner.gate.judge import Judge
from scanner.gate.kept_visits import KeptVisits
from scanner.gate.messages import (
    Collecting,
    Command,
    CommandResult,
    ConfirmIdentity,
    Decide,
    Dismiss,
    EnterTemperature,
    ErrorCode,
    Event,
    Idle,
    TrustChanged,
)
from scanner.gate.presence import lasting_identity
from scanner.gate.recorder import Recorder
from scanner.gate.records import (
    Answer,
    Moment,
    abandoned_entry,
    answer_entry,
    guard_entry,
    scan_entry,
    start_entry,
)
from scanner.gate.resume import Interrupted, interrupted_visits
from scanner.gate.trust_news import changed_entry
from scanner.gate.visits import Timing, Visit, unrecordable, verdict_event
from scanner.policy.override import may_decide
from scanner.policy.rules import RuleSet
from scanner.trust.keys import TrustStore
from scanner.vision.frames import QrText

_MEASURABLE_C: Final = (20.0, 45.0)
_TAKEN_BACK: Final = frozenset({Reason.REVOKED, Reason.PROBABLY_REVOKED, Reason.KEY_REVOKED})


class Pipeline:
    """One gate's state between two frames.

    Args:
        rules: the site's rule set; `judge` takes others at any time, and other keys.
        trust: the keys to verify with.
        recorder: the way into the ledger.
        timing: how long things stay.
    """

    def __init__(
        self, rules: RuleSet, trust: TrustStore, recorder: Recorder, timing: Timing
    ) -> None:
        self.judge = Judge(rules, trust)
        self._recorder = recorder
        self._timing = timing
        self._arrivals = Arrivals()
        self._visits = KeptVisits()
        self._interrupted: dict[str, Interrupted] = {}
        self._on_screen: Visit | None = None
        self._until_s = 0.0

    def start(self, tail: Sequence[Entry], instant: Instant, release: str) -> None:
        """Record the start and take up what a restart interrupted.

        Args:
            tail: the ledger's last entries, oldest first.
            instant: now.
            release: version of this program.
        """
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
        for visit in self._visits.pending():
            if not self._still_holds(visit):
                self._abandon(visit, instant)

    @property
    def on_screen(self) -> Visit | None:
        """The visit whose verdict is on the screen now."""
        return self._on_screen

    def current_event(self, instant: Instant) -> Event:
        """What a kiosk that has just connected should show."""
        if self._on_screen is None:
            return Idle()
        return verdict_event(self._on_screen, instant, self._timing)

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

    def command(self, command: Command, instant: Instant) -> list[Event]:
        """Carry out what the guard asked for; the last event is the command's result."""
        match command:
            case EnterTemperature(visit=seq, celsius=celsius):
                events = self._temperature(seq, celsius, instant)
            case ConfirmIdentity(visit=seq):
                events = self._identity(seq, instant)
            case Decide():
                events = self._decide(command, instant)
            case Dismiss(visit=seq):
                events = self._dismiss(seq, instant)
        if isinstance(events, ErrorCode):
            return [CommandResult(command=command.command, error=events)]
        return [*events, CommandResult(command=command.command)]

    def tick(self, instant: Instant) -> list[Event]:
        """Let time pass: close what nobody answered, clear the screen."""
        for visit in self._visits.pending():
            if instant.mono_s - visit.opened_s >= self._timing.pending_s:
                self._abandon(visit, instant)
        self._visits.forget_settled(instant.mono_s, self._on_screen)
        if self._on_screen is not None and instant.mono_s >= self._until_s:
            return [self._next_screen(instant)]
        if self._arrivals.forgets_parts(instant.mono_s):
            return [self.current_event(instant)]
        return []

    def close(self, instant: Instant) -> None:
        """Record every open question as abandoned: the gate is going down in order."""
        for visit in self._visits.pending():
            self._abandon(visit, instant)

    def _take(self, text: str, captured_s: float, now: Callable[[], Instant]) -> list[Event]:
        """Decide about a text that is news, once it makes a whole pass."""
        instant = now()
        whole = self._arrivals.whole(text, instant.mono_s)
        if whole is None:
            collection = self._arrivals.collection
            return [Collecting(have=collection.have, total=collection.total)] if collection else []
        shown = self.judge.read(whole, instant.at)
        if not self._arrivals.is_new(whole, lasting_identity(shown), instant.mono_s):
            return []
        self.judge.note(shown, instant)
        visit = self._continued(shown, instant) or self._opened(shown, instant)
        if visit.is_pending and visit.text is None:
            visit = replace(visit, text=whole, opened_at=instant.at)
        taken_ms = (now().mono_s - captured_s) * 1000
        visit = replace(visit, frame_to_verdict_ms=taken_ms)
        return [self._show(self._visits.keep(visit) if visit.seq else visit, instant)]

    def _still_holds(self, visit: Visit) -> bool:
        """Whether the keys and revocations in force now stand by what they once verified.

        By the time at which it was shown: that it has expired since is for its answer to weigh.
        """
        if isinstance(visit.shown, Rejection) or visit.text is None or visit.opened_at is None:
            return True
        again = self.judge.read(visit.text, visit.opened_at)
        return isinstance(again, VerifiedPass)

    def _opened(self, shown: VerifiedPass | Rejection, instant: Instant) -> Visit:
        verdict = self.judge.verdict(shown, instant)
        visit = Visit(seq=0, shown=shown, verdict=verdict, opened_s=instant.mono_s)

        def build(seq: int, moment: Moment) -> Entry:
            return scan_entry(
                seq,
                moment,
                verdict,
                shown_format=shown.format if isinstance(shown, Rejection) else None,
                subject=self._recorder.subject(shown, instant, seq),
                trust=self.judge.trust_state(instant.at),
            )

        entry = self._recorder.write(build, instant)
        return unrecordable(visit) if entry is None else replace(visit, seq=entry.seq)

    def _continued(self, shown: VerifiedPass | Rejection, instant: Instant) -> Visit | None:
        """The open or interrupted visit of the same code, so that it makes no second entry."""
        identity = lasting_identity(shown)
        if identity is None:
            return None
        for visit in self._visits.pending():
            if lasting_identity(visit.shown) == identity:
                if not _is_taken_back(shown):
                    return visit
                self._abandon(visit, instant)
        pseudonym = self._recorder.pseudonym(identity, instant)
        interrupted = self._interrupted.pop(pseudonym or "", None)
        if interrupted is None:
            return None
        verdict = self.judge.verdict(
            shown, instant, interrupted.readings_c, id_compared=interrupted.id_compared
        )
        if not interrupted.goes_on(instant.at, verdict.decision):
            return None
        return Visit(
            seq=interrupted.seq,
            shown=shown,
            verdict=verdict,
            opened_s=instant.mono_s,
            readings_c=interrupted.readings_c,
            id_compared=interrupted.id_compared,
            guard=interrupted.guard,
        )

    def _temperature(self, seq: int, celsius: float, instant: Instant) -> list[Event] | ErrorCode:
        if not _MEASURABLE_C[0] <= celsius <= _MEASURABLE_C[1]:
            return ErrorCode.BAD_VALUE
        answer = Answer(temperature_c=round(celsius, 1))
        return self._answered(seq, Ask.TEMPERATURE, answer, instant)

    def _identity(self, seq: int, instant: Instant) -> list[Event] | ErrorCode:
        return self._answered(seq, Ask.ID_COMPARE, Answer(id_compared=True), instant)

    def _answered(
        self, seq: int, asked: Ask, answer: Answer, instant: Instant
    ) -> list[Event] | ErrorCode:
        """Weigh the visit anew with what was answered; the answer is durable before it counts."""
        visit = self._visits.get(seq)
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
        verdict = self.judge.verdict(
            visit.shown, instant, visit.readings_c, id_compared=visit.id_compared
        )

        def build(number: int, moment: Moment) -> Entry:
            trust = self.judge.trust_state(instant.at)
            return answer_entry(number, moment, seq, verdict, answer, trust)

        if self._recorder.write(build, instant) is None:
            return ErrorCode.CANNOT_RECORD
        return [self._show(self._visits.keep(replace(visit, verdict=verdict)), instant)]

    def _decide(self, command: Decide, instant: Instant) -> list[Event] | ErrorCode:
        visit = None if command.visit is None else self._visits.get(command.visit)
        if command.visit is not None and visit is None:
            return ErrorCode.NO_SUCH_VISIT
        verdict = visit.verdict if visit else None
        if not may_decide(verdict, admit=command.admit, reason=command.reason):
            return ErrorCode.NOT_ALLOWED
        decision = _guard_decision(command.admit)

        def build(seq: int, moment: Moment) -> Entry:
            return guard_entry(seq, moment, command.visit, decision, command.reason)

        if self._recorder.write(build, instant) is None:
            return ErrorCode.CANNOT_RECORD
        if visit is None:
            return []
        return [self._show(self._visits.keep(replace(visit, guard=decision)), instant)]

    def _dismiss(self, seq: int, instant: Instant) -> list[Event] | ErrorCode:
        visit = self._visits.get(seq)
        if visit is not None and visit.is_pending:
            self._abandon(visit, instant)
        elif visit is None and (self._on_screen is None or self._on_screen.seq != seq):
            return ErrorCode.NO_SUCH_VISIT
        if self._on_screen is not None and self._on_screen.seq != seq:
            return []  # another person's verdict stays until its own time is over
        return [self._next_screen(instant)]

    def _abandon(self, visit: Visit, instant: Instant) -> None:
        def build(seq: int, moment: Moment) -> Entry:
            return abandoned_entry(seq, moment, visit.seq)

        self._recorder.write(build, instant)
        self._visits.end(visit)
        if self._on_screen is not None and self._on_screen.seq == visit.seq:
            self._until_s = instant.mono_s

    def _show(self, visit: Visit, instant: Instant) -> Event:
        self._on_screen = visit
        self._until_s = instant.mono_s + visit.show_for_s(self._timing)
        return verdict_event(visit, instant, self._timing)

    def _next_screen(self, instant: Instant) -> Event:
        """The newest question still open, or the viewfinder."""
        waiting = self._visits.pending()
        if waiting:
            return self._show(waiting[-1], instant)
        self._on_screen = None
        return Idle()


def _is_taken_back(shown: VerifiedPass | Rejection) -> bool:
    """True for a code that its issuer no longer stands by: a visit that it opened ends."""
    return isinstance(shown, Rejection) and not _TAKEN_BACK.isdisjoint(shown.reasons)


def _guard_decision(admit: bool) -> GuardDecision:
    return GuardDecision.ADMITTED_BY_GUARD if admit else GuardDecision.REFUSED_BY_GUARD
