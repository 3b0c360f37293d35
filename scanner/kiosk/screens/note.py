"""What it was that no reason of the list names: a short list, a keyboard on the screen, or keys."""

from functools import partial
from typing import ClassVar, Final, Self

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Grid, Horizontal
from textual.widgets import Static

from scanner.gate.guard_messages import MAX_NOTE
from scanner.gate.messages import Decide
from scanner.kiosk.intents import Back, GiveNote, PressKey, ShowLetters
from scanner.kiosk.palette import PLAIN, SCHEMES, ButtonKind, Tone
from scanner.kiosk.screens.desk import DeskScreen
from scanner.kiosk.session import Session
from scanner.kiosk.typed_login import CURSOR
from scanner.kiosk.widgets.big_text import BigText
from scanner.kiosk.widgets.key_hints import KeyHints
from scanner.kiosk.widgets.touch_button import TouchButton

NOTES: Final = (
    "delivery",
    "repair",
    "official_visit",
    "known_resident",
    "phone_broken",
    "phone_empty",
    "fetches_somebody",
    "moves_house",
)
"""What `other` mostly is; the words go to the hub in the large language."""

_LETTERS: Final = "QWERTYUIOPASDFGHJKLZXCVBNM"
_KEYS = ("key.language", "key.enter", "key.back")
_KINDS: Final = {True: ButtonKind.ADMIT, False: ButtonKind.REFUSE}


class _Letter(Static):
    """One key: plain cells, since thirty pictures would take a Pi a second to draw."""

    can_focus = False

    def __init__(self, key: str, label: str) -> None:
        super().__init__(label, id=f"key-{key.lower()}", classes="letter", markup=False)
        self._key = key

    def on_click(self, event: events.Click) -> None:
        """A tap."""
        event.stop()
        self.post_message(PressKey(self._key))


class NoteScreen(DeskScreen):
    """One line that somebody at the hub will read.

    Args:
        session: the screen's surroundings.
        waiting: the decision that needs a note.
        text: what was typed already.
        has_letters: the keyboard is shown instead of the list.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "back", ""),
        ("enter", "confirm", ""),
        ("backspace", "erase", ""),
    ]

    def __init__(
        self, session: Session, waiting: Decide, text: str = "", *, has_letters: bool = False
    ) -> None:
        super().__init__(session)
        self.waiting = waiting
        self.visit = waiting.visit
        self.text = text
        self.has_letters = has_letters

    def again(self) -> Self:
        """With what was typed."""
        return type(self)(self.session, self.waiting, self.text, has_letters=self.has_letters)

    def compose(self) -> ComposeResult:
        """What is asked for, what was typed, and the list or the keyboard."""
        speech, session = self.session.speech, self.session
        kind = _KINDS[self.waiting.admit]
        scheme = SCHEMES[Tone(kind.value)]
        yield BigText(session, speech.both("note.title"), scheme=scheme, widget_id="choose")
        yield BigText(session, self._shown, scheme=PLAIN, widget_id="note")
        if self.has_letters:
            with Grid(id="letters"):
                for letter in _LETTERS:
                    yield _Letter(letter, letter)
                yield _Letter("space", "␣")
                yield _Letter("backspace", "⌫")
        else:
            with Grid(id="notes"):
                for note in NOTES:
                    key = f"note.{note}"
                    intent = partial(GiveNote, speech.large(key))
                    label = (speech.large(key), speech.small(key))
                    yield TouchButton(
                        session, *label, intent=intent, kind=kind, widget_id=f"note-{note}"
                    )
        with Horizontal(classes="buttons"):
            yield self._button("button.back", Back, ButtonKind.PLAIN, "back")
            if self.has_letters:
                confirm = partial(PressKey, "enter")
                yield self._button("button.enter", confirm, kind, "enter")
            else:
                yield self._button("button.letters", ShowLetters, ButtonKind.PLAIN, "to-letters")
        yield KeyHints(session, _KEYS, scheme)

    def on_key(self, event: events.Key) -> None:
        """Whatever a keyboard types, from fingers only."""
        if event.character and event.character.isprintable():
            event.stop()
            self._type(self.text + event.character)

    def on_press_key(self, message: PressKey) -> None:
        """The keyboard on the screen does what one on the table does."""
        message.stop()
        match message.key:
            case "enter":
                self.action_confirm()
            case "backspace":
                self.action_erase()
            case "space":
                self._type(f"{self.text} ")
            case letter:
                self._type(self.text + letter.lower())

    async def on_show_letters(self, message: ShowLetters) -> None:
        """The keyboard instead of the list."""
        message.stop()
        self.has_letters = True
        await self.recompose()

    def action_confirm(self) -> None:
        """The line is complete; an empty one is none."""
        if note := self.text.strip():
            self.post_message(GiveNote(note))

    def action_erase(self) -> None:
        """Take the last character back."""
        self._type(self.text[:-1])

    def action_back(self) -> None:
        """Leave without deciding."""
        self.post_message(Back())

    @property
    def _shown(self) -> str:
        return f"{self.text}{CURSOR}"

    def _type(self, text: str) -> None:
        self.text = text.lstrip()[:MAX_NOTE]
        for display in self.query("#note").results(BigText):
            display.update(self._shown)

    def _button(
        self,
        key: str,
        intent: "type[Back | ShowLetters] | partial[PressKey]",
        kind: ButtonKind,
        name: str,
    ) -> TouchButton:
        label = (self.session.speech.large(key), self.session.speech.small(key))
        return TouchButton(self.session, *label, intent=intent, kind=kind, widget_id=name)
