"""Digits for fingers."""

from functools import partial
from typing import Final

from textual.app import ComposeResult
from textual.containers import Grid

from scanner.kiosk.intents import PressKey
from scanner.kiosk.palette import ButtonKind
from scanner.kiosk.session import Session
from scanner.kiosk.widgets.touch_button import TouchButton

_DIGITS: Final = "789456123"


class Keypad(Grid):
    """Three by four keys; each posts `PressKey`."""

    def __init__(self, session: Session) -> None:
        super().__init__(id="keypad")
        self._session = session

    def compose(self) -> ComposeResult:
        """The digits as on a numeric keypad, then delete, 0 and OK."""
        for digit in _DIGITS:
            yield self._key(digit, digit)
        words = self._session.speech.large
        yield self._key("backspace", words("button.backspace"))
        yield self._key("0", "0")
        yield self._key("enter", words("button.enter"), kind=ButtonKind.ADMIT)

    def _key(self, key: str, label: str, kind: ButtonKind = ButtonKind.PLAIN) -> TouchButton:
        intent = partial(PressKey, key)
        return TouchButton(self._session, label, intent=intent, kind=kind, widget_id=f"key-{key}")
