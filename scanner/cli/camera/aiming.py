"""What a person who turns a camera needs to hear: figures of one frame, and one word of advice."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from scanner.vision.choice import choose
from scanner.vision.faults import Fault
from scanner.vision.figures import brightness, focus
from scanner.vision.frames import Grey, QrText

LEAST_PX: Final = 2.5
"""Pixels per module, for codes to be read with mild blur (docs/vision.md)."""
LARGEST_SHARE: Final = 0.8
"""Of the frame's height: a larger code is cut off as soon as the hand moves."""
DARK: Final = 45
BRIGHT: Final = 215
SOFT: Final = 0.75
"""Of the best focus seen."""
_FADING: Final = 0.995  # a frame: the best focus of another scene is forgotten within a minute
_MARGIN: Final = 0.1


class Advice(StrEnum):
    """What to do now, the most urgent first; the values are what the screen says."""

    STARTING = "the camera is starting"
    NO_PICTURE = "no picture: check cable and power"
    COVERED = "covered or pitch dark: free the lens"
    FROZEN = "the picture stands still: the camera hangs"
    MORE_LIGHT = "more light, or a longer exposure"
    LESS_LIGHT = "less light, or a shorter exposure"
    FOCUS = "focus: it has been sharper"
    SHOW_A_CODE = "hold a code where people will; turn the lens until the focus peaks"
    CLOSER = "closer, or more pixels, or a longer lens"
    FARTHER = "farther: it fills the picture"
    GOOD = "good"


_FAULTS: Final = {
    Fault.FAILED: Advice.NO_PICTURE,
    Fault.LATE: Advice.NO_PICTURE,
    Fault.DAMAGED: Advice.NO_PICTURE,
    Fault.BLACK: Advice.COVERED,
    Fault.FROZEN: Advice.FROZEN,
}


@dataclass(frozen=True, slots=True)
class Peaks:
    """The best focus lately; a code has more detail than a hall, so each has its own."""

    code: float = 0.0
    scene: float = 0.0


@dataclass(frozen=True, slots=True)
class Sight:
    """One frame, judged.

    Attributes:
        px_per_module: of the code that would be chosen; None when none is read.
        focus: fineness of detail, of that code or else of the whole frame.
        peak: the best one lately.
        peaks: to judge the next frame by.
        light: mean grey level, 0 to 255.
    """

    px_per_module: float | None
    focus: float
    peak: float
    peaks: Peaks
    light: float
    advice: Advice


def judge(grey: Grey, codes: list[QrText], peaks: Peaks) -> Sight:
    """Judge one frame.

    Args:
        grey: the frame, `(H, W) uint8`.
        codes: what was read in it.
        peaks: of the frame before.
    """
    height, width = grey.shape
    code = choose(codes, (width, height))
    now = focus(grey if code is None else _region(grey, code))
    if code is None:
        peak = max(now, peaks.scene * _FADING)
        peaks = replace(peaks, scene=peak)
    else:
        peak = max(now, peaks.code * _FADING)
        peaks = replace(peaks, code=peak)
    light = brightness(grey)
    return Sight(
        px_per_module=code.px_per_module if code else None,
        focus=now,
        peak=peak,
        peaks=peaks,
        light=light,
        advice=_advice(code, light, now < SOFT * peak, height),
    )


def of_fault(fault: Fault) -> Advice:
    """What to do about a camera that shows nothing."""
    return _FAULTS[fault]


def _advice(code: QrText | None, light: float, is_soft: bool, height: int) -> Advice:
    if light < DARK:
        return Advice.MORE_LIGHT
    if light > BRIGHT:
        return Advice.LESS_LIGHT
    if code is None:
        return Advice.SHOW_A_CODE
    if is_soft:
        return Advice.FOCUS
    if code.px_per_module < LEAST_PX:
        return Advice.CLOSER
    rows = [y for _, y in code.corners]
    return Advice.FARTHER if max(rows) - min(rows) > LARGEST_SHARE * height else Advice.GOOD


def _region(grey: Grey, code: QrText) -> Grey:
    """The code with some of its surroundings; never empty."""
    columns, rows = zip(*code.corners, strict=True)
    margin = _MARGIN * (max(columns) - min(columns))
    left, right = (int(x) for x in (min(columns) - margin, max(columns) + margin))
    top, bottom = (int(y) for y in (min(rows) - margin, max(rows) + margin))
    part = grey[max(top, 0) : max(bottom, 1), max(left, 0) : max(right, 1)]
    return part if part.size else grey
