"""The guard decides: one tap on a reason admits or refuses."""

from collections.abc import Callable
from functools import partial
from typing import ClassVar, Final, Self

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Grid

from scanner.domain.reasons import GuardReason
from scanner.domain.walk_ins import MEASURED
from scanner.kiosk.intents import Back, ChooseReason, Intent, OpenDecision
from scanner.kiosk.palette import SCHEMES, ButtonKind, Tone
from scanner.kiosk.presentation import ADMITTING, REFUSING
from scanner.kiosk.screens.desk import DeskScreen
from scanner.kiosk.session import Session
from scanner.kiosk.widgets.big_text import BigText
from scanner.kiosk.widgets.key_hints import KeyHints
from scanner.kiosk.widgets.touch_button import TouchButton

_KEYS = ("key.language", "key.numbers", "key.back")
_KINDS: Final = {True: ButtonKind.ADMIT, False: ButtonKind.REFUSE}


class DecisionScreen(DeskScreen):
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

    def again(self) -> Self:
        """The same list."""
        return type(self)(self.session, admit=self.admit, visit=self.visit)

    @property
    def reasons(self) -> dict[str, GuardReason]:
        """The reasons that make sense for this decision, by the key that chooses them.

        Whoever has to be measured is told in on the screen before; the others keep their keys.
        """
        all_of_them = ADMITTING if self.admit else REFUSING
        is_told_in = self.admit and self.visit is None
        return {
            str(number % 10): reason
            for number, reason in enumerate(all_of_them, start=1)
            if not (is_told_in and reason in MEASURED)
        }

    def compose(self) -> ComposeResult:
        """Title, reasons, the other decision, the way back."""
        speech, kind = self.session.speech, _KINDS[self.admit]
        scheme = SCHEMES[Tone(kind.value)]
        title = speech.both(f"choose.{kind.value}")
        yield BigText(self.session, title, scheme=scheme, widget_id="choose")
        with Grid(id="reasons"):
            for digit, reason in self.reasons.items():
                intent = partial(ChooseReason, admit=self.admit, reason=reason)
                key = f"guard_reason.{reason.value}"
                name = f"reason-{reason.value}"
                prefix = f"{digit}\N{NO-BREAK SPACE}"
                yield self._button(key, intent, kind, name, prefix=prefix)
            other = _KINDS[not self.admit].value
            switch = partial(OpenDecision, admit=not self.admit)
            yield self._button(f"button.switch_{other}", switch, ButtonKind.PLAIN, "switch")
            yield self._button("button.back", Back, ButtonKind.PLAIN, "back")
        yield KeyHints(self.session, _KEYS, scheme)

    def on_key(self, event: events.Key) -> None:
        """A digit chooses the reason that carries it."""
        if event.character is None or not event.character.isdigit():
            return
        event.stop()
        reason = self.reasons.get(event.character)
        if reason is not None:
            self.post_message(ChooseReason(admit=self.admit, reason=reason))

    def action_back(self) -> None:
        """Leave without deciding."""
        self.post_message(Back())

    def _button(
        self,
        key: str,
        intent: Callable[[], Intent],
        kind: ButtonKind,
        name: str,
        *,
        prefix: str = "",
    ) -> TouchButton:
        speech = self.session.speech
        label = (f"{prefix}{speech.large(key)}", speech.small(key))
        return TouchButton(self.session, *label, intent=intent, kind=kind, widget_id=name)
