"""There is no gate: said at once and loudly, never a frozen picture."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Static

from scanner.kiosk.connection import Trouble
from scanner.kiosk.palette import SCHEMES, Tone
from scanner.kiosk.presentation import Presentation, Shape
from scanner.kiosk.screens.base import GateScreen
from scanner.kiosk.session import Session
from scanner.kiosk.widgets.key_hints import KeyHints
from scanner.kiosk.widgets.verdict_picture import VerdictPicture


class NoGateScreen(GateScreen):
    """Why the gate is not there, what to do now, and whom it concerns."""

    BINDINGS: ClassVar[list[BindingType]] = [("q", "app.quit", "")]

    def __init__(self, session: Session, trouble: Trouble) -> None:
        super().__init__(session)
        self.trouble = trouble

    def compose(self) -> ComposeResult:
        """The picture, then a line for the guard and one for the technician."""
        speech = self.session.speech
        title = f"trouble.{self.trouble.value}.title"
        presentation = Presentation(
            Tone.FAULT, Shape.BANG_IN_SQUARE, "word.fault", title, "trouble.advice"
        )
        remedy = f"trouble.{self.trouble.value}.remedy"
        lines = [
            f"{words('trouble.retry')}\n{words(remedy)}" for words in (speech.large, speech.small)
        ]
        with Vertical():
            yield VerdictPicture(self.session, presentation)
            yield Static("\n\n".join(lines), id="remedy", markup=False)
        yield KeyHints(self.session, ("key.language", "key.quit"), SCHEMES[Tone.FAULT])
