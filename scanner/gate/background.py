"""Codes that belong to the place: a poster is told about once, not after each passer-by.

A person's body hides a poster and uncovers it again. A phone never comes back to the same pixels,
a poster does: a foreign code that reappears where it was is background. Only digests are kept, in
RAM.
"""

from typing import Final

from scanner.gate.presence import text_digest
from scanner.vision.frames import Corners

REMEMBERED_S: Final = 600.0
_SAME_PLACE: Final = 0.01
_MOST: Final = 32


class Background:
    """Where foreign codes were seen."""

    def __init__(self) -> None:
        self._places: dict[bytes, tuple[Corners, float]] = {}

    def has(self, text: str, corners: Corners, frame_width: int, now_s: float) -> bool:
        """True when this foreign code was at this very place before; notes it in any case.

        Args:
            text: as read.
            corners: in pixels of the frame.
            frame_width: in pixels; a hundredth of it is the same place.
            now_s: monotonic seconds; a place is remembered for ten minutes unseen.
        """
        digest = text_digest(text)
        known = self._places.pop(digest, None)
        self._places[digest] = (corners, now_s)
        if len(self._places) > _MOST:
            del self._places[next(iter(self._places))]
        if known is None or now_s - known[1] > REMEMBERED_S:
            return False
        reach = _SAME_PLACE * frame_width
        return all(
            abs(x - u) <= reach and abs(y - v) <= reach
            for (x, y), (u, v) in zip(corners, known[0], strict=True)
        )
