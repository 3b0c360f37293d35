"""Looks at frames in which nothing was read, no more often than hints and exposure need."""

from typing import Final

from scanner.vision.evidence import Place
from scanner.vision.frames import Frame
from scanner.vision.measures import Glance, Measures, glance, measure

WATCHING_S: Final = 0.1
IDLE_S: Final = 0.5
"""Seconds between two looks while something like a code is in view, and while nothing is."""


class Looks:
    """The measures of one camera's frames; most frames are left out."""

    def __init__(self) -> None:
        self._before: Glance | None = None
        self._next_s = 0.0

    def rest(self) -> None:
        """A code was read: nothing is to be measured, and what moves next is somebody else."""
        self._before = None

    def look(self, frame: Frame, unread: tuple[Place, ...] = ()) -> Measures | None:
        """Take in a frame in which nothing was read.

        Args:
            frame: as captured.
            unread: places in it where the reader suspects a code.

        Returns:
            None when no look is due.
        """
        now_s = frame.captured_s
        if now_s < self._next_s:
            return None
        now = glance(frame.grey, now_s)
        measures = measure(frame.grey, now, self._before, unread)
        self._before = now
        is_watching = measures.patch is not None or measures.white is not None
        self._next_s = now_s + (WATCHING_S if is_watching else IDLE_S)
        return measures
