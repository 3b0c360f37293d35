"""What every screen of the kiosk has in common."""

from textual.screen import Screen

from scanner.kiosk.session import Session
from scanner.kiosk.widgets.key_hints import KeyHints


class GateScreen(Screen[None]):
    """A full screen, never a modal one: keys of the app would not work under a modal."""

    ALLOW_SELECT = False
    AUTO_FOCUS = ""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def show_notes(self) -> None:
        """Show, or take away, what became of the last command."""
        for hints in self.query(KeyHints):
            hints.refresh()
