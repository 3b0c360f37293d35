"""How many come along with a guardian: one tap, and each is measured in turn."""

from functools import partial
from typing import ClassVar, Self

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Grid

from scanner.domain.walk_ins import MAX_DEPENDANTS
from scanner.kiosk.intents import Back, ChooseCount
from scanner.kiosk.palette import PLAIN, ButtonKind
from scanner.kiosk.screens.desk import DeskScreen
from scanner.kiosk.session import Session
from scanner.kiosk.widgets.big_text import BigText
from scanner.kiosk.widgets.key_hints import KeyHints
from scanner.kiosk.widgets.touch_button import TouchButton

_KEYS = ("key.language", "key.numbers", "key.back")


class PartyScreen(DeskScreen):
    """Numbers as large buttons.

    Attributes:
        guardian: the visit of a guardian with a code; None for one without.
    """

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "back", "")]

    def __init__(self, session: Session, guardian: int | None) -> None:
        super().__init__(session)
        self.guardian = self.visit = guardian

    def compose(self) -> ComposeResult:
        """Title, numbers, the way back."""
        speech = self.session.speech
        title = (speech.large("walk_in.count"), speech.small("walk_in.count"))
        yield BigText(self.session, *title, scheme=PLAIN, widget_id="choose")
        with Grid(id="reasons"):
            for count in range(1, MAX_DEPENDANTS + 1):
                yield TouchButton(
                    self.session,
                    str(count),
                    intent=partial(ChooseCount, count),
                    kind=ButtonKind.ADMIT,
                    widget_id=f"count-{count}",
                )
            back = speech.large("button.back"), speech.small("button.back")
            yield TouchButton(self.session, *back, intent=Back, widget_id="back")
        yield KeyHints(self.session, _KEYS, PLAIN)

    def again(self) -> Self:
        """The same after somebody else's verdict."""
        return type(self)(self.session, self.guardian)

    def on_key(self, event: events.Key) -> None:
        """A digit is a number of people; 0 stands for ten."""
        if event.character is None or not event.character.isdigit():
            return
        event.stop()
        self.post_message(ChooseCount(int(event.character) or 10))

    def action_back(self) -> None:
        """Nobody comes along."""
        self.post_message(Back())
