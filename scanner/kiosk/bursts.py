"""Tells fingers from a barcode scanner that types.

A keyboard-wedge scanner types hundreds of characters and Enter into whatever listens. A key
therefore waits for `SAME_BURST_S` before it counts: when another one follows sooner, both belong
to a burst, which is dropped whole, and so is everything until the keyboard was quiet for `QUIET_S`.
"""

from dataclasses import dataclass
from typing import Final

SAME_BURST_S: Final = 0.040
"""A wedge sends a key each 2 to 16 ms (two USB reports each); fingers leave 60 ms and more."""
QUIET_S: Final = 0.250


@dataclass(frozen=True, slots=True)
class Typing:
    """What came from the keyboard so far. All times are monotonic seconds.

    Attributes:
        last_s: time of the newest key.
        waiting: that key may still turn out to be a finger's.
        in_burst: that key belongs to a burst.
    """

    last_s: float = float("-inf")
    waiting: bool = False
    in_burst: bool = False

    def key(self, at_s: float) -> tuple["Typing", bool]:
        """One more key; the flag tells whether the key before it, if still waiting, now counts."""
        gap = at_s - self.last_s
        if gap < (QUIET_S if self.in_burst else SAME_BURST_S):
            return Typing(at_s, waiting=False, in_burst=True), False
        return Typing(at_s, waiting=True), self.waiting

    def quiet(self) -> "Typing":
        """Nothing followed within `SAME_BURST_S`: the waiting key counts."""
        return Typing(self.last_s)
