"""The bottom line: which keys work here, and what became of the last command."""

from collections.abc import Sequence

from rich.segment import ControlType, Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from scanner.kiosk.palette import SCHEMES, Scheme, Tone
from scanner.kiosk.session import Session
from scanner.kiosk.terminal import background


class KeyHints(Widget):
    """Keys in the large language.

    It stands at the edge of every screen and therefore also owns the colour of the margins that
    the cells leave over (OSC 11).

    Args:
        session: for words and the last problem.
        keys: message keys.
        scheme: of the screen.
    """

    can_focus = False

    def __init__(self, session: Session, keys: Sequence[str], scheme: Scheme) -> None:
        super().__init__(id="hints")
        self._session = session
        self._keys = keys
        self._scheme = scheme

    def render_line(self, _y: int) -> Strip:
        """The problem, if there is one, else the keys."""
        session = self._session
        margin = Segment(background(self._scheme.css_ground), None, [(ControlType.HOME,)])
        if session.problem:
            text, style = f" ! {session.speech.both(session.problem)}", _style(SCHEMES[Tone.FAULT])
        elif session.note:
            text, style = f" ✓ {session.speech.both(session.note)}", _style(SCHEMES[Tone.ADMIT])
        else:
            text = " " + "   ".join(session.speech.large(key) for key in self._keys)
            style = _style(self._scheme)
        line = Strip([Segment(text, style)]).adjust_cell_length(self.size.width, style)
        return Strip([margin, *line], self.size.width)


def _style(scheme: Scheme) -> Style:
    return Style(color=scheme.css_ink, bgcolor=scheme.css_ground, bold=True)
