"""Where a code could be although none was located: dense, square texture in both directions."""

from typing import Final

import cv2
import numpy as np

from scanner.vision.frames import Box, Grey

MAX_HINTS: Final = 2

_BLOCK: Final = 8  # pixels of the frame
_LEAST_BLOCKS: Final = 8  # a code of version 10 at 1.5 px per module has ten
_LEAST_CONTRAST: Final = 8.0  # grey levels between neighbours, beyond what a calm sensor makes
_ABOVE_USUAL: Final = 1.15  # times the frame's median, which is noise
_OF_STRONGEST: Final = 0.47
_LEAST_FILL: Final = 0.65
_LONGEST_TO_SHORTEST: Final = 1.7  # tilted by 45 degrees, a code has 1.5
_LIGHT_SHARE: Final = (0.22, 0.62)  # a code's mask makes half of its modules dark
_LIGHT_SHARE_OF_QUARTERS: Final = (0.12, 0.72)


def texture_boxes(grey: Grey) -> list[Box]:
    """The most promising places, the largest first, at most `MAX_HINTS`.

    A dense code changes its brightness at every step along both axes; text, shelves and faces do
    so along one, or not everywhere within a square.

    Args:
        grey: `(H, W) uint8`; only every second line is looked at.
    """
    strength = _strength(grey)
    if strength is None:
        return []
    usual = float(np.median(strength[::2, ::2]))
    floor = max(_LEAST_CONTRAST, _ABOVE_USUAL * usual, _OF_STRONGEST * float(strength.max()))
    mask = (strength > floor).astype(np.uint8)
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, _SQUARE), dtype=np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    boxes = []
    for left, top, width, height, area in stats[1:].tolist():
        shortest, longest = sorted((width, height))
        if shortest < _LEAST_BLOCKS or longest > _LONGEST_TO_SHORTEST * shortest:
            continue
        if area >= _LEAST_FILL * width * height:
            boxes.append((area, (left, top, left + width, top + height)))
    boxes.sort(reverse=True)
    places = (_to_frame(box) for _, box in boxes[: 2 * MAX_HINTS])
    return [place for place in places if looks_like_a_code(grey, place)][:MAX_HINTS]


_SQUARE: Final = np.ones((3, 3), dtype=np.uint8)


def _strength(grey: Grey) -> cv2.typing.MatLike | None:
    """The weaker of the mean steps along x and y of each block; None for tiny frames."""
    height, width = grey.shape
    rows, columns = height // _BLOCK, width // _BLOCK
    if min(rows, columns) < _LEAST_BLOCKS:
        return None
    # Two pixels apart: edges of modules that lie just between a pair of lines count as well.
    lines = np.ascontiguousarray(grey[0 : rows * _BLOCK : 2, : columns * _BLOCK])
    along_x, along_y = np.zeros_like(lines), np.zeros_like(lines)
    cv2.absdiff(lines[:, 2:], lines[:, :-2], along_x[:, 2:])
    cv2.absdiff(lines[1:], lines[:-1], along_y[1:])
    means = (cv2.blur(_block_means(step).astype(np.float32), (3, 3)) for step in (along_x, along_y))
    return np.minimum(*means)


def _block_means(lines: Grey) -> cv2.typing.MatLike:
    """The mean of each block, from every second line; two halvings are faster than one step."""
    rows, columns = lines.shape
    half = cv2.resize(lines, (columns // 2, rows // 2), interpolation=cv2.INTER_AREA)
    size = (columns // _BLOCK, rows * 2 // _BLOCK)
    return cv2.resize(half, size, interpolation=cv2.INTER_AREA)


def looks_like_a_code(grey: Grey, box: Box) -> bool:
    """Light and dark share a place evenly, and each of its quarters; leaves and text do not.

    Args:
        grey: `(H, W) uint8`.
        box: of the place; it may lie outside the frame.
    """
    left, top, right, bottom = (max(value, 0) for value in box)
    part = grey[top:bottom:2, left:right:2]
    if min(part.shape) < _LEAST_BLOCKS:
        return False
    low, high = np.percentile(part, (5, 95))
    light = part > (low + high) / 2
    rows, columns = light.shape[0] // 2, light.shape[1] // 2
    halves = (light[:rows], light[rows:])
    quarters = [part for half in halves for part in (half[:, :columns], half[:, columns:])]
    least, most = _LIGHT_SHARE_OF_QUARTERS
    if not all(least <= float(quarter.mean()) <= most for quarter in quarters):
        return False
    return _LIGHT_SHARE[0] <= float(light.mean()) <= _LIGHT_SHARE[1]


def _to_frame(box: Box) -> Box:
    left, top, right, bottom = (value * _BLOCK for value in box)
    return left, top, right, bottom
