"""The guard decides: one tap on a reason admits or refuses."""

from functools import partial
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Grid
from textual.widgets import Static

from scanner.domain.reasons import GuardReason
from scanner.kiosk.intents import Back, ChooseReason, OpenDecision
from scanner.kiosk.palette import SCHEMES, Tone
from scanner.kiosk.presentation import ADMITTING, REFUSING
from scanner.kiosk.screens.base import GateScreen
from scanner.kiosk.session import Session
from scanner.kiosk.widgets.key_hints import KeyHints
from scanner.kiosk.widgets.touch_button import TouchButton

_KEYS = ("key.language", "key.numbers", "key.back")


class DecisionScreen(GateScreen):
    """Reasons as large buttons.

    Attributes:
        admit: what a reason here means.
        visit: the scan that is decided about; None for a person without a code.
    """

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "back", "")]

    def __init__(self, session: Session, *, admit: bool, visit: int | None) -> None:
        super().__init__(session)
        self.admit = admit
        self.visit = visit

    @property
    def reasons(self) -> tuple[GuardReason, ...]:
        """The reasons that make sense for this decision; keys 1 to 9 and 0 choose them."""
        return ADMITTING if self.admit else REFUSING

    def compose(self) -> ComposeResult:
        """Title, reasons, the other decision, the way back."""
        speech = self.session.speech
        kind, tone = ("admit", Tone.ADMIT) if self.admit else ("refuse", Tone.REFUSE)
        title = speech.both(f"choose.{kind}")
        yield Static(title, id="choose", classes=kind, markup=False)
        with Grid(id="reasons"):
            for number, reason in enumerate(self.reasons, start=1):
                key = f"guard_reason.{reason.value}"
                yield TouchButton(
                    f"{number % 10}  {speech.large(key)}",
                    speech.small(key),
                    partial(ChooseReason, admit=self.admit, reason=reason),
                    kind=kind,
                    widget_id=f"reason-{reason.value}",
                )
            other = "button.switch_refuse" if self.admit else "button.switch_admit"
            switch = partial(OpenDecision, admit=not self.admit)
            yield TouchButton(speech.large(other), speech.small(other), switch, widget_id="switch")
            back = "button.back"
            yield TouchButton(speech.large(back), speech.small(back), Back, widget_id="back")
        yield KeyHints(self.session, _KEYS, SCHEMES[tone].ground)

    def on_key(self, event: events.Key) -> None:
        """A digit chooses the reason that carries it."""
        if event.character is None or not event.character.isdigit():
            return
        event.stop()
        number = int(event.character) or 10
        if number <= len(self.reasons):
            reason = self.reasons[number - 1]
            self.post_message(ChooseReason(admit=self.admit, reason=reason))

    def action_back(self) -> None:
        """Leave without deciding."""
        self.post_message(Back())
