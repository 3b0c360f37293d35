"""A verdict, full screen, until the gate says otherwise."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import ceil
from time import monotonic
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.widgets import Static

from scanner.domain.verdicts import Decision
from scanner.gate.messages import VerdictShown
from scanner.kiosk.intents import (
    CloseVerdict,
    GiveTemperature,
    Intent,
    OpenDecision,
    OpenParty,
    PressKey,
    SamePerson,
    SawDocument,
    UndoDecision,
)
from scanner.kiosk.palette import PLAIN, SCHEMES, ButtonKind
from scanner.kiosk.presentation import (
    leads_a_party,
    present,
    wants_document,
    wants_identity,
    wants_temperature,
)
from scanner.kiosk.screens.base import GateScreen
from scanner.kiosk.session import Session
from scanner.kiosk.temperature import TypedTemperature
from scanner.kiosk.widgets.big_text import BigText
from scanner.kiosk.widgets.key_hints import KeyHints
from scanner.kiosk.widgets.keypad import Keypad
from scanner.kiosk.widgets.touch_button import TouchButton
from scanner.kiosk.widgets.verdict_details import VerdictDetails
from scanner.kiosk.widgets.verdict_picture import VerdictPicture


class VerdictScreen(GateScreen):
    """The machine's or the guard's decision, and what can be done about it.

    While a temperature is asked for, the keypad stands beside it and digits go to it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        ("f2", "decide(True)", ""),
        ("f3", "decide(False)", ""),
        ("f4", "same_person", ""),
        ("f5", "saw_document", ""),
        ("f6", "party", ""),
        ("f7", "undo", ""),
        ("escape", "close", ""),
        ("enter", "confirm", ""),
        ("t", "clear", ""),
        ("backspace", "erase", ""),
    ]

    def __init__(self, session: Session, verdict: VerdictShown) -> None:
        super().__init__(session)
        self.verdict = verdict
        self.presentation = present(verdict)
        self.asks_temperature = wants_temperature(verdict)
        self.asks_identity = wants_identity(verdict)
        self.asks_document = wants_document(verdict)
        self._cool_at_s = monotonic() + verdict.measure_in_s
        self.typed = TypedTemperature()

    def compose(self) -> ComposeResult:
        """Picture, details and buttons; the keypad at their right when it is needed."""
        with Horizontal(id="body"):
            with Vertical(id="verdict"):
                yield VerdictPicture(self.session, self.presentation)
                yield VerdictDetails(self.session, self.verdict)
                yield from self._buttons()
            if self.asks_temperature:
                yield from self._entry()
        yield KeyHints(self.session, self._keys(), SCHEMES[self.presentation.tone])

    @property
    def can_decide(self) -> bool:
        """Whether a guard can still add a decision to this visit."""
        return self.verdict.recorded and self.verdict.guard is None

    @property
    def can_admit(self) -> bool:
        """Whether there is anybody left to admit by hand."""
        admitted = self.verdict.final and self.verdict.decision is Decision.ADMIT
        return self.can_decide and not admitted

    @property
    def can_undo(self) -> bool:
        """Whether a guard has just decided: the gate knows whether it is too late."""
        return self.verdict.recorded and self.verdict.guard is not None

    def on_key(self, event: events.Key) -> None:
        """Digits, from the row or from the numeric keypad; a point is allowed and not needed."""
        if self.asks_temperature and event.character and event.character.isdigit():
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
        """Enter: give the temperature, or go on to the next person."""
        if self.asks_temperature:
            if (celsius := self.typed.celsius) is not None:
                self.post_message(GiveTemperature(celsius))
        elif self.verdict.final:
            self.action_close()

    def action_erase(self) -> None:
        """Take the last digit back."""
        self._type(self.typed.erase())

    def action_clear(self) -> None:
        """Begin the reading again."""
        self._type(TypedTemperature())

    def action_decide(self, admit: bool) -> None:
        """The guard admits or refuses by hand."""
        if self.can_admit if admit else self.can_decide:
            self.post_message(OpenDecision(admit=admit))

    def action_same_person(self) -> None:
        """Name and document are this person's."""
        if self.asks_identity:
            self.post_message(SamePerson())

    def action_saw_document(self) -> None:
        """The document that the rules want is there."""
        if self.asks_document:
            self.post_message(SawDocument())

    def action_party(self) -> None:
        """Others come along with this person."""
        if leads_a_party(self.verdict):
            self.post_message(OpenParty())

    def action_undo(self) -> None:
        """Take the guard's decision back."""
        if self.can_undo:
            self.post_message(UndoDecision())

    def action_close(self) -> None:
        """The person is done with, or has left."""
        self.post_message(CloseVerdict())

    def _type(self, typed: TypedTemperature) -> None:
        self.typed = typed
        for display in self.query("#reading").results(BigText):
            display.update(f"{typed.shown} °C")

    def on_mount(self) -> None:
        """While a warm forehead cools down, the seconds that are left are counted."""
        if self._cools_s() > 0:
            self.set_interval(1.0, self._show_limit)

    def _cools_s(self) -> int:
        return max(0, ceil(self._cool_at_s - monotonic()))

    def _limit(self) -> str:
        speech, hello = self.session.speech, self.session.hello
        if (left_s := self._cools_s()) > 0:
            minutes, seconds = divmod(left_s, 60)
            return speech.large("temperature.cools", left=f"{minutes}:{seconds:02}")
        if hello is None:
            return ""
        limits = {"low": hello.min_temperature_c, "high": hello.max_temperature_c}
        return speech.large("temperature.limit", **limits)

    def _show_limit(self) -> None:
        for line in self.query("#limit").results(Static):
            line.update(self._limit())

    def _entry(self) -> ComposeResult:
        with Container(id="entry"):
            yield BigText(self.session, f"{self.typed.shown} °C", scheme=PLAIN, widget_id="reading")
            yield Static(self._limit(), id="limit", markup=False)
            yield Keypad(self.session)

    def _buttons(self) -> ComposeResult:
        speech = self.session.speech
        with Horizontal(classes="buttons"):
            for choice in self._choices():
                label = (speech.large(choice.label), speech.small(choice.label))
                yield TouchButton(
                    self.session,
                    *label,
                    intent=choice.intent,
                    kind=choice.kind,
                    widget_id=choice.label.removeprefix("button."),
                )

    def _choices(self) -> list["_Choice"]:
        done = "button.next" if self.verdict.final else "button.left"
        choices = [_Choice(done, CloseVerdict, ButtonKind.PLAIN)]
        if leads_a_party(self.verdict):
            choices.insert(0, _Choice("button.with_dependants", OpenParty, ButtonKind.PLAIN))
        if self.can_undo:
            choices.insert(0, _Choice("button.undo", UndoDecision, ButtonKind.PLAIN))
        if self.can_decide:
            refuse = partial(OpenDecision, admit=False)
            choices.insert(0, _Choice("button.refuse", refuse, ButtonKind.REFUSE))
        if self.can_admit:
            admit = partial(OpenDecision, admit=True)
            choices.insert(0, _Choice("button.admit", admit, ButtonKind.ADMIT))
        if self.asks_identity:
            choices.insert(0, _Choice("button.same_person", SamePerson, ButtonKind.ADMIT))
        if self.asks_document:
            choices.insert(0, _Choice("button.saw_document", SawDocument, ButtonKind.ADMIT))
        return choices

    def _keys(self) -> list[str]:
        keys = ["key.language"]
        if self.can_undo:
            keys.append("key.undo")
        if self.can_admit:
            keys.append("key.admit")
        if self.can_decide:
            keys.append("key.refuse")
        if self.asks_identity:
            keys.append("key.same_person")
        if self.asks_document:
            keys.append("key.saw_document")
        if leads_a_party(self.verdict):
            keys.append("key.party")
        if self.asks_temperature:
            keys += ["key.enter", "key.temperature"]
        return [*keys, "key.next" if self.verdict.final else "key.left"]


@dataclass(frozen=True, slots=True)
class _Choice:
    """A button below a verdict."""

    label: str
    intent: Callable[[], Intent]
    kind: ButtonKind
