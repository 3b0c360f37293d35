"""One field of a form: what it is, and what was typed so far."""

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from scanner.kiosk.forms import Field
from scanner.kiosk.intents import ChooseField
from scanner.kiosk.palette import HINT, PLAIN
from scanner.kiosk.session import Session
from scanner.kiosk.widgets.big_text import BigText


class FieldBox(Vertical):
    """A tap lets keys go here. Its text is drawn anew each time and kept in no cache.

    Args:
        session: for display and font.
        field: which one.
        label: what it is, in words.
    """

    can_focus = False

    def __init__(self, session: Session, field: Field, label: str) -> None:
        super().__init__(id=f"field-{field.value}", classes="field")
        self._session = session
        self._field = field
        self._label = label

    def compose(self) -> ComposeResult:
        """The label over the text."""
        yield Static(self._label, classes="label", markup=False)
        yield BigText(self._session, "", scheme=PLAIN, is_private=True)

    def show(self, text: str, *, is_active: bool) -> None:
        """What stands here now; the active field is the light blue one."""
        self.set_class(is_active, "active")
        for shown in self.query(BigText):
            shown.update(text or " ", scheme=HINT if is_active else PLAIN)

    def on_click(self, event: events.Click) -> None:
        """A tap."""
        event.stop()
        self.post_message(ChooseField(self._field))
