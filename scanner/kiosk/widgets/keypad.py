"""Digits for fingers."""

from functools import partial
from typing import Final

from textual.app import ComposeResult
from textual.containers import Grid

from scanner.kiosk.intents import PressKey
from scanner.kiosk.widgets.touch_button import TouchButton
from scanner.kiosk.words import Speech

_DIGITS: Final = "789456123"


class Keypad(Grid):
    """Three by four keys; each posts `PressKey`."""

    def __init__(self, speech: Speech) -> None:
        super().__init__(id="keypad")
        self._speech = speech

    def compose(self) -> ComposeResult:
        """The digits as on a numeric keypad, then delete, 0 and OK."""
        for digit in _DIGITS:
            yield _key(digit, "", digit)
        large, small = self._speech.large, self._speech.small
        yield _key(large("button.backspace"), small("button.backspace"), "backspace")
        yield _key("0", "", "0")
        yield _key(large("button.enter"), small("button.enter"), "enter", kind="admit")


def _key(large: str, small: str, key: str, kind: str = "plain") -> TouchButton:
    return TouchButton(large, small, partial(PressKey, key), kind=kind, widget_id=f"key-{key}")
