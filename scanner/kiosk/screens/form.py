"""A number of a document, or whom a visitor visits: typed with large keys, checked as it grows."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import ClassVar, Final, Self

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.widgets import Static

from scanner.domain.id_documents import NumberFault
from scanner.domain.walk_ins import PersonKind
from scanner.kiosk.forms import Field, Form
from scanner.kiosk.intents import Back, ChooseField, ChoosePerson, Intent, PressKey, SendForm
from scanner.kiosk.palette import PLAIN, SCHEMES, ButtonKind, Tone
from scanner.kiosk.screens.desk import DeskScreen
from scanner.kiosk.session import Session
from scanner.kiosk.widgets.big_text import BigText
from scanner.kiosk.widgets.character_pad import BACKSPACE, CLEAR, DIGITS, LETTERS, CharacterPad
from scanner.kiosk.widgets.field_box import FieldBox
from scanner.kiosk.widgets.key_hints import KeyHints
from scanner.kiosk.widgets.touch_button import TouchButton

FORGET_S: Final = 60.0
"""What nobody goes on typing is wiped: the guard was called away, and others see the screen."""

_KEYS = ("key.language", "key.enter", "key.back")
_FIELD_KEYS = ("key.language", "key.field", "key.enter", "key.back")
_FOREIGN: Final = (
    PersonKind.PASSPORT,
    PersonKind.HONG_KONG_MACAU_PERMIT,
    PersonKind.TAIWAN_PERMIT,
)
"""One button of the list leads to these three."""


class FormScreen(DeskScreen):
    """Fields at the left, keys at the right.

    Attributes:
        form: what was typed so far.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "back", ""),
        ("enter", "confirm", ""),
        ("backspace", "erase", ""),
        ("tab", "next_field", ""),
    ]

    def __init__(self, session: Session, form: Form) -> None:
        super().__init__(session)
        self.form = form
        self._is_letters = False
        self._forgetting: Timer | None = None

    def compose(self) -> ComposeResult:
        """Title, fields, what is wrong or complete, what is kept; the keys; the buttons."""
        speech, form = self.session.speech, self.form
        both = (speech.large, speech.small)
        with Horizontal(id="body"):
            with Vertical(id="form", classes="many" if len(form.fields) > 1 else ""):
                title = [words(f"person.{form.person.value}") for words in both]
                yield BigText(self.session, *title, scheme=PLAIN, widget_id="form-title")
                for field in form.fields:
                    is_only = field is Field.NUMBER
                    label = "" if is_only else speech.large(f"walk_in.{field.value}")
                    yield FieldBox(self.session, field, label)
                yield Static("", id="form-state")
                kept = "number_kept" if Field.NUMBER in form.fields else "visitor_kept"
                notice = speech.large(f"walk_in.{kept}")
                yield Static(notice, id="form-kept", markup=False)
            with Vertical(id="pad-side"):
                yield CharacterPad(self.session, form.keys, is_letters=self._is_letters)
        with Horizontal(classes="buttons"):
            yield self._button("button.back", Back)
            for person in _FOREIGN if form.person in _FOREIGN else ():
                if person is not form.person:
                    yield self._button(f"person.{person.value}", partial(ChoosePerson, person))
            yield self._button("button.enter", partial(PressKey, "enter"), ButtonKind.ADMIT)
        yield KeyHints(self.session, _FIELD_KEYS if len(form.fields) > 1 else _KEYS, PLAIN)

    def on_mount(self) -> None:
        """Show what was typed, and begin to forget it."""
        self._becomes(self.form)

    async def recompose(self) -> None:
        """Build the screen anew, after a change of language, with what was typed."""
        await super().recompose()
        self._show()

    def again(self) -> Self:
        """The same after somebody else's verdict, with what was typed."""
        return type(self)(self.session, self.form)

    def wipe(self) -> None:
        """Empty the form: it was sent, or nobody goes on."""
        self._becomes(Form.of(self.form.person, self.form.numbers))

    def on_key(self, event: events.Key) -> None:
        """Characters from a keyboard; what the field does not take is ignored."""
        if event.character is not None and event.character.isprintable():
            event.stop()
            self._becomes(self.form.push(event.character))

    async def on_press_key(self, message: PressKey) -> None:
        """The on-screen keys do what the keyboard does."""
        message.stop()
        match message.key:
            case "enter":
                await self.action_confirm()
            case key if key == BACKSPACE:
                self.action_erase()
            case key if key == CLEAR:
                self._becomes(self.form.clear())
            case key if key in (LETTERS, DIGITS):
                await self._turn_to(is_letters=key == LETTERS)
            case character:
                self._becomes(self.form.push(character))

    async def on_choose_field(self, message: ChooseField) -> None:
        """A tap on a field."""
        message.stop()
        await self._go_to(self.form.at(message.chosen))

    async def action_next_field(self) -> None:
        """Tab: the next field, after the last one the first."""
        await self._go_to(self.form.following() or self.form.at(self.form.fields[0]))

    async def action_confirm(self) -> None:
        """Enter: send what is complete, else go on to the next field."""
        if self.form.fault(self._today) is None:
            self.post_message(SendForm(self.form))
        elif (following := self.form.following()) is not None:
            await self._go_to(following)

    def action_erase(self) -> None:
        """Take the last character back."""
        self._becomes(self.form.erase())

    def action_back(self) -> None:
        """Leave without sending anything."""
        self.post_message(Back())

    @property
    def _today(self) -> date:
        """The gate's day; without its time nothing is too late."""
        status = self.session.status
        return status.at.astimezone(self.session.timezone).date() if status else date.max

    async def _go_to(self, form: Form) -> None:
        self._becomes(form)
        await self._turn_to(is_letters=False)

    async def _turn_to(self, *, is_letters: bool) -> None:
        self._is_letters = is_letters
        side = self.query_one("#pad-side", Vertical)
        with self.app.batch_update():
            await side.remove_children()
            await side.mount(CharacterPad(self.session, self.form.keys, is_letters=is_letters))
        # Cells of the old keys that are painted late would wipe the pictures of the new ones.
        self.call_after_refresh(self.refresh)

    def _becomes(self, form: Form) -> None:
        self.form = form
        if self._forgetting is not None:
            self._forgetting.stop()
        is_empty = not any(map(form.text, form.fields))
        self._forgetting = None if is_empty else self.set_timer(FORGET_S, self.wipe)
        self._show()

    def _show(self) -> None:
        form = self.form
        for field in form.fields:
            for box in self.query(f"#field-{field.value}").results(FieldBox):
                box.show(form.shown(field), is_active=field is form.active)
        for line in self.query("#form-state").results(Static):
            line.update(self._state())

    def _state(self) -> Text:
        """What is wrong, in both languages; amber where the guard has to look again."""
        fault, speech = self.form.fault(self._today), self.session.speech
        complete = "reachable" if self.form.person is PersonKind.VISITOR else "complete"
        key = f"walk_in.{complete}" if fault is None else f"number_fault.{fault.value}"
        is_quiet = fault is NumberFault.UNFINISHED
        tone = Tone.ADMIT if fault is None else Tone.CHECK
        style = "#d8e2ec" if is_quiet else f"bold {SCHEMES[tone].css_ground}"
        mark = "✓ " if fault is None else "" if is_quiet else "! "
        return Text(f"{mark}{speech.large(key)}\n{speech.small(key)}", style)

    def _button(
        self, key: str, intent: Callable[[], Intent], kind: ButtonKind = ButtonKind.PLAIN
    ) -> TouchButton:
        speech, name = self.session.speech, key.partition(".")[2]
        label = (speech.large(key), speech.small(key))
        return TouchButton(self.session, *label, intent=intent, kind=kind, widget_id=name)
