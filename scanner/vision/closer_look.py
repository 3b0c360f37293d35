"""A closer look at a place where a code is, or may be: cut out, enlarged, sharpened, deblurred."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

import cv2
import numpy as np

from scanner.vision.deblur import Smear, focus, hold_still, smear_of, stretched
from scanner.vision.frames import Box, Corners, Grey, Point
from scanner.vision.unbend import Axis, bend_of, bent_back, flattened

MAX_CROP_PIXELS: Final = 640_000
"""A crop beyond this is large enough for its modules already; it also bounds the time of a look."""

_MARGIN: Final = 0.15  # of the larger side: the quiet zone, and what the location missed
_CODE_SHARE: Final = 1 / (1 + 2 * _MARGIN)
_LEAST_SIDE: Final = 24
_LONGEST_SIDE: Final = 900.0  # of an enlarged picture: beyond it, only the time grows


class Rung(StrEnum):
    """One way to prepare a crop; the ladder of a crop is the order in which they are tried."""

    ENLARGED = "enlarged"
    ENLARGED_MORE = "enlarged more"
    REFOCUSED = "refocused"
    REFOCUSED_FINELY = "refocused finely"
    STILLED = "stilled"
    STILLED_ANEW = "stilled by another length"
    FLATTENED = "flattened"


_STEADY: Final = (Rung.ENLARGED, Rung.REFOCUSED, Rung.REFOCUSED_FINELY, Rung.ENLARGED_MORE)
_SMEARED: Final = (Rung.STILLED, Rung.STILLED_ANEW, Rung.ENLARGED_MORE)
_BENT: Final = (_STEADY[0], Rung.FLATTENED, *_STEADY[1:])
MOST_RUNGS: Final = max(len(_BENT), len(_SMEARED))


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """A part of a frame.

    Attributes:
        grey: `(H, W) uint8`.
        left, top: of the part within the frame, in pixels.
        smear: the movement that blurred it, if one did.
        bend: the way along which it is bent, if it is.
    """

    grey: Grey
    left: int
    top: int
    smear: Smear | None
    bend: Axis | None = None

    @property
    def ladder(self) -> tuple[Rung, ...]:
        """What to try, the most successful for its time first."""
        if self.smear is not None:
            return _SMEARED
        return _STEADY if self.bend is None else _BENT

    def through(self, rung: Rung, turn: int = 0) -> Grey:
        """The crop prepared in one way; another turn uses other figures, to try on other frames."""
        return _PREPARATIONS[rung](self, turn)

    def to_frame(self, corners: Corners, prepared: Grey, rung: Rung | None = None) -> Corners:
        """Corners found in a prepared picture of this crop, as corners in the frame.

        Args:
            corners: in pixels of the prepared picture.
            prepared: by this crop.
            rung: how; None for what was prepared elsewhere.
        """
        x_scale = self.grey.shape[1] / prepared.shape[1]
        y_scale = self.grey.shape[0] / prepared.shape[0]
        a, b, c, d = (self._placed((x * x_scale, y * y_scale), rung) for x, y in corners)
        return a, b, c, d

    def _placed(self, point: Point, rung: Rung | None) -> Point:
        if rung is Rung.FLATTENED and self.bend is not None:
            rows, columns = self.grey.shape
            point = bent_back(point, (rows, columns), self.bend, _CODE_SHARE)
        return point[0] + self.left, point[1] + self.top


def cut_out(grey: Grey, box: Box) -> Crop | None:
    """A place and its surroundings.

    Args:
        grey: the frame, `(H, W) uint8`.
        box: of the place; it may lie outside the frame.

    Returns:
        None when the part is too small for any code, or larger than `MAX_CROP_PIXELS`.
    """
    left, top, right, bottom = box
    margin = math.ceil(_MARGIN * max(right - left, bottom - top))
    left, top = max(left - margin, 0), max(top - margin, 0)
    part = grey[top : max(bottom + margin, 0), left : max(right + margin, 0)]
    if min(part.shape) < _LEAST_SIDE or part.size > MAX_CROP_PIXELS:
        return None
    whole = np.ascontiguousarray(part)
    smear = smear_of(whole)
    return Crop(whole, left, top, smear, None if smear else bend_of(_without_margin(whole)))


def _without_margin(grey: Grey) -> Grey:
    rows, columns = (round(side * (1 - _CODE_SHARE) / 2) for side in grey.shape)
    return grey[rows : grey.shape[0] - rows, columns : grey.shape[1] - columns]


def box_around(corners: Corners) -> Box:
    """The upright box around a code's corners, in whole pixels."""
    xs, ys = zip(*corners, strict=True)
    return math.floor(min(xs)), math.floor(min(ys)), math.ceil(max(xs)), math.ceil(max(ys))


