"""What is wrong with a camera: no frames, late ones, damaged ones, a frozen or a black picture."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np

from scanner.vision.frames import Grey

FROZEN_AFTER_S: Final = 1.0
"""So long without one changed pixel: a sensor has noise, so no live picture is like that."""
BLACK_AFTER_S: Final = 1.0
BLACK_LEVEL: Final = 24
"""Nearly all pixels under this: a covered lens, noise included. A dim hall has brighter spots."""
DAMAGED_AFTER_S: Final = 1.0
LEAST_FRAMES: Final = 3
"""Slow cameras get so many frames, however long they take, before a fault is named."""

_STEP: Final = 8  # every eighth pixel both ways is enough to tell black, and a change nearly always
_BRIGHT_SHARE: Final = 0.002


class Fault(StrEnum):
    """Why nobody can be seen; the worst first.

    `FAILED` and `LATE` are a camera that delivers nothing: it cannot be opened, or it is open and
    silent. The others arrive and show nothing that could be read.
    """

    FAILED = "failed"
    LATE = "late"
    DAMAGED = "damaged"
    BLACK = "black"
    FROZEN = "frozen"


@dataclass(frozen=True, slots=True)
class Streak:
    """Frames in a row that have something in common.

    Attributes:
        since_s: monotonic seconds of the frame before the first of them.
        count: how many.
    """

    since_s: float
    count: int = 0

    def longer(self, holds: bool, at_s: float) -> "Streak":
        """One more frame: the streak goes on, or starts anew from here."""
        return replace(self, count=self.count + 1) if holds else Streak(at_s)

    def lasts(self, at_s: float, after_s: float) -> bool:
        """It is long enough to be named."""
        return self.count >= LEAST_FRAMES and at_s - self.since_s >= after_s


@dataclass(frozen=True, slots=True, eq=False)
class Watch:
    """What was seen of a stream of frames so far.

    Attributes:
        at_s: monotonic seconds of the newest frame, whole or damaged.
        newest: the newest whole picture; None before the first.
        unchanged: frames that were like the one before.
        black: frames that were black.
        damaged: frames that could not be used at all.
    """

    at_s: float
    unchanged: Streak
    black: Streak
    damaged: Streak
    newest: Grey | None = None

    @classmethod
    def begin(cls, at_s: float) -> "Watch":
        """Nothing seen yet."""
        return cls(at_s, Streak(at_s), Streak(at_s), Streak(at_s))

    def seen(self, grey: Grey, at_s: float) -> "Watch":
        """The watch after one more whole frame, `(H, W) uint8`."""
        same = self.newest is not None and _is_same(self.newest, grey)
        return Watch(
            at_s,
            self.unchanged.longer(same, at_s),
            self.black.longer(_is_black(grey), at_s),
            Streak(at_s),
            grey,
        )

    def spoilt(self, at_s: float) -> "Watch":
        """The watch after one more damaged frame."""
        return replace(self, at_s=at_s, damaged=self.damaged.longer(True, at_s))

    @property
    def fault(self) -> Fault | None:
        """The worst fault that has lasted long enough to be named."""
        for fault, streak, after_s in (
            (Fault.DAMAGED, self.damaged, DAMAGED_AFTER_S),
            (Fault.BLACK, self.black, BLACK_AFTER_S),
            (Fault.FROZEN, self.unchanged, FROZEN_AFTER_S),
        ):
            if streak.lasts(self.at_s, after_s):
                return fault
        return None


def _is_same(before: Grey, grey: Grey) -> bool:
    """Equal to the last pixel; the coarse look spares nearly every live frame the full one."""
    coarse = np.array_equal(before[::_STEP, ::_STEP], grey[::_STEP, ::_STEP])
    return coarse and np.array_equal(before, grey)


def _is_black(grey: Grey) -> bool:
    sample = grey[::_STEP, ::_STEP]
    return bool(np.count_nonzero(sample >= BLACK_LEVEL) <= _BRIGHT_SHARE * sample.size)
