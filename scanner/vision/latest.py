"""Keeps the newest frame of a source at hand, and the source open, whatever happens to it."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Self

from scanner.domain.errors import CameraError, raised_at
from scanner.log import EventLog
from scanner.vision.faults import Fault, Watch
from scanner.vision.frames import DamagedFrameError, Frame, FrameSource, is_grey
from scanner.vision.wishes import ExposureDial, Span

RATE_WINDOW_S: Final = 3.0
LATE_AFTER_S: Final = 1.5
"""A camera that was alive and then says nothing for so long is at fault."""
START_GRACE_S: Final = 5.0
"""A camera may take so long from opening to its first frame: cheap ones and network ones do."""
MAX_DAMAGED: Final = 30
"""After so many damaged frames in a row the source is opened anew, which often cures it."""

_log = EventLog(__name__)


@dataclass(frozen=True, slots=True)
class Figures:
    """What has come from a camera since the start.

    Attributes:
        delivered: whole frames.
        unseen: those among them that a newer one replaced before anybody asked: no fault, the
            reader takes the time it needs.
        damaged: frames that could not be used.
        failures: how often the source could not be opened or broke down.
    """

    delivered: int = 0
    unseen: int = 0
    damaged: int = 0
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Exposure:
    """How a camera's exposure is steered.

    Attributes:
        span: what can be asked for; None where nothing can.
        bias_ev: what the camera has now; 0 is its own choice.
    """

    span: Span | None = None
    bias_ev: float = 0.0


class LatestFrame:
    """A thread that reads a source and keeps only its newest frame.

    A slow reader thus never decides on an old picture. A source that fails is closed and opened
    again, after a pause that grows up to `longest_pause_s`: a camera that was unplugged comes back.
    Damaged frames are counted and passed over. Frames are numbered on through all of this.
    """

    def __init__(
        self,
        open_source: Callable[[], FrameSource],
        *,
        first_pause_s: float = 0.5,
        longest_pause_s: float = 2.0,
    ) -> None:
        self._open_source = open_source
        self._first_pause_s = first_pause_s
        self._longest_pause_s = longest_pause_s
        self._news = threading.Condition()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._source: FrameSource | None = None
        self._frame: Frame | None = None
        self._asked_for = True
        self._figures = Figures()
        self._wanted_ev = 0.0
        self._exposure = Exposure()
        self._times: deque[float] = deque(maxlen=1024)
        self._watch = Watch.begin(time.monotonic())
        self._failure: CameraError | None = None
        self._finished = False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def start(self) -> None:
        """Open the source and read it; without effect while that goes on."""
        if self._thread is None:
            self._stopping.clear()
            self._finished = False
            self._watch = Watch.begin(time.monotonic())
            self._thread = threading.Thread(target=self._run, name="camera", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Close the source and wait for the thread; without effect when it is not running."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._stopping.set()
        with self._news:
            source = self._source
            self._news.notify_all()
        if source is not None:
            source.close()
        thread.join()

    def wait(self, after: int | None, timeout_s: float) -> Frame | None:
        """The newest frame, as soon as there is one that the caller does not have yet.

        Args:
            after: number of the last frame that the caller has seen; None for any frame.
            timeout_s: how long to wait at most.

        Returns:
            None when no newer frame came in time, or none will: see `finished`.
        """
        with self._news:
            had_finished = self._finished  # known to the caller: nothing to wake up for

            def settled() -> bool:
                over = self._finished is not had_finished or self._stopping.is_set()
                return over or self._newer(after) is not None

            self._news.wait_for(settled, timeout_s)
            frame = self._newer(after)
            self._asked_for = self._asked_for or frame is not None
            return frame

    @property
    def frames_per_s(self) -> float:
        """Over the last `RATE_WINDOW_S` seconds; 0 once nothing has come for so long."""
        since_s = time.monotonic() - RATE_WINDOW_S
        with self._news:
            return _rate([at_s for at_s in self._times if at_s > since_s])

    def age_s(self, now_s: float) -> float | None:
        """Seconds from the newest frame to `now_s` (monotonic); None before the first frame."""
        with self._news:
            return None if self._frame is None else now_s - self._frame.captured_s

    def fault(self, now_s: float) -> Fault | None:
        """What is wrong at `now_s` (monotonic); None when all is well or the camera just starts."""
        with self._news:
            if self._failure is not None:
                return Fault.FAILED
            grace_s = LATE_AFTER_S if self._watch.newest is not None else START_GRACE_S
            if now_s - self._watch.at_s > grace_s:
                return Fault.LATE
            return self._watch.fault

    @property
    def figures(self) -> Figures:
        """What has come so far."""
        with self._news:
            return self._figures

    @property
    def failure(self) -> CameraError | None:
        """Why no frames arrive; gone with the first one after the source was opened again."""
        with self._news:
            return self._failure

    @property
    def exposure(self) -> Exposure:
        """What can be asked of the open source, and what it has."""
        with self._news:
            return self._exposure

    def expose(self, bias_ev: float) -> None:
        """Ask for more or less light than the camera would take, in EV; the frames to come have it.

        The thread that reads turns the dial, between two frames: a slow camera holds nobody up.
        """
        self._wanted_ev = bias_ev

    @property
    def finished(self) -> bool:
        """A finite source has come to its end."""
        with self._news:
            return self._finished

    def _newer(self, after: int | None) -> Frame | None:
        frame = self._frame
        return frame if frame is not None and (after is None or frame.number > after) else None

    def _run(self) -> None:
        pause_s = self._first_pause_s
        while not self._stopping.is_set():
            before = self._figures.delivered
            try:
                self._play()
            except CameraError as error:
                self._fail(error)
            except Exception as error:  # noqa: BLE001 - this loop must survive its source
                _log.error("camera_failed", error=type(error).__name__, at=raised_at(error))
                self._fail(CameraError(f"The camera failed with {type(error).__name__}."))
            else:
                return
            if self._figures.delivered > before:
                pause_s = self._first_pause_s
            self._stopping.wait(pause_s)
            pause_s = min(2 * pause_s, self._longest_pause_s)

    def _play(self) -> None:
        """Read the source to its end, or until it fails or `stop` is called."""
        with self._open_source() as source:
            with self._news:
                self._source = source
                self._watch = Watch.begin(time.monotonic())
                self._exposure = Exposure(source.dial.span if source.dial else None)
            try:
                self._read(source)
            finally:
                with self._news:
                    self._source = None
                    self._exposure = Exposure()
        with self._news:
            self._finished = not self._stopping.is_set()
            self._news.notify_all()

    def _read(self, source: FrameSource) -> None:
        damaged, asked_ev = 0, 0.0
        while not self._stopping.is_set():
            if source.dial is not None and self._wanted_ev != asked_ev:
                asked_ev = self._wanted_ev
                self._turn(source.dial, asked_ev)
            try:
                frame = source.read()
            except DamagedFrameError:
                frame = None
            else:
                if frame is None:
                    return
            if frame is not None and is_grey(frame.grey):
                damaged = 0
                self._keep(frame)
                continue
            damaged += 1
            self._pass_over()
            if damaged >= MAX_DAMAGED:
                raise CameraError(
                    f"The camera delivered {damaged} damaged pictures in a row.",
                    "It is opened anew; try another port or a shorter cable if this stays.",
                )

    def _keep(self, frame: Frame) -> None:
        watch = self._watch.seen(frame.grey, frame.captured_s)
        with self._news:
            figures = self._figures
            self._frame = replace(frame, number=figures.delivered)
            self._figures = replace(
                figures,
                delivered=figures.delivered + 1,
                unseen=figures.unseen + (not self._asked_for),
            )
            self._asked_for = False
            self._times.append(frame.captured_s)
            self._watch = watch
            self._failure = None
            self._news.notify_all()

    def _turn(self, dial: ExposureDial, wanted_ev: float) -> None:
        got_ev = dial.turn(wanted_ev)
        _log.info("camera_exposure", wanted_ev=round(wanted_ev, 2), got_ev=round(got_ev, 2))
        with self._news:
            self._exposure = replace(self._exposure, bias_ev=got_ev)

    def _pass_over(self) -> None:
        with self._news:
            self._figures = replace(self._figures, damaged=self._figures.damaged + 1)
            self._watch = self._watch.spoilt(time.monotonic())

    def _fail(self, error: CameraError) -> None:
        if self._stopping.is_set():
            return
        with self._news:
            if self._failure is None:
                _log.warning("camera_failed", found=error.found)
            self._failure = error
            self._figures = replace(self._figures, failures=self._figures.failures + 1)


def _rate(times_s: list[float]) -> float:
    """Frames per second from the moments of capture; 0 for fewer than two."""
    if len(times_s) < 2:
        return 0.0
    return (len(times_s) - 1) / max(times_s[-1] - times_s[0], 1e-6)
