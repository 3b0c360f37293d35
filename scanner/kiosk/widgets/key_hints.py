"""The bottom line: which keys work here, and what went wrong with the last command."""

from collections.abc import Sequence

from rich.segment import ControlType, Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from scanner.kiosk.palette import NIGHT, RGB, SCHEMES, Tone, css
from scanner.kiosk.session import Session
from scanner.kiosk.terminal import background


class KeyHints(Widget):
    """Keys in the large language.

    It stands at the edge of every screen and therefore also owns the colour of the margins that
    the cells leave over (OSC 11).

    Args:
        session: for words and the last problem.
        keys: message keys.
        margin: colour of the screen's margins.
    """

    can_focus = False

    def __init__(self, session: Session, keys: Sequence[str], margin: RGB) -> None:
        super().__init__(id="hints")
        self._session = session
        self._keys = keys
        self._margin = margin

    def render_line(self, _y: int) -> Strip:
        """The problem, if there is one, else the keys."""
        speech, problem = self._session.speech, self._session.problem
        margin = Segment(background(css(self._margin)), None, [(ControlType.HOME,)])
        if problem:
            loud = SCHEMES[Tone.FAULT]
            style = Style(color=css(loud.ink), bgcolor=css(loud.ground), bold=True)
            text = f" ! {speech.both(problem)}"
        else:
            style = Style(color="#b8c4d0", bgcolor=css(NIGHT))
            text = " " + "   ".join(speech.large(key) for key in self._keys)
        line = Strip([Segment(text, style)]).adjust_cell_length(self.size.width, style)
        return Strip([margin, *line], self.size.width)
