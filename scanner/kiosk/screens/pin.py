"""Number and PIN: to come on duty, or to stand for one decision beside the guard on duty."""

from enum import StrEnum
from typing import ClassVar, Self

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.widgets import Static

from scanner.gate.messages import Decide
from scanner.kiosk.intents import Back, GivePin, PressKey
from scanner.kiosk.palette import PLAIN, SCHEMES, Scheme, Tone
from scanner.kiosk.screens.desk import DeskScreen
from scanner.kiosk.session import Session
from scanner.kiosk.typed_login import TypedLogin
from scanner.kiosk.widgets.big_text import BigText
from scanner.kiosk.widgets.key_hints import KeyHints
from scanner.kiosk.widgets.keypad import Keypad
from scanner.kiosk.widgets.touch_button import TouchButton

_KEYS = ("key.language", "key.enter", "key.back")


class PinFor(StrEnum):
    """What the PIN is for."""

    LOGIN = "login"
    SECOND_PERSON = "second_person"
    SUPERVISOR = "supervisor"


class PinScreen(DeskScreen):
    """Two lines and a keypad.

    Args:
        session: the screen's surroundings.
        purpose: what the PIN is for.
        waiting: the decision that waits for it; None for a login by itself.
        typed: what was typed already.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "back", ""),
        ("enter", "confirm", ""),
        ("backspace", "erase", ""),
    ]

    def __init__(
        self,
        session: Session,
        purpose: PinFor,
        waiting: Decide | None = None,
        typed: TypedLogin = TypedLogin(),  # noqa: B008, it is frozen
    ) -> None:
        super().__init__(session)
        self.purpose = purpose
        self.waiting = waiting
        self.visit = waiting.visit if waiting else None
        self.typed = typed

    def again(self) -> Self:
        """The number stays, the PIN does not."""
        return type(self)(self.session, self.purpose, self.waiting, self.typed.again())

    def compose(self) -> ComposeResult:
        """What is asked for and what was typed at the left, the keypad at the right."""
        speech = self.session.speech
        with Horizontal(id="body"):
            with Vertical(id="login"):
                title = f"pin.{self.purpose.value}.title"
                yield BigText(
                    self.session,
                    speech.large(title),
                    speech.small(title),
                    scheme=self._scheme,
                    widget_id="pin-title",
                )
                advice = f"pin.{self.purpose.value}.advice"
                yield Static(
                    f"{speech.large(advice)}\n{speech.small(advice)}",
                    id="pin-advice",
                    markup=False,
                )
                for line in ("number", "pin"):
                    yield Static(speech.both(f"pin.{line}"), classes="pin-label", markup=False)
                    yield BigText(
                        self.session, self._shown(line), scheme=PLAIN, widget_id=f"typed-{line}"
                    )
                with Horizontal(classes="buttons"):
                    label = (speech.large("button.back"), speech.small("button.back"))
                    yield TouchButton(self.session, *label, intent=Back, widget_id="back")
            with Container(id="entry"):
                yield Keypad(self.session)
        yield KeyHints(self.session, _KEYS, self._scheme)

    def on_key(self, event: events.Key) -> None:
        """Digits, from the row or from the numeric keypad."""
        if event.character and event.character.isdigit():
            event.stop()
            self._type(self.typed.push(event.character))

    def on_press_key(self, message: PressKey) -> None:
        """The on-screen keypad does what the keyboard does."""
        message.stop()
        if message.key == "enter":
            self.action_confirm()
        elif message.key == "backspace":
            self.action_erase()
        else:
            self._type(self.typed.push(message.key))

    def action_confirm(self) -> None:
        """On to the PIN, or with both to the gate; the PIN leaves the screen either way."""
        if self.typed.is_complete:
            self.post_message(GivePin(self.typed.number, self.typed.pin))
            self._type(self.typed.again())
        else:
            self._type(self.typed.confirm())

    def action_erase(self) -> None:
        """Take the last digit back."""
        self._type(self.typed.erase())

    def action_back(self) -> None:
        """Leave without a PIN."""
        self.post_message(Back())

    @property
    def _scheme(self) -> Scheme:
        return PLAIN if self.purpose is PinFor.LOGIN else SCHEMES[Tone.CHECK]

    def _shown(self, line: str) -> str:
        return self.typed.shown_number if line == "number" else self.typed.shown_pin

    def _type(self, typed: TypedLogin) -> None:
        self.typed = typed
        for line in ("number", "pin"):
            for display in self.query(f"#typed-{line}").results(BigText):
                display.update(self._shown(line))
