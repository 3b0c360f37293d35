"""What a frame says about why a code in it was not read: light, sharpness, motion, size, glare.

All of it is taken from a picture reduced to a quarter and from some rows of the frame: a reader
that finds nothing must not cost much more than one that finds something.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from scanner.vision.evidence import Place
from scanner.vision.frames import Box, Grey
from scanner.vision.pitch import module_pitch

REDUCTION: Final = 4
LONGEST_GAP_S: Final = 0.35
"""Between two glances at a moving thing; after longer ones its speed is a guess."""

_LEAST_SIDE: Final = 13  # reduced pixels: the smallest code of which anything can be said
_NEIGHBOURHOOD: Final = 9  # reduced pixels that a pixel is compared with
_OF_ROUGHEST: Final = 0.3
_LEAST_ROUGHNESS: Final = 15  # of 255: codes have 40 and more, soft ones 17, a hall 11
_DARK_OFFSET: Final = 16  # grey levels: in what is darker than that there is only noise
_LEAST_FILL: Final = 0.6
_LONGEST_TO_SHORTEST: Final = 2.0
_LEAST_EVENNESS: Final = 0.4
_EDGE_REACH: Final = 8  # pixels of the frame: wider edges are soft whatever their width
_EVERY_ROW: Final = 8
_TOP_SHARE: Final = 0.001
_LEAST_EDGE: Final = 48  # grey levels: below that the noise of the sensor looks sharp
_MIDDLE: Final = 64  # reduced pixels: enough of a code to tell where it went, quick to transform
_WASHED_FROM: Final = 0.7  # of the way from a code's dark level to its light one
_WHITE: Final = 250
_LONGEST_WHITE: Final = 2.5  # times as high as wide: a phone has 2.2
_EDGE_PX: Final = 16  # of the frame: patches are found no more exactly than that


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """A frame at a quarter of its size, kept to tell what moves.

    Attributes:
        grey: `(H // 4, W // 4) uint8`.
        at_s: monotonic seconds of the frame's capture.
    """

    grey: Grey
    at_s: float


@dataclass(frozen=True, slots=True)
class Patch:
    """The place that looks most like a code.

    Attributes:
        box: in pixels of the frame; the quiet zone and some of what is beside it are inside.
        light: grey level of its light parts.
        evenness: steps along x over those along y, or the other way round: 1 for a code, 0.1 for
            lines of text, in between for a code that moves.
        grain: the weaker of both over the span from dark to light: a code has small parts.
        washed: share of its middle where even the dark parts are light, 0 to 1.
        speed_px_s: pixels of the frame a second; None without a recent glance before.
        px_per_module: told by a code that was located, or estimated from the texture; None where
            there is not enough of it.
        is_located: an engine has found the code there, so that it is one, of that many modules.
        is_cut: it reaches the edge of the frame.
    """

    box: Box
    light: float
    evenness: float
    grain: float
    washed: float
    speed_px_s: float | None
    px_per_module: float | None = None
    is_located: bool = False
    is_cut: bool = False

    @property
    def side_px(self) -> int:
        """The shorter side of the box."""
        left, top, right, bottom = self.box
        return min(right - left, bottom - top)


@dataclass(frozen=True, slots=True)
class Measures:
    """One look at a frame in which nothing was read.

    Attributes:
        light: grey level that only two pixels of a hundred exceed.
        sharpness: how much of the strongest edges' height is climbed in a single pixel: 0.5 in
            focus, 0.2 and less out of it; None where no edge stands out of the noise.
        patch: what looks like a code; None when nothing does.
        white: the largest area of a card's shape that is as light as the sensor goes.
        room_px: the shorter side of the frame.
    """

    light: float
    sharpness: float | None
    patch: Patch | None
    room_px: int
    white: Box | None = None


def glance(grey: Grey, at_s: float) -> Glance:
    """Reduce a frame, `(H, W) uint8`; every second row is enough."""
    rows, columns = (side // REDUCTION for side in grey.shape)
    if not rows or not columns:
        return Glance(np.zeros((0, 0), np.uint8), at_s)
    part = grey[: rows * REDUCTION : 2, : columns * REDUCTION]
    small = cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA)
    return Glance(np.asarray(small, dtype=np.uint8), at_s)


def measure(
    grey: Grey, now: Glance, before: Glance | None, unread: tuple[Place, ...] = ()
) -> Measures:
    """Look for the reasons why nothing was read from a frame.

    Args:
        grey: the frame, `(H, W) uint8`.
        now: its glance.
        before: the glance before it, to tell what moves.
        unread: places in it where the reader suspects a code; one that was located is the patch.
    """
    return Measures(
        light=_level(now.grey, 0.02),
        sharpness=_sharpness(grey),
        patch=_patch(grey, now, before, unread),
        room_px=min(grey.shape),
        white=_white(now.grey),
    )


def _patch(
    grey: Grey, now: Glance, before: Glance | None, unread: tuple[Place, ...]
) -> Patch | None:
    small = now.grey
    if min(small.shape) < 2 * _LEAST_SIDE:
        return None
    located = next((place for place in unread if place.px_per_module is not None), None)
    found = _find(small) if located is None else _reduced(located.box, small)
    if found is None:
        return None
    left, top, right, bottom = found
    box = (left * REDUCTION, top * REDUCTION, right * REDUCTION, bottom * REDUCTION)
    part = small[top:bottom, left:right]
    light, dark = _level(part, 0.05), _level(part, 0.95)
    weaker, stronger = _steps(part)
    return Patch(
        box=box,
        light=light,
        evenness=weaker / stronger,
        grain=weaker / max(light - dark, 1.0),
        washed=_washed(part, dark + _WASHED_FROM * (light - dark)),
        speed_px_s=_speed_px_s(now, before, found),
        px_per_module=module_pitch(grey, box) if located is None else located.px_per_module,
        is_located=located is not None,
        is_cut=_is_cut(box, grey),
    )


def _reduced(box: Box, small: Grey) -> Box | None:
    """A place of the frame in the glance; None for one that has hardly any pixel there."""
    rows, columns = small.shape
    left, top, right, bottom = (value // REDUCTION for value in box)
    left, top, right, bottom = max(left, 0), max(top, 0), min(right, columns), min(bottom, rows)
    return (left, top, right, bottom) if min(right - left, bottom - top) > 2 else None


def _is_cut(box: Box, grey: Grey) -> bool:
    rows, columns = grey.shape
    left, top, right, bottom = box
    return min(left, top) < _EDGE_PX or right > columns - _EDGE_PX or bottom > rows - _EDGE_PX


def _white(small: Grey) -> Box | None:
    """The largest area that is saturated all over and about as wide as it is high."""
    if min(small.shape) < 2 * _LEAST_SIDE:
        return None
    _, mask = cv2.threshold(small, _WHITE - 1, 255, cv2.THRESH_BINARY)
    if cv2.countNonZero(mask) < _LEAST_SIDE * _LEAST_SIDE:
        return None
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, _SQUARE)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    for left, top, width, height, area in sorted(stats[1:].tolist(), key=lambda s: -s[4]):
        shortest, longest = sorted((width, height))
        if longest <= _LONGEST_WHITE * shortest and area >= _LEAST_FILL * width * height:
            box = (left, top, left + width, top + height)
            return box[0] * REDUCTION, box[1] * REDUCTION, box[2] * REDUCTION, box[3] * REDUCTION
    return None


def _find(small: Grey) -> Box | None:
    """The largest square-ish area that is rough everywhere and along both axes.

    Roughness is contrast over brightness, so that a dim screen in a bright hall has it, too. The
    opening takes the weakest one of each small square: an outline or a line of text has calm parts
    beside it, a code has none.
    """
    calm = cv2.blur(small, (_NEIGHBOURHOOD, _NEIGHBOURHOOD))
    contrast = cv2.blur(cv2.absdiff(small, calm), (5, 5))
    rough = cv2.divide(contrast, cv2.convertScaleAbs(calm, beta=_DARK_OFFSET), scale=255)
    opened = cv2.morphologyEx(rough, cv2.MORPH_OPEN, _SQUARE)[::_STEP, ::_STEP]
    roughest = int(opened.max())
    if roughest < _LEAST_ROUGHNESS:
        return None
    mask = (opened > _OF_ROUGHEST * roughest).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    rows, columns = small.shape
    for column, row, width, height, area in sorted(stats[1:].tolist(), key=lambda s: -s[4]):
        shortest, longest = sorted((width, height))
        if longest > _LONGEST_TO_SHORTEST * shortest or area < _LEAST_FILL * width * height:
            continue
        left, top = column * _STEP, row * _STEP
        right = min(left + width * _STEP, columns)
        bottom = min(top + height * _STEP, rows)
        weaker, stronger = _steps(small[top:bottom, left:right])
        if weaker >= _LEAST_EVENNESS * stronger:
            return left, top, right, bottom
    return None


_SQUARE: Final = np.ones((_LEAST_SIDE, _LEAST_SIDE), dtype=np.uint8)
_STEP: Final = 4  # the opened picture has no detail finer than that


def _steps(part: Grey) -> tuple[float, float]:
    """The mean steps between neighbours along x and along y, the weaker one first."""
    along_x = float(cv2.absdiff(part[:, 1:], part[:, :-1]).mean())
    along_y = float(cv2.absdiff(part[1:], part[:-1]).mean())
    return min(along_x, along_y), max(along_x, along_y, 1e-6)


def _washed(part: Grey, level: float) -> float:
    """The share of the middle where nothing in the surroundings is darker than `level`."""
    window = max(3, min(part.shape) // 8)
    darkest = cv2.erode(part, np.ones((window, window), dtype=np.uint8))
    rows, columns = part.shape
    middle = darkest[rows // 5 : rows - rows // 5, columns // 5 : columns - columns // 5]
    return float((middle > level).mean())


def _speed_px_s(now: Glance, before: Glance | None, box: Box) -> float | None:
    """How fast the content of a box moves, by phase correlation of the two glances."""
    if before is None or before.grey.shape != now.grey.shape:
        return None
    gap_s = now.at_s - before.at_s
    if not 0 < gap_s <= LONGEST_GAP_S:
        return None
    left, top, right, bottom = box
    width, height = min(right - left, _MIDDLE), min(bottom - top, _MIDDLE)
    left, top = (left + right - width) // 2, (top + bottom - height) // 2
    here, there = (
        np.ascontiguousarray(seen.grey[top : top + height, left : left + width], dtype=np.float32)
        for seen in (now, before)
    )
    window = cv2.createHanningWindow((width, height), cv2.CV_32F)
    (x, y), _ = cv2.phaseCorrelate(there, here, window)
    return float(np.hypot(x, y)) * REDUCTION / gap_s


def _sharpness(grey: Grey) -> float | None:
    rows = np.ascontiguousarray(grey[_EVERY_ROW // 2 :: _EVERY_ROW])
    if rows.shape[0] == 0 or rows.shape[1] <= _EDGE_REACH:
        return None
    whole = _level(cv2.absdiff(rows[:, _EDGE_REACH:], rows[:, :-_EDGE_REACH]), _TOP_SHARE)
    if whole < _LEAST_EDGE:
        return None
    return _level(cv2.absdiff(rows[:, 1:], rows[:, :-1]), _TOP_SHARE) / whole


def _level(grey: cv2.typing.MatLike, share: float) -> float:
    """The grey level that no more than this share of the pixels exceeds."""
    if not grey.size:
        return 0.0
    counts = cv2.calcHist([np.ascontiguousarray(grey)], [0], None, [256], [0, 256]).ravel()[::-1]
    return 255.0 - float(np.searchsorted(np.cumsum(counts), share * grey.size))
