"""A temperature being typed: three digits, the point sets itself (3 6 5 is 36.5)."""

from dataclasses import dataclass
from typing import Final

_DIGITS: Final = 3


@dataclass(frozen=True, slots=True)
class TypedTemperature:
    """The digits so far, at most three."""

    digits: str = ""

    def push(self, digit: str) -> "TypedTemperature":
        """One more digit; a fourth one is ignored, like anything that is no digit."""
        if len(self.digits) == _DIGITS or not (digit.isascii() and digit.isdigit()):
            return self
        return TypedTemperature(self.digits + digit)

    def erase(self) -> "TypedTemperature":
        """Without the last digit."""
        return TypedTemperature(self.digits[:-1])

    @property
    def celsius(self) -> float | None:
        """The reading once it is complete."""
        return int(self.digits) / 10 if len(self.digits) == _DIGITS else None

    @property
    def shown(self) -> str:
        """What the display says, with a gap for each digit that is missing."""
        padded = self.digits.ljust(_DIGITS, "_")
        return f"{padded[:2]}.{padded[2]}"
