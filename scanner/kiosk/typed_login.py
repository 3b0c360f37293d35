"""A number and a PIN being typed, one after the other on one keypad."""

from dataclasses import dataclass, replace
from typing import Final

from scanner.domain.guards import PIN_DIGITS, is_guard_id, is_pin

_NUMBER_DIGITS: Final = 6
_DOT: Final = "●"
CURSOR: Final = "|"
"""As tall as a digit: big text is drawn as high as it fits, an underscore as a beam."""


@dataclass(frozen=True, slots=True)
class TypedLogin:
    """The digits so far; of the PIN nothing but their count is ever shown.

    Attributes:
        asks_pin: the number is complete, digits now go to the PIN.
    """

    number: str = ""
    pin: str = ""
    asks_pin: bool = False

    def push(self, digit: str) -> "TypedLogin":
        """One more digit; anything else, and one too many, is ignored."""
        if not (len(digit) == 1 and digit.isascii() and digit.isdigit()):
            return self
        if self.asks_pin:
            is_full = len(self.pin) + 1 not in range(1, PIN_DIGITS.stop)
            return self if is_full else replace(self, pin=self.pin + digit)
        return (
            self
            if len(self.number) == _NUMBER_DIGITS
            else replace(self, number=self.number + digit)
        )

    def erase(self) -> "TypedLogin":
        """Without the last digit; an empty PIN leads back to the number."""
        if not self.asks_pin:
            return replace(self, number=self.number[:-1])
        return replace(self, pin=self.pin[:-1], asks_pin=bool(self.pin))

    def confirm(self) -> "TypedLogin":
        """On to the PIN, once the number can be one."""
        is_number = not self.asks_pin and is_guard_id(self.number)
        return replace(self, asks_pin=True) if is_number else self

    def again(self) -> "TypedLogin":
        """The same number with another PIN."""
        return replace(self, pin="")

    @property
    def is_complete(self) -> bool:
        """Whether number and PIN can be given to the gate."""
        return self.asks_pin and is_pin(self.pin)

    @property
    def shown_number(self) -> str:
        """What the first line says."""
        return self.number if self.asks_pin else f"{self.number}{CURSOR}"

    @property
    def shown_pin(self) -> str:
        """What the second line says."""
        return f"{_DOT * len(self.pin)}{CURSOR}" if self.asks_pin else ""
