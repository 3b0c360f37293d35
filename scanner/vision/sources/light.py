"""What a sensor makes of more or less light than a picture was drawn for, with the lens's glow.

Grey levels of a picture go with the square root of the light (a gamma of 2, close to a camera's
2.2). Glass scatters a share of what is bright over everything around it: that, and not the
clipping alone, is what wipes a code off a screen that is far too bright.
"""

from functools import lru_cache
from typing import Final

import cv2
import numpy as np

from scanner.vision.frames import Grey

_GLOW_SHARE: Final = 0.03
_GLOW_SIGMA: Final = 5.0  # pixels of a picture that was reduced to an eighth
_REDUCTION: Final = 8


def exposed(grey: Grey, ev: float, part_ev: float = 0.0, part: Grey | None = None) -> Grey:
    """A picture with `ev` steps more light; each step doubles it, 0 changes nothing.

    Args:
        grey: `(H, W) uint8`, as an exposure that fits would show it, without noise.
        ev: exposure value, negative for less light.
        part_ev: of a part of the picture, beside the other.
        part: `(H, W) uint8`, 255 where that part is.
    """
    if not ev and (part is None or not part_ev):
        return grey
    height, width = grey.shape
    light = cv2.LUT(grey, _light_of_levels(ev))
    if part is not None:
        gain = np.linspace(1.0, 2.0**part_ev, 256, dtype=np.float32)
        light = cv2.multiply(light, cv2.LUT(part, gain))
    small = (max(width // _REDUCTION, 1), max(height // _REDUCTION, 1))
    glow = cv2.GaussianBlur(
        cv2.resize(light, small, interpolation=cv2.INTER_AREA), (0, 0), _GLOW_SIGMA
    )
    spread = cv2.resize(glow, (width, height), interpolation=cv2.INTER_LINEAR)
    caught = cv2.addWeighted(light, 1 - _GLOW_SHARE, spread, _GLOW_SHARE, 0)
    level = cv2.sqrt(np.minimum(caught, np.float32(255 * 255)))
    return np.asarray(cv2.convertScaleAbs(level), dtype=np.uint8)


@lru_cache(maxsize=4)
def _light_of_levels(ev: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """For each grey level its light, in squares of grey levels."""
    levels = np.arange(256, dtype=np.float32)
    return (levels * levels * np.float32(2.0**ev)).astype(np.float32)
