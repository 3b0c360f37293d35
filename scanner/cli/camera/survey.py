"""Looks through a camera for some seconds and tells what it delivers."""

import time
from dataclasses import dataclass
from statistics import fmean

from scanner.domain.errors import CameraError
from scanner.vision.faults import Fault, Watch
from scanner.vision.figures import brightness, focus, noise
from scanner.vision.frames import DamagedFrameError, FrameSource
from scanner.vision.reader import QrReader
from scanner.vision.wishes import ControlReport


@dataclass(frozen=True, slots=True)
class Survey:
    """What a source has delivered.

    Attributes:
        source: what it is called.
        width, height: of the last frame, in pixels.
        frames, damaged: whole and damaged frames.
        fps: measured, frames a second; 0 for fewer than two frames.
        brightness: mean grey level, 0 to 255.
        focus: fineness of detail; see `scanner.vision.figures.focus`.
        noise: standard deviation in grey levels.
        px_per_module: of the largest code in view; None when none was read.
        fault: what the gate would complain of.
        controls: what was asked of the camera and what it made of that.
    """

    source: str
    width: int
    height: int
    frames: int
    damaged: int
    fps: float
    brightness: float
    focus: float
    noise: float
    px_per_module: float | None
    fault: Fault | None
    controls: tuple[ControlReport, ...]


def survey(source: FrameSource, seconds: float) -> Survey:
    """Read a source for so long, or to its end.

    Raises:
        CameraError: it fails, or delivers no whole frame.
    """
    reader = QrReader()
    deadline_s = time.monotonic() + seconds
    watch = Watch.begin(time.monotonic())
    times: list[float] = []
    light: list[float] = []
    damaged, px_per_module = 0, None
    while time.monotonic() < deadline_s:
        try:
            frame = source.read()
        except DamagedFrameError:
            damaged += 1
            watch = watch.spoilt(time.monotonic())
            continue
        if frame is None:
            break
        watch = watch.seen(frame.grey, frame.captured_s)
        times.append(frame.captured_s)
        light.append(brightness(frame.grey))
        sizes = [code.px_per_module for code in reader.read(frame.grey)]
        px_per_module = max(sizes, default=px_per_module)
    newest = watch.newest
    if newest is None:
        raise CameraError(
            f"{source.name} delivered no whole picture in {seconds:g} s ({damaged} damaged ones).",
            "Try another USB port or cable, or another picture size.",
        )
    return Survey(
        source=source.name,
        width=newest.shape[1],
        height=newest.shape[0],
        frames=len(times),
        damaged=damaged,
        fps=(len(times) - 1) / max(times[-1] - times[0], 1e-6) if len(times) > 1 else 0.0,
        brightness=fmean(light),
        focus=focus(newest),
        noise=noise(newest),
        px_per_module=px_per_module,
        fault=watch.fault,
        controls=source.controls,
    )
