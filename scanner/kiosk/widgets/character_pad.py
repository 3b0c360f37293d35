"""Digits and letters for fingers in gloves: two pages, so that each key stays large."""

from functools import partial
from typing import Final

from textual.app import ComposeResult
from textual.containers import Grid
from textual.widgets import Static

from scanner.kiosk.forms import Keys
from scanner.kiosk.intents import PressKey
from scanner.kiosk.session import Session
from scanner.kiosk.widgets.touch_button import TouchButton

LETTERS, DIGITS, BACKSPACE, CLEAR = "letters", "digits", "backspace", "clear"
"""What a key does instead of typing a character."""

_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ROWS: Final = ("789", "456", "123")
_NAMES: Final = {"-": "hyphen", " ": "space"}


class CharacterPad(Grid):
    """A page of keys; each posts `PressKey`.

    Args:
        session: for words.
        keys: of the field that is typed.
        is_letters: the page with the alphabet instead of that with the digits.
    """

    def __init__(self, session: Session, keys: Keys, *, is_letters: bool) -> None:
        super().__init__(id="pad", classes="letters" if is_letters else "digits")
        self._session = session
        self._keys = keys
        self._is_letters = is_letters

    def compose(self) -> ComposeResult:
        """The alphabet in its order, or digits as on a numeric keypad with what else belongs."""
        yield from self._letters() if self._is_letters else self._digits()

    def _letters(self) -> ComposeResult:
        for letter in _ALPHABET:
            yield self._key(letter)
        yield self._key("-") if "-" in self._keys.beside else self._key(" ")
        yield self._key(CLEAR, "button.clear")
        yield self._key(BACKSPACE, "button.backspace")
        yield self._key(DIGITS, "button.digits")

    def _digits(self) -> ComposeResult:
        beside = [self._key(character) for character in self._keys.beside]
        if self._keys.letters:
            beside.append(self._key(LETTERS, "button.letters"))
        actions = (self._key(BACKSPACE, "button.backspace"), self._key(CLEAR, "button.clear"))
        spare = iter(beside)
        right = (*actions, next(spare, None))
        for row, last in zip(_ROWS, right, strict=True):
            for digit in row:
                yield self._key(digit)
            yield last or Static("")
        yield next(spare, None) or Static("")
        yield self._key("0")
        yield next(spare, None) or Static("")

    def _key(self, key: str, label: str = "") -> TouchButton:
        words = self._session.speech.large
        shown = words(label) if label else {" ": "␣"}.get(key, key)
        name = f"key-{_NAMES.get(key, key)}"
        return TouchButton(self._session, shown, intent=partial(PressKey, key), widget_id=name)
