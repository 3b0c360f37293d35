"""A second look at a code that was located but not read: larger and sharper."""

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from scanner.vision.frames import Corners, Grey

ENLARGEMENT: Final = 2
MAX_CROP_PIXELS: Final = 640_000
"""A crop beyond this is large enough for its modules already; it also bounds the time of a look."""

_MARGIN: Final = 0.15  # of the larger side: the quiet zone, and what the location missed
_SHARPENING: Final = 1.5
_SHARPENING_SIGMA: Final = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class CloserLook:
    """An enlarged part of a frame.

    Attributes:
        grey: `(H, W) uint8`.
        left, top: of the part within the frame, in pixels.
    """

    grey: Grey
    left: int
    top: int

    def to_frame(self, corners: Corners) -> Corners:
        """Corners found in this part, as corners in the frame."""
        a, b, c, d = ((x / ENLARGEMENT + self.left, y / ENLARGEMENT + self.top) for x, y in corners)
        return a, b, c, d


def look_closer(grey: Grey, corners: Corners) -> CloserLook | None:
    """Enlarge and sharpen the surroundings of a located code.

    Blur and small modules are why dense codes fail; of the enlargements that were tried on
    them, this one reads the most.

    Args:
        grey: the frame, `(H, W) uint8`.
        corners: of the located code; they may lie outside the frame.

    Returns:
        None when the part is empty or larger than `MAX_CROP_PIXELS`.
    """
    xs, ys = zip(*corners, strict=True)
    margin = _MARGIN * max(max(xs) - min(xs), max(ys) - min(ys))
    left, top = (max(math.floor(min(values) - margin), 0) for values in (xs, ys))
    right, bottom = (max(math.ceil(max(values) + margin), 0) for values in (xs, ys))
    part = grey[top:bottom, left:right]
    if not part.size or part.size > MAX_CROP_PIXELS:
        return None
    large = cv2.resize(part, None, fx=ENLARGEMENT, fy=ENLARGEMENT, interpolation=cv2.INTER_CUBIC)
    soft = cv2.GaussianBlur(large, (0, 0), _SHARPENING_SIGMA)
    sharp = cv2.addWeighted(large, 1 + _SHARPENING, soft, -_SHARPENING, 0)
    return CloserLook(np.asarray(sharp, dtype=np.uint8), left, top)
