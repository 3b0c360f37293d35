"""Keyboard layouts: which character a key means to a barcode scanner that types.

The scanner and the gate must agree on one. To add one: write its four rows, or what differs from
another layout, and name it in `LAYOUTS`. The numbers of the keys are those of the Linux kernel
(input-event-codes.h); they name places on the keyboard, whatever is printed there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

ENTER: Final = 28
KEYPAD_ENTER: Final = 96
TAB: Final = 15
CAPS_LOCK: Final = 58
SHIFTS: Final = frozenset({42, 54})
CONTROLS: Final = frozenset({29, 97, 56, 100, 125, 126})
"""Ctrl, Alt and Meta, left and right: what they change is no character of a code."""

_ROWS: Final = (2, 16, 30, 44)
"""The keys where the four rows begin: `1`, `Q`, `A` and `Z` on a US keyboard."""
_SPACE: Final = 57
_KEYPAD: Final = dict(zip(range(71, 84), "789-456+1230.", strict=True)) | {55: "*", 98: "/"}
_BACKSLASH: Final = 43
_GRAVE: Final = 41
_EXTRA: Final = 86
"""Between left Shift and `Z`, on European keyboards only."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Key numbers to characters, without and with Shift."""

    plain: Mapping[int, str]
    shifted: Mapping[int, str]

    def character(self, key: int, *, shift: bool, caps: bool) -> str | None:
        """What the key types; None when it types nothing.

        Caps Lock turns letters only, and Shift turns them back.
        """
        is_letter = self.plain.get(key, "").isalpha()
        level = self.shifted if shift is not (caps and is_letter) else self.plain
        return level.get(key)

    def but(self, plain: Mapping[int, str], shifted: Mapping[int, str]) -> "Layout":
        """The same layout where some keys differ."""
        return replace(self, plain={**self.plain, **plain}, shifted={**self.shifted, **shifted})


def _rows(*rows: str) -> dict[int, str]:
    return {
        first + place: character
        for first, row in zip(_ROWS, rows, strict=True)
        for place, character in enumerate(row)
    }


US: Final = Layout(
    plain=_rows("1234567890-=", "qwertyuiop[]", "asdfghjkl;'`", "zxcvbnm,./")
    | {_SPACE: " ", _BACKSLASH: "\\", _EXTRA: "\\"}
    | _KEYPAD,
    shifted=_rows("!@#$%^&*()_+", "QWERTYUIOP{}", 'ASDFGHJKL:"~', "ZXCVBNM<>?")
    | {_SPACE: " ", _BACKSLASH: "|", _EXTRA: "|"}
    | _KEYPAD,
)
"""What scanners send as delivered, and what Chinese keyboards use."""

UK: Final = US.but(
    plain={_BACKSLASH: "#"},
    shifted={3: '"', 4: "£", 40: "@", _GRAVE: "¬", _BACKSLASH: "~"},
)

LAYOUTS: Final[Mapping[str, Layout]] = {"us": US, "uk": UK}
