"""What a person can do so that their code is read."""

from enum import StrEnum


class Hint(StrEnum):
    """One piece of advice, short enough for a guard to read aloud.

    All are for the holder of the code, except `TOO_DARK` and `DIRTY_LENS`: those are for the guard.
    """

    CLOSER = "closer"
    FARTHER = "farther"
    HOLD_STILL = "hold_still"
    BRIGHTER_SCREEN = "brighter_screen"
    GLARE = "glare"
    TOO_DARK = "too_dark"
    DIRTY_LENS = "dirty_lens"
