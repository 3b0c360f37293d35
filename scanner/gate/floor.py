"""The people before the gate: whose visits are open, and whose verdict the guard sees.

What a visit needs from all around it (rules, ledger, screen) stands here once, for those who open
visits, answer their questions and decide about them.
"""

from collections.abc import Callable
from dataclasses import replace

from msgspec import structs

from scanner.domain.entries import Entry
from scanner.domain.verdicts import Decision, GuardDecision
from scanner.domain.walk_ins import Attendee
from scanner.gate.instant import Instant
from scanner.gate.judge import Judge
from scanner.gate.kept_visits import KeptVisits
from scanner.gate.messages import Event, Idle
from scanner.gate.presence import lasting_identity
from scanner.gate.recorder import Recorder
from scanner.gate.records import Moment, abandoned_entry
from scanner.gate.visits import Timing, Visit, verdict_event
from scanner.policy.asking import Phase


class Floor:
    """Open and settled visits, and the one on the screen.

    Args:
        judge: what visits are judged by.
        recorder: the way into the ledger.
        timing: how long things stay.
    """

    def __init__(self, judge: Judge, recorder: Recorder, timing: Timing) -> None:
        self.judge = judge
        self.recorder = recorder
        self.timing = timing
        self.visits = KeptVisits()
        self._on_screen: Visit | None = None
        self._until_s = 0.0

    @property
    def on_screen(self) -> Visit | None:
        """The visit whose verdict is on the screen now."""
        return self._on_screen

    def current_event(self, instant: Instant) -> Event:
        """What a kiosk that has just connected should show."""
        if self._on_screen is None:
            return Idle()
        return verdict_event(self._on_screen, instant, self.timing)

    def record(self, build: Callable[[int, Moment], Entry], instant: Instant) -> Entry | None:
        """Append one entry, durable when this returns; None when the ledger cannot take it."""
        return self.recorder.write(build, instant)

    def show(self, visit: Visit, instant: Instant) -> Event:
        """Put this visit on the screen, and keep what has become of it."""
        if visit.seq:
            visit = self.visits.keep(visit)
        self._on_screen = visit
        self._until_s = instant.mono_s + visit.show_for_s(self.timing)
        return verdict_event(visit, instant, self.timing)

    def shows(self, seq: int) -> bool:
        """Whether the visit with this number is on the screen."""
        return self._on_screen is not None and self._on_screen.seq == seq

    def still_shows(self, identity: bytes | None) -> bool:
        """Whether this very code was let through and its own verdict has not gone yet.

        Where people are followed, a phone that is lowered and raised again is no second person.
        """
        visit, doorway = self._on_screen, self.judge.doorway
        if visit is None or visit.passage is None or doorway is None or identity is None:
            return False
        is_let_through = visit.guard is GuardDecision.ADMITTED_BY_GUARD or (
            visit.guard is None and visit.verdict.decision is Decision.ADMIT
        )
        if isinstance(visit.shown, Attendee):
            return False
        is_same = lasting_identity(visit.shown) == identity
        return is_let_through and is_same and visit.passage.direction is doorway.direction

    def next_screen(self, instant: Instant) -> Event:
        """The newest question still open, of a party the next one's, or the viewfinder."""
        waiting = self.visits.next_pending()
        if waiting is not None:
            return self.show(waiting, instant)
        self._on_screen = None
        return Idle()

    def abandon(self, visit: Visit, instant: Instant) -> None:
        """Record that nobody answered; a screen that shows it is due for the next one.

        Nobody stays to be asked about whose guardian is gone.
        """
        if self.visits.get(visit.seq) is None:
            return  # went with the guardian

        def build(seq: int, moment: Moment) -> Entry:
            return abandoned_entry(seq, moment, visit.seq)

        self.record(build, instant)
        self.forget(visit, instant)
        self.abandon_followers(visit.seq, instant)

    def abandon_followers(self, seq: int, instant: Instant) -> None:
        """The guardian of this visit does not go in: no more do those who came along."""
        for follower in self.visits.followers(seq):
            self.abandon(follower, instant)

    def forget(self, visit: Visit, instant: Instant) -> None:
        """Nobody decides about it any more; a screen that shows it is due for the next one."""
        self.visits.end(visit)
        if self.shows(visit.seq):
            self._until_s = instant.mono_s

    def prolong(self, seq: int, instant: Instant) -> None:
        """Those who wait behind somebody of their party have their full time from now on."""
        for follower in self.visits.followers(seq):
            asking = structs.replace(follower.asking, put_s=instant.mono_s)
            self.visits.keep(replace(follower, asking=asking))

    def tick(self, instant: Instant) -> list[Event]:
        """Let time pass: close what nobody answered, clear the screen."""
        for visit in self.visits.pending():
            phase = visit.asking.phase(instant.at, instant.mono_s, self.timing.pending_s)
            if phase is Phase.OVER:
                self.abandon(visit, instant)
        self.visits.forget_settled(instant.mono_s, self._on_screen)
        if self._on_screen is not None and instant.mono_s >= self._until_s:
            return [self.next_screen(instant)]
        return []

    def close(self, instant: Instant) -> None:
        """Record every open question as abandoned: the gate is going down in order."""
        for visit in self.visits.pending():
            self.abandon(visit, instant)