def enlarged(grey: Grey, times: float) -> Grey:
    """Cubic, as many times as asked for or until the longer side is long enough."""
    times = max(min(times, _LONGEST_SIDE / max(grey.shape)), 1.0)
    large = cv2.resize(grey, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC)
    return np.asarray(large, dtype=np.uint8)


def _sharpened(grey: Grey, times: float, sigma_px: float, amount: float) -> Grey:
    large = enlarged(stretched(grey), times)
    soft = cv2.GaussianBlur(large, (0, 0), sigma_px)
    return np.asarray(cv2.addWeighted(large, 1 + amount, soft, -amount, 0), dtype=np.uint8)


def refocused_gently(grey: Grey, turn: int) -> Grey:
    """What several noisy pictures laid over one another need, with noise left in their mean.

    Args:
        grey: `(H, W) uint8`.
        turn: another one uses other figures.
    """
    sigma_px, noise = _turned(((1.0, 0.01), (0.8, 0.03), (1.3, 0.005)), turn)
    return enlarged(focus(grey, sigma_px, noise), 4.0)


def _refocused(grey: Grey, turn: int) -> Grey:
    sigma_px, noise = _turned(((1.6, 0.003), (2.0, 0.001), (1.4, 0.001), (1.8, 0.001)), turn)
    return enlarged(focus(grey, sigma_px, noise), 4.0)


def _refocused_finely(grey: Grey, turn: int) -> Grey:
    sigma_px, noise = _turned(((1.0, 0.002), (1.2, 0.002), (0.8, 0.005), (1.1, 0.001)), turn)
    return enlarged(focus(grey, sigma_px, noise), 4.0)


def _stilled(crop: Crop, share: float, noise: float) -> Grey:
    smear = crop.smear or Smear(0.0, 0.0)
    as_guessed = Smear(share * smear.length_px, smear.angle_rad)
    return enlarged(hold_still(crop.grey, as_guessed, noise), 4.0)


def _flattened(crop: Crop) -> Grey:
    grey = stretched(crop.grey)
    if crop.bend is None:
        return grey
    times = max(min(2.0, _LONGEST_SIDE / max(grey.shape)), 1.0)
    return flattened(grey, crop.bend, _CODE_SHARE, times)


T = TypeVar("T")


def _turned(figures: tuple[T, ...], turn: int) -> T:
    return figures[turn % len(figures)]


# The figures of turn 0 read the most of the rendered scenes of seed 1; `make bench-vision` shows
# others.
_PREPARATIONS: Final[dict[Rung, Callable[[Crop, int], Grey]]] = {
    Rung.ENLARGED: lambda crop, _: _sharpened(crop.grey, 2.0, 2.0, 1.5),
    Rung.ENLARGED_MORE: lambda crop, _: _sharpened(crop.grey, 3.0, 3.5, 2.5),
    Rung.REFOCUSED: lambda crop, turn: _refocused(crop.grey, turn),
    Rung.REFOCUSED_FINELY: lambda crop, turn: _refocused_finely(crop.grey, turn),
    Rung.FLATTENED: lambda crop, _: _flattened(crop),
    Rung.STILLED: lambda crop, turn: _stilled(crop, _turned((1.0, 1.1, 0.9, 1.0), turn), 0.006),
    Rung.STILLED_ANEW: lambda crop, turn: _stilled(
        crop, _turned((1.2, 0.8, 1.3, 0.7), turn), 0.003
    ),
}
