"""How many pixels a module of a code has that nobody could locate, from its texture alone.

A code's mask makes neighbouring modules differ half of the time, so that a line through it meets an
edge at every second module on average. How often that line is taken along the axes and along the
diagonals tells the code's turn, too, and takes it out again.
"""

import math
from typing import Final

import cv2
import numpy as np

from scanner.vision.frames import Box, Grey

_MIDDLE: Final = 0.55  # of the shorter side: beyond are finder patterns and paper
_MOST_PX: Final = 96
_LEAST_PX: Final = 16
_LEVEL: Final = 21  # twofold pixels over which light and dark are told apart
_NOISE_SIGMA: Final = 0.8  # twofold pixels
_COARSE: Final = 10.0  # twofold pixels: with so many, noise is taken for edges; halved first
_LEAST_SIDE: Final = 96
# Measured on rendered codes of 1 to 9 pixels per module (`python -m tests.bench hints`): blurred by
# the lens and the pixels themselves, edges get lost below three. The first one stands for less.
_COUNTED: Final = (2.2, 2.68, 3.08, 3.37, 4.22, 6.49, 9.2)
_TRUE: Final = (1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 9.0)


def module_pitch(grey: Grey, box: Box) -> float | None:
    """Pixels per module within a place that looks like a code.

    Below two pixels the edges run into one another, and the answer is about 2 whatever the truth.

    Args:
        grey: the frame, `(H, W) uint8`.
        box: of the place; its middle is looked at.

    Returns:
        None where there is no texture, or not enough of it.
    """
    left, top, right, bottom = box
    half = int(min(_MIDDLE * min(right - left, bottom - top), _MOST_PX)) // 2
    column, row = (left + right) // 2, (top + bottom) // 2
    part = grey[max(row - half, 0) : row + half, max(column - half, 0) : column + half]
    if min(part.shape) < _LEAST_PX:
        return None
    picture = cv2.resize(
        np.ascontiguousarray(part), None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC
    )
    px = 0.5
    while True:
        edges = _edges_per_px(picture)
        if not edges:
            return None
        counted = 1 / (2 * edges)
        if counted < _COARSE or min(picture.shape) < _LEAST_SIDE:
            break
        picture = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        px *= 2
    counted *= px
    if counted > _COUNTED[-1]:
        return counted
    return float(np.interp(counted, _COUNTED, _TRUE))


def _edges_per_px(picture: cv2.typing.MatLike) -> float:
    """How often a line along the code's own axes meets an edge, per pixel."""
    smooth = cv2.GaussianBlur(picture, (0, 0), _NOISE_SIGMA)
    light = cv2.compare(smooth, cv2.blur(smooth, (_LEVEL, _LEVEL)), cv2.CMP_GT)
    along = (_changes(light[:, 1:], light[:, :-1]) + _changes(light[1:], light[:-1])) / 2
    down, up = (
        _changes(light[1:, 1:], light[:-1, :-1]),
        _changes(light[1:, :-1], light[:-1, 1:]),
    )
    # Turned by an angle, a line along x meets (cos + sin) edges for each one it met before, a
    # diagonal of the same length the square root of 2 times the larger of both.
    cosine = (down + up) / 4
    sine = max(along - cosine, 0.0)
    return math.hypot(cosine, sine)


def _changes(one: cv2.typing.MatLike, other: cv2.typing.MatLike) -> float:
    """The share of pixels in which two pictures differ."""
    return float(cv2.norm(one, other, cv2.NORM_HAMMING)) / 8 / one.size if one.size else 0.0
