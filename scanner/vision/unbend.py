"""Laying a bent sheet flat: around a bottle or an arm, or a pass that is bowed in the hand.

On a cylinder the modules get narrower towards both edges, along one axis only. That shows in the
edges that a line meets there, and is undone by stretching them as the cylinder has foreshortened
them. How strongly it is bent is not measured: one angle serves for all that the engine cannot read
by itself, since it forgives a bend that is half as strong.
"""

import math
from enum import Enum
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.vision.frames import Grey, Point

_HALF_ANGLE: Final = 0.75  # radians from the middle of a code to its edge
_STEEPEST: Final = 1.4  # radians: beyond, nothing of the sheet is seen
# Of rendered codes, edges near both ends over those in the middle: 0.93 to 1.06 both ways on flat
# ones, up to 1.26 along the bend; on walls anything. A fifth of the flat ones is taken for bent.
_LEAST_EXCESS: Final = 0.985
_MOST_EXCESS: Final = 1.25
_LEAST_DIFFERENCE: Final = 0.05
_MOST_DIFFERENCE: Final = 0.3
_ENDS: Final = (0.08, 0.25)
_MIDDLE: Final = (0.38, 0.62)
_LEAST_SIDE: Final = 24

Floats = NDArray[np.float32]


class Axis(Enum):
    """The way along which a sheet is bent."""

    X = "x"
    Y = "y"


def bend_of(grey: Grey) -> Axis | None:
    """Along which axis a code seems to be bent, `(H, W) uint8` with hardly anything beside it.

    Returns:
        None for what is flat, or no code.
    """
    if min(grey.shape) < _LEAST_SIDE:
        return None
    x, y = _excess(grey), _excess(grey.T)
    larger, difference = max(x, y), abs(x - y)
    if not _LEAST_EXCESS <= larger <= _MOST_EXCESS:
        return None
    if not _LEAST_DIFFERENCE <= difference <= _MOST_DIFFERENCE:
        return None
    return Axis.X if x > y else Axis.Y


def flattened(grey: Grey, axis: Axis, code_share: float, times: float) -> Grey:
    """Enlarged, and stretched where a cylinder foreshortens it.

    Args:
        grey: `(H, W) uint8`, a code in its middle.
        axis: along which it is bent.
        code_share: of the picture's width and height, what the code fills.
        times: how much larger to make it.
    """
    rows, columns = (round(side * times) for side in grey.shape)
    x, y = _straight(columns, grey.shape[1]), _straight(rows, grey.shape[0])
    if axis is Axis.X:
        x = _foreshortened(columns, grey.shape[1], code_share)
    else:
        y = _foreshortened(rows, grey.shape[0], code_share)
    map_x = np.broadcast_to(x[None, :], (rows, columns))
    map_y = np.broadcast_to(y[:, None], (rows, columns))
    flat = cv2.remap(
        grey,
        np.ascontiguousarray(map_x),
        np.ascontiguousarray(map_y),
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(flat, dtype=np.uint8)


def bent_back(point: Point, shape: tuple[int, int], axis: Axis, code_share: float) -> Point:
    """Where a point of the flattened picture, in pixels of the one before, was in that.

    Args:
        point: in the flattened picture, divided by how much larger that is.
        shape: rows and columns of the picture before.
        axis: as handed to `flattened`.
        code_share: the same.
    """
    x, y = point
    if axis is Axis.X:
        return _bent(x, shape[1], code_share), y
    return x, _bent(y, shape[0], code_share)


def _excess(grey: Grey) -> float:
    """Edges near both ends of the rows, the weaker end, over those in the middle."""
    lines = np.ascontiguousarray(grey[::2])
    steps = cv2.absdiff(lines[:, 2:], lines[:, :-2])
    columns = cv2.reduce(steps, 0, cv2.REDUCE_AVG, dtype=cv2.CV_32F).ravel()
    left, right = (_mean(columns, part) for part in (_ENDS, (1 - _ENDS[1], 1 - _ENDS[0])))
    return min(left, right) / max(_mean(columns, _MIDDLE), 1e-3)


def _mean(columns: NDArray[np.generic], part: tuple[float, float]) -> float:
    first, last = (round(share * columns.size) for share in part)
    return float(columns[first : max(last, first + 1)].mean())


@lru_cache(maxsize=16)
def _straight(pixels: int, of: int) -> Floats:
    scale = of / pixels
    return ((np.arange(pixels) + 0.5) * scale - 0.5).astype(np.float32)


@lru_cache(maxsize=16)
def _foreshortened(pixels: int, of: int, code_share: float) -> Floats:
    scale = of / pixels
    flat = (np.arange(pixels) + 0.5) * scale
    half = of / 2
    angle = np.clip((flat - half) / (half * code_share) * _HALF_ANGLE, -_STEEPEST, _STEEPEST)
    bent = half + half * code_share * np.sin(angle) / math.sin(_HALF_ANGLE)
    return np.asarray(bent - 0.5, dtype=np.float32)


def _bent(flat: float, of: int, code_share: float) -> float:
    half = of / 2
    angle = (flat - half) / (half * code_share) * _HALF_ANGLE
    angle = min(max(angle, -_STEEPEST), _STEEPEST)
    return half + half * code_share * math.sin(angle) / math.sin(_HALF_ANGLE)
