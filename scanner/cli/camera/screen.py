"""The aiming aid on the terminal: a live picture with figures, or one line a second."""

import os
import select
import sys
import termios
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.segment import Segment
from rich.text import Text

from scanner.cli.camera.aiming import Advice, Peaks, Sight, judge, of_fault
from scanner.kiosk.halfblock import strips
from scanner.vision.frames import Frame, FrameSource, Grey
from scanner.vision.latest import LatestFrame
from scanner.vision.reader import QrReader

GREYS: Final = tuple((n * 255 // 15,) * 3 for n in range(16))
_WAIT_S: Final = 0.1
_LINE_EVERY_S: Final = 1.0
_FIGURES: Final = 6  # lines below the picture
_BAR: Final = 30


@dataclass(frozen=True, slots=True)
class View:
    """One moment of aiming.

    Attributes:
        grey: the newest picture; None before the first.
        sight: what it is worth; None as well.
        fps: frames a second that arrive.
        advice: what to do now.
    """

    name: str
    grey: Grey | None
    sight: Sight | None
    fps: float
    advice: Advice

    def line(self) -> str:
        """Everything in one line, for logs and for terminals that are none."""
        if self.sight is None:
            return f"{self.fps:4.1f}/s  {self.advice.value}"
        code = self.sight.px_per_module
        return (
            f"{f'{code:.1f}' if code else '-'} px/module  "
            f"focus {self.sight.focus:.0f} (peak {self.sight.peak:.0f})  "
            f"light {self.sight.light:.0f}  {self.fps:.1f}/s  {self.advice.value}"
        )

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The picture as large as fits, figures and bars below it."""
        rows = max(options.height or console.height, _FIGURES + 2) - _FIGURES
        if self.grey is not None:
            yield from _picture(self.grey, options.max_width, rows)
        yield from self._figures()

    def _figures(self) -> Iterator[Text]:
        yield Text(f"{self.name}   {self.fps:.1f} frames/s   q ends", style="dim")
        if self.sight is not None:
            code = self.sight.px_per_module
            yield Text(f"px/module  {f'{code:.1f}' if code else 'no code in view'}")
            yield Text(f"focus      {bar(self.sight.focus, self.sight.peak)}")
            yield Text(f"light      {bar(self.sight.light, 255)}")
        good = self.advice is Advice.GOOD
        yield Text(self.advice.value, style="bold green" if good else "bold yellow")


def aim(
    open_source: Callable[[], FrameSource], name: str, seconds: float | None, console: Console
) -> None:
    """Show the camera until q, Ctrl-C, the end of a file, or so many seconds."""
    deadline_s = None if seconds is None else time.monotonic() + seconds
    with suppress(KeyboardInterrupt), LatestFrame(open_source) as latest:
        views = _views(latest, name, deadline_s)
        if console.is_terminal:
            _watch(views, console)
        else:
            _tell(views)


def bar(value: float, peak: float) -> str:
    """A bar of `value` on the scale of `peak`, which is marked and written out."""
    share = min(max(value / peak, 0.0), 1.0) if peak > 0 else 0.0
    filled = round(share * _BAR)
    return f"{'█' * filled}{'·' * (_BAR - filled)}| {value:.0f} of {peak:.0f}"


def _views(latest: LatestFrame, name: str, deadline_s: float | None) -> Iterator[View]:
    """One view for each new frame, and some while none comes."""
    reader, peaks = QrReader(), Peaks()
    last: Frame | None = None
    sight: Sight | None = None
    while deadline_s is None or time.monotonic() < deadline_s:
        frame = latest.wait(last.number if last else None, _WAIT_S)
        if frame is not None:
            last, sight = frame, judge(frame.grey, reader.read(frame.grey), peaks)
            peaks = sight.peaks
        fault = latest.fault(time.monotonic())
        advice = Advice.STARTING if sight is None else sight.advice
        yield View(
            name=name,
            grey=last.grey if last else None,
            sight=sight,
            fps=latest.frames_per_s,
            advice=advice if fault is None else of_fault(fault),
        )
        if latest.finished:
            return


def _watch(views: Iterator[View], console: Console) -> None:
    with keys() as pressed, Live(console=console, screen=True, auto_refresh=False) as live:
        for view in views:
            live.update(view, refresh=True)
            if "q" in pressed():
                return


def _tell(views: Iterator[View]) -> None:
    due_s, view, told = 0.0, None, None
    for view in views:
        if view.sight is not None and time.monotonic() >= due_s:
            print(view.line(), flush=True)
            due_s, told = time.monotonic() + _LINE_EVERY_S, view
    if view is not None and view is not told:
        print(view.line(), flush=True)


@contextmanager
def keys() -> Iterator[Callable[[], str]]:
    """Keys as they are pressed, without Enter; the terminal is as before afterwards."""
    if not sys.stdin.isatty():
        yield lambda: ""
        return
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)

    def pressed() -> str:
        ready, _, _ = select.select([descriptor], [], [], 0)
        return os.read(descriptor, 64).decode("ascii", "ignore") if ready else ""

    try:
        tty.setcbreak(descriptor)
        yield pressed
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _picture(grey: Grey, columns: int, rows: int) -> Iterator[Segment]:
    """Two pixels a cell, in sixteen greys, its proportions kept."""
    height, width = grey.shape
    scale = min(columns / width, 2 * rows / height)
    size = (max(int(width * scale), 1), max(int(height * scale) // 2 * 2, 2))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    for strip in strips(np.asarray(small, dtype=np.uint8) // 16, GREYS):
        yield from strip
        yield Segment.line()
