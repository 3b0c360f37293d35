"""Which of several codes in one frame is meant: the large one that is held before the lens."""

import math
from collections.abc import Sequence

from scanner.vision.frames import QrText


def choose(codes: Sequence[QrText], frame_size: tuple[int, int]) -> QrText | None:
    """The largest code near the centre, or None when there is no code.

    A code counts with the area of its outline, down to half of it at the frame's corners: the
    poster on the wall behind the queue loses against the phone in front of it, and of two
    phones of one size the one in the middle wins.

    Args:
        codes: as read from one frame.
        frame_size: `(width, height)` of that frame in pixels.
    """
    width, height = frame_size
    centre = (width / 2, height / 2)
    half_diagonal = math.hypot(*centre) or 1.0

    def weight(code: QrText) -> float:
        middle = (
            sum(x for x, _ in code.corners) / 4,
            sum(y for _, y in code.corners) / 4,
        )
        off_centre = min(math.dist(middle, centre) / half_diagonal, 1.0)
        return _area(code) * (1.0 - off_centre / 2)

    return max(codes, key=weight, default=None)


def _area(code: QrText) -> float:
    """The shoelace formula over the four corners, in square pixels."""
    corners = code.corners
    following = (*corners[1:], corners[0])
    return abs(sum(x * v - u * y for (x, y), (u, v) in zip(corners, following, strict=True))) / 2
