"""The motion gate: an empty gate where nobody stirs need not be searched with every frame."""

from typing import Final

import cv2
import numpy as np
from msgspec import Struct

from scanner.vision.frames import Grey

LOOK_EVERY_S: Final = 0.5
"""However still it is: so late at most is read what the trigger misses."""

_SMALL: Final = (160, 90)
_BLOCKS: Final = (20, 11)
_NOISE_FACTOR: Final = 4.0
_LEAST_CHANGE: Final = 1.0  # grey levels, mean over a block; even a phone in the dark makes ten


class Scene(Struct, frozen=True, eq=False):
    """The last frame that was searched.

    Attributes:
        small: that frame, `(90, 160) uint8`; None when something was in it, or before any frame.
        at_s: monotonic seconds of its capture.
    """

    small: Grey | None = None
    at_s: float = 0.0


def looked_at(grey: Grey, at_s: float, *, is_empty: bool) -> Scene:
    """The scene to compare with, after a frame was searched.

    Args:
        grey: the frame, `(H, W) uint8`.
        at_s: monotonic seconds of its capture.
        is_empty: neither a code nor a place that may hold one was found.
    """
    return Scene(_shrunk(grey) if is_empty and grey.size else None, at_s)


def has_stirred(scene: Scene, grey: Grey, at_s: float) -> bool:
    """True when a frame is to be searched.

    That is so when the last search found something, when it is `LOOK_EVERY_S` old, or when any
    block of the picture (64 by 65 pixels of a 720p frame) differs from then by more than noise.
    Since it is compared with the last frame *searched*, slow changes add up and are not missed.

    Args:
        scene: as `looked_at` returned it for the last frame that was searched.
        grey: a new frame, `(H, W) uint8`.
        at_s: monotonic seconds of its capture.
    """
    if scene.small is None or not 0 <= at_s - scene.at_s < LOOK_EVERY_S or not grey.size:
        return True
    change = cv2.absdiff(scene.small, _shrunk(grey))
    blocks = cv2.resize(change.astype(np.float32), _BLOCKS, interpolation=cv2.INTER_AREA)
    noise = float(np.median(blocks))
    return float(blocks.max()) > max(_NOISE_FACTOR * noise, _LEAST_CHANGE) or noise > _NOISE_FACTOR


def _shrunk(grey: Grey) -> Grey:
    """From every second line; two steps are faster than one."""
    lines = np.ascontiguousarray(grey[::2])
    half_size = (max(lines.shape[1] // 2, 1), max(lines.shape[0] // 2, 1))
    half = cv2.resize(lines, half_size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(half, _SMALL, interpolation=cv2.INTER_AREA), dtype=np.uint8)
