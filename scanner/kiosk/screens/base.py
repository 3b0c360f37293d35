"""What every screen of the kiosk has in common."""

from textual.screen import Screen
from textual.widget import Widget

from scanner.kiosk.session import Session
from scanner.kiosk.widgets.key_hints import KeyHints


class GateScreen(Screen[None]):
    """A full screen, never a modal one: keys of the app would not work under a modal."""

    ALLOW_SELECT = False
    AUTO_FOCUS = ""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def on_screen_suspend(self) -> None:
        """Forget what was drawn: a person's lines should not outlive the screen.

        Textual 8.2 keeps the drawn lines of the last thousand widgets reachable after they were
        removed (https://github.com/Textualize/textual/issues/6665), which is 70 MB of a kiosk.
        """
        for widget in self.walk_children(Widget):
            widget.refresh()

    def show_notes(self) -> None:
        """Show, or take away, what became of the last command."""
        for hints in self.query(KeyHints):
            hints.refresh()
