"""The gate daemon: one loop that turns frames, commands and time into ledger entries and events.

The camera has a thread of its own and each kiosk has two; everything that decides or records runs
in this loop, so there is no lock around a verdict. Whatever one frame or one command does, the
loop goes on: a wedged gate is a queue in the street.
"""

import queue
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from scanner.domain.entries import Entry
from scanner.domain.errors import LedgerError, raised_at
from scanner.gate.arrivals import held_up
from scanner.gate.guard_book import RECALL
from scanner.gate.guard_door import GuardDoor
from scanner.gate.guard_messages import BadgeShown
from scanner.gate.guardhouse import CheckedPin
from scanner.gate.guidance import Guidance
from scanner.gate.health import GateHealth, StatusSources
from scanner.gate.housekeeping import Housekeeping
from scanner.gate.in_force import InForce
from scanner.gate.instant import GateClock, Instant
from scanner.gate.messages import (
    PROTOCOL_VERSION,
    Collecting,
    CommandResult,
    ErrorCode,
    Event,
    Hello,
    HintShown,
    Idle,
    NoteExport,
    Preview,
    VerdictShown,
)
from scanner.gate.options import GateOptions
from scanner.gate.pipeline import Pipeline
from scanner.gate.recorder import Recorder
from scanner.gate.server import KioskServer, Received
from scanner.gate.status import CameraFault, Status
from scanner.gate.trust_watch import newest_recorded
from scanner.ledger.checkpoint import Signer
from scanner.ledger.steady import GateLedger
from scanner.log import EventLog
from scanner.peripherals.attached import AttachedScanner, taken
from scanner.peripherals.systemd import notify
from scanner.vision.exposure import ExposureWatch
from scanner.vision.frames import Frame, QrText
from scanner.vision.latest import LatestFrame
from scanner.vision.looks import Looks
from scanner.vision.measures import Measures
from scanner.vision.preview import make_preview, scale_corners
from scanner.vision.reader import StreamReader
from scanner.vision.sources.absent import AbsentCamera

if TYPE_CHECKING:
    from scanner.gate.doorway import Doorway
    from scanner.gate.liaison import Liaison

_FRAME_WAIT_S: Final = 0.05
_STATUS_EVERY_S: Final = 1.0
_RESUME_TAIL: Final = 100
_CLOCK_TAIL: Final = 5000
_IDLE_AFTER_S: Final = 2.0
_log = EventLog(__name__)


@dataclass(slots=True)
class Cadence:
    """Says when something periodic is due."""

    every_s: float
    _next_s: float = field(default=0.0)

    def is_due(self, now_s: float) -> bool:
        """True at most once per period."""
        if now_s < self._next_s:
            return False
        self._next_s = now_s + self.every_s
        return True


