"""What is wrong with a camera that still delivers: a frozen or a black picture."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from scanner.vision.frames import Grey

FROZEN_AFTER: Final = 30
"""So many frames without one changed pixel: a sensor has noise, so no live picture is like that."""
BLACK_AFTER: Final = 15
BLACK_LEVEL: Final = 24
"""Nearly all pixels under this: a covered lens, noise included. A dim hall has brighter spots."""

_STEP: Final = 8  # every eighth pixel both ways is enough to tell
_BRIGHT_SHARE: Final = 0.002


class Fault(StrEnum):
    """Why nobody can be seen although frames arrive."""

    FROZEN = "frozen"
    BLACK = "black"


@dataclass(frozen=True, slots=True, eq=False)
class Watch:
    """What was seen of a stream of frames so far.

    Attributes:
        sample: every eighth pixel of the last frame; None before the first.
        unchanged: how many frames in a row were like the one before.
        black: how many frames in a row were black.
    """

    sample: Grey | None = None
    unchanged: int = 0
    black: int = 0

    @property
    def fault(self) -> Fault | None:
        """The fault that has lasted long enough to be named; black before frozen."""
        if self.black >= BLACK_AFTER:
            return Fault.BLACK
        return Fault.FROZEN if self.unchanged >= FROZEN_AFTER else None


def observe(watch: Watch, grey: Grey) -> Watch:
    """The watch after one more frame, `(H, W) uint8`."""
    sample = grey[::_STEP, ::_STEP].copy()
    same = watch.sample is not None and np.array_equal(watch.sample, sample)
    dark = np.count_nonzero(sample >= BLACK_LEVEL) <= _BRIGHT_SHARE * sample.size
    return Watch(sample, watch.unchanged + 1 if same else 0, watch.black + 1 if dark else 0)
