"""The guard counts the people inside, and types how many they are."""

from typing import ClassVar, Final, Self

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from scanner.kiosk.intents import Back, GiveInside, PressKey
from scanner.kiosk.palette import PLAIN, ButtonKind
from scanner.kiosk.screens.desk import DeskScreen
from scanner.kiosk.session import Session
from scanner.kiosk.widgets.big_text import BigText
from scanner.kiosk.widgets.key_hints import KeyHints
from scanner.kiosk.widgets.keypad import Keypad
from scanner.kiosk.widgets.touch_button import TouchButton

_KEYS: Final = ("key.language", "key.enter", "key.back")
_DIGITS: Final = 6
_NOTHING: Final = "_"


class InsideScreen(DeskScreen):
    """A number of up to six digits; 0 says that the site is empty."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "back", ""),
        ("enter", "confirm", ""),
        ("backspace", "erase", ""),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.typed = ""

    def again(self) -> Self:
        """The same question, with the digits so far."""
        screen = type(self)(self.session)
        screen.typed = self.typed
        return screen

    def compose(self) -> ComposeResult:
        """What is asked and what was typed; the keypad beside it."""
        speech = self.session.speech
        with Horizontal(id="body"):
            with Vertical(id="count-inside"):
                yield BigText(
                    self.session,
                    speech.large("inside.title"),
                    speech.small("inside.title"),
                    scheme=PLAIN,
                    widget_id="inside-title",
                )
                yield BigText(
                    self.session, self.typed or _NOTHING, scheme=PLAIN, widget_id="inside-number"
                )
                yield Static(
                    f"{speech.large('inside.empty')}\n{speech.small('inside.empty')}",
                    id="inside-empty",
                    markup=False,
                )
                with Horizontal(classes="buttons"):
                    yield TouchButton(
                        self.session,
                        speech.large("button.back"),
                        speech.small("button.back"),
                        intent=Back,
                        kind=ButtonKind.PLAIN,
                        widget_id="back",
                    )
            with Vertical(id="entry"):
                yield Keypad(self.session)
        yield KeyHints(self.session, _KEYS, PLAIN)

    def on_key(self, event: events.Key) -> None:
        """Digits, from the row or from the numeric keypad."""
        if event.character is not None and event.character.isdigit():
            event.stop()
            self._push(event.character)

    def on_press_key(self, message: PressKey) -> None:
        """The on-screen keypad does what the keyboard does."""
        message.stop()
        match message.key:
            case "enter":
                self.action_confirm()
            case "backspace":
                self.action_erase()
            case digit:
                self._push(digit)

    def action_confirm(self) -> None:
        """So many are inside."""
        if self.typed:
            self.post_message(GiveInside(int(self.typed)))

    def action_erase(self) -> None:
        """Take the last digit back."""
        self._show(self.typed[:-1])

    def action_back(self) -> None:
        """Leave the number as it is."""
        self.post_message(Back())

    def _push(self, digit: str) -> None:
        if digit.isascii() and digit.isdigit() and len(self.typed) < _DIGITS:
            self._show(self.typed + digit)

    def _show(self, typed: str) -> None:
        self.typed = typed
        for display in self.query("#inside-number").results(BigText):
            display.update(typed or _NOTHING)