class GateService:
    """The daemon's parts, joined.

    Args:
        options: from the settings and the command line.
        ledger: open for writing; closed by its owner.
        device: signs the receipts of what is erased; None erases nothing.
    """

    def __init__(
        self, options: GateOptions, ledger: GateLedger, device: Signer | None = None
    ) -> None:
        self._options = options
        self._clock = GateClock(
            sync_status=options.sync_status, system_counts=options.system_clock_counts
        )
        self._reader = StreamReader(options.reader)
        self._recorder = Recorder(ledger, options.runtime, options.sealing_key)
        self._in_force = InForce(options, newest_recorded(ledger.latest(_RESUME_TAIL)))
        self._pipeline = Pipeline(
            self._in_force.rules,
            self._in_force.store,
            self._recorder,
            options.timing,
            options.guards,
        )
        self._guards = GuardDoor(self._pipeline.guards, options.roster)
        self._pipeline.judge.place = options.place
        self._take_up()
        self._camera = LatestFrame(options.open_camera or AbsentCamera)
        self._scanners = [AttachedScanner(opener) for opener in options.open_scanners]
        self._health = GateHealth(
            StatusSources(
                camera=self._camera if options.open_camera else None,
                scanners=self._scanners,
                keys=self._in_force.keys,
                rules=self._in_force.site_rules,
                recognition=self._in_force.site_recognition,
                foreign=self._in_force.foreign_rules,
                recorder=self._recorder,
                guards=self._pipeline.guards,
                ledger=ledger,
                judge=self._pipeline.judge,
                outbox=options.outbox,
                sync_status=options.sync_status,
            )
        )
        self._ledger = ledger
        self._housekeeping = self._keeper(device)
        self._looks = Looks()
        self._exposure = ExposureWatch()
        self._guidance = Guidance()
        self._previews = Cadence(1 / options.preview_fps)
        self._statuses = Cadence(_STATUS_EVERY_S)
        self._told_fault: CameraFault | None = None
        self._news_s = -_IDLE_AFTER_S
        self._greeting: dict[str, Event] = {}
        self._liaison: Liaison | None = None

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set, or until a finite source has ended.

        Raises:
            CheckpointError: the socket cannot be opened.
        """
        self._start()
        server = KioskServer(
            self._options.socket,
            self._options.kiosk_uids,
            greeting=lambda: list(self._greeting.values()),
        )
        with server, self._camera, ExitStack() as attached:
            for scanner in self._scanners:
                attached.enter_context(scanner)
            attached.enter_context(self._in_force.sticks())
            notify("READY=1")
            last: int | None = None
            while not stop.is_set():
                try:
                    last = self._turn(server, last)
                except Exception as error:  # noqa: BLE001
                    # One frame or one command must never stop the gate; the next one may be fine.
                    # The message stays out of the log: it could quote what a code said.
                    _log.error("loop_failed_once", error=type(error).__name__, at=raised_at(error))
                    stop.wait(_FRAME_WAIT_S)
                if self._camera.finished and not self._options.keep_running:
                    break
        self._pipeline.close(self._clock.read())

    def _start(self) -> None:
        options = self._options
        tail = self._ledger.latest(_RESUME_TAIL)
        if not self._clock.recall(tail):
            self._recall_further()
        self._clock.observe()
        self._recorder.traces.refresh()
        instant = self._clock.read()
        midnight = instant.at.astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
        recent = self._recent(min(midnight, instant.at - RECALL))
        for entry in recent:
            self._recorder.recall(entry)
        self._pipeline.start(tail, instant, options.release, self._doorway(instant))
        self._guards.open(instant)
        self._pipeline.guards.start(recent, instant)
        self._greeting["hello"] = self._hello()
        self._greeting["status"] = self._health.status(instant)
        self._greeting["screen"] = self._pipeline.current_event(instant)
        _log.info("gate_started", device=self._ledger.device_id, entries=self._entries())

    def _entries(self) -> int | None:
        """How many there are; None while nobody can tell."""
        try:
            return self._ledger.position.seq
        except LedgerError:
            return None

    def _recent(self, since: datetime) -> list[Entry]:
        """Entries since then, the oldest first; as far back as they can be read."""
        recent: list[Entry] = []
        try:
            recent.extend(self._ledger.since(since))
        except LedgerError as error:  # an older entry was altered: no reason to keep people out
            _log.error("ledger_recalls_less", found=error.found, remedy=error.remedy)
        recent.reverse()
        return recent

    def _doorway(self, instant: Instant) -> "Doorway | None":
        """What the site knows of who came and went; a gate without a direction loads none of it."""
        door = self._options.door
        if door is None:
            return None
        from scanner.gate.doorway import Doorway
        from scanner.gate.liaison import open_liaison

        doorway = Doorway(door, self._ledger, self._options.runtime, instant)
        self._liaison = open_liaison(door, doorway, instant)
        return doorway

    def _recall_further(self) -> None:
        """A gate may have been unsure for many entries; the sure one before them is a floor."""
        try:
            self._clock.recall(self._ledger.latest(_CLOCK_TAIL))
        except LedgerError as error:  # an older entry was altered: no reason to keep people out
            _log.error("clock_recalls_nothing", found=error.found, remedy=error.remedy)

    def _turn(self, server: KioskServer, last: int | None) -> int | None:
        """One round: a frame if there is a new one, all scans, all commands, the time."""
        frame = self._camera.wait(last, _FRAME_WAIT_S)
        if frame is not None:
            self._look(frame, server)
        for scanned in taken(self._scanners):
            events = self._pipeline.text(scanned.text, scanned.received_s, self._clock.read)
            self._publish(events, server)
        while (received := _next(server)) is not None:
            if not self._guards.is_held(received, self._clock.read()):
                self._obey(received, server)
        for checked in self._guards.compared():
            self._obey(checked.received, server, checked.pin)
        instant = self._clock.read()
        if self._liaison is not None:
            self._liaison.turn(instant)
        self._publish(self._pipeline.tick(instant), server)
        camera_fault = self._health.camera_fault(instant)
        news = camera_fault is not self._told_fault
        if news:
            self._told_fault = camera_fault
            _log.warning("camera_state", fault=camera_fault.value if camera_fault else "none")
        if self._housekeeping is not None:
            self._housekeeping.work(instant, is_idle=self._is_idle(instant))
        if self._statuses.is_due(instant.mono_s) or news:
            self._renew_trust(instant, server)
            self._guards.refresh(instant)
            self._clock.observe()
            self._recorder.pseudonym_key(instant)  # midnight ends yesterday's, whoever comes
            self._recorder.traces.refresh()
            self._publish([self._health.status(instant)], server)
            notify("WATCHDOG=1")
        return last if frame is None else frame.number

    def _keeper(self, device: Signer | None) -> Housekeeping | None:
        if device is None:
            return None
        options = self._options
        keep = timedelta(days=options.retention_days)
        return Housekeeping(self._ledger, self._recorder, options.outbox, keep, device)

    def _is_idle(self, instant: Instant) -> bool:
        """Nobody stands before the gate: no news since a while, and no verdict to be answered."""
        return self._pipeline.on_screen is None and instant.mono_s - self._news_s > _IDLE_AFTER_S

    def _look(self, frame: Frame, server: KioskServer) -> None:
        codes = self._reader.read(frame)
        height, width = frame.grey.shape
        events = self._pipeline.codes(codes, (width, height), frame.captured_s, self._clock.read)
        self._publish(events, server)
        is_watched = server.has_kiosks and self._pipeline.on_screen is None
        measures = self._measured(frame, codes, is_watched=is_watched)
        hints = self._guidance.events(
            measures, frame.captured_s, is_wanted=is_watched and not codes
        )
        self._publish(hints, server)
        unread, span = self._reader.unread, self._camera.exposure.span
        self._camera.expose(self._exposure.look(frame, codes, unread, measures, span))
        if is_watched and self._previews.is_due(frame.captured_s):
            server.publish([_preview(frame, codes)])

    def _measured(self, frame: Frame, codes: list[QrText], *, is_watched: bool) -> Measures | None:
        """Measures of a frame, where somebody needs them and a look is due."""
        if codes:
            self._looks.rest()
            return None
        if not is_watched and self._camera.exposure.span is None:
            return None
        return self._looks.look(frame, self._reader.unread)

    def _obey(
        self, received: Received, server: KioskServer, checked: CheckedPin | None = None
    ) -> None:
        command = received.command
        if isinstance(command, NoteExport) and not received.sender.is_owner:
            refused = CommandResult(command=command.command, error=ErrorCode.NOT_ALLOWED)
            received.sender.send(refused)
            return
        for event in self._pipeline.command(command, self._clock.read(), checked):
            if isinstance(event, CommandResult):
                received.sender.send(event)
            else:
                self._publish([event], server)
        self._publish([self._health.status(self._clock.read())], server)

    def _publish(self, events: Sequence[Event], server: KioskServer) -> None:
        for event in events:
            if isinstance(event, VerdictShown | Collecting):
                self._news_s = time.monotonic()
            if isinstance(event, VerdictShown):
                _log_verdict(event)
            if isinstance(event, Hello):
                self._greeting["hello"] = event
            elif isinstance(event, Status):
                self._greeting["status"] = event
            elif isinstance(event, HintShown):
                self._greeting["hint"] = event
            elif isinstance(event, VerdictShown | Idle):
                self._greeting["screen"] = event
        server.publish(events)
        if any(isinstance(event, BadgeShown) for event in events):  # who is on duty may be new
            self._publish([self._health.status(self._clock.read())], server)

    def _renew_trust(self, instant: Instant, server: KioskServer) -> None:
        """Tell of sticks; take up, record and show a bundle that has come, whichever way."""
        self._publish(self._in_force.stick_news(instant), server)
        renewal = self._in_force.renew()
        if renewal is None:
            return
        self._take_up()
        if renewal.event is not None:
            self._pipeline.trust_changed(renewal.event, instant)
            self._publish([renewal.event], server)
        if renewal.rules_are_others:
            self._publish([self._hello()], server)

    def _take_up(self) -> None:
        """From the next scan on. A signature's time is certainly past, whatever the clock says."""
        self._pipeline.judge.rules = self._in_force.rules
        self._pipeline.judge.host = self._in_force.host
        self._pipeline.judge.foreign = self._in_force.foreign_rules
        self._pipeline.judge.trust = self._in_force.store
        self._clock.has_passed(self._in_force.store.issued_at)

    def _hello(self) -> Hello:
        options, limits = self._options, self._in_force.rules.temperature
        return Hello(
            protocol=PROTOCOL_VERSION,
            device=self._ledger.device_id,
            site=options.site,
            gate=options.gate,
            retention_days=options.retention_days,
            languages=options.languages,
            max_temperature_c=limits.limit_c,
            min_temperature_c=limits.low_c,
            number_form=self._in_force.rules.walk_in.number_form,
        )


def _next(server: KioskServer) -> Received | None:
    try:
        return server.received.get_nowait()
    except queue.Empty:
        return None


def _preview(frame: Frame, codes: list[QrText]) -> Preview:
    picture = make_preview(frame.grey)
    height, width = frame.grey.shape
    chosen = held_up(codes, (width, height))
    return Preview(
        width=picture.shape[1],
        height=picture.shape[0],
        grey=picture.tobytes(),
        code=scale_corners(chosen.corners, frame.grey, picture) if chosen else (),
    )


def _log_verdict(event: VerdictShown) -> None:
    """What an operator may see of a person: numbers and codes, never who it was."""
    _log.info(
        "verdict",
        visit=event.visit,
        decision=event.decision.value,
        guard=event.guard.value if event.guard else None,
        reasons=[reason.value for reason in event.reasons],
        asks=[ask.value for ask in event.asks],
        issuer=event.issuer,
        kind=event.kind.value if event.kind else None,
        milliseconds=round(event.frame_to_verdict_ms, 1),
    )
