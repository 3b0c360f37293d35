"""A rectangle of cells that shows a picture, by sixel or by half-blocks.

Only public Textual is used: the sixel travels in a control segment of the pane's last row, so that
it reaches the terminal in the same synchronized write as everything else, after the blanks that
it covers, and again whenever the compositor repaints the pane. The last row itself stays free of
pixels: terminals fill whole cells and would eat the row below.
"""

from abc import abstractmethod

from rich.segment import ControlType, Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from scanner.kiosk import halfblock
from scanner.kiosk.palette import RGB, css
from scanner.kiosk.pictures import Picture, Size
from scanner.kiosk.terminal import Display, Graphics


class PixelPane(Widget):
    """Base of all panes; a subclass draws, the pane puts it onto the screen.

    Args:
        display: how pictures get onto this screen.
        ground: colour around the picture.
    """

    can_focus = False

    def __init__(self, display: Display, ground: RGB, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._display_kind = display
        self._blank = Style(bgcolor=css(ground))
        self._lines: list[Strip] = []

    @abstractmethod
    def draw(self, size: Size) -> Picture | None:
        """The picture, at most `size` pixels large; None for an empty pane."""

    def caption(self) -> str:
        """Text of the free last row."""
        return ""

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._lines = self._paint()
        self.refresh()

    def redraw(self) -> None:
        """Show what `draw` gives now.

        With sixel only the last row is sent again; it carries the whole picture.
        """
        self._lines = self._paint()
        if self._display_kind.graphics is Graphics.SIXEL:
            self.refresh(Region(0, self.size.height - 1, self.size.width, 1))
        else:
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row of cells."""
        if y < len(self._lines):
            return self._lines[y]
        return Strip.blank(self.size.width, self._blank)

    def _paint(self) -> list[Strip]:
        columns, rows = self.size.width, self.size.height - 1
        blank = Strip.blank(columns, self._blank)
        if columns < 1 or rows < 1:
            return []
        picture = self.draw(self._display_kind.pixels(columns, rows))
        caption = self._caption(columns)
        if picture is None:
            return [*[blank] * rows, caption]
        height, width = picture.pixels.shape
        cell = self._display_kind.cell
        left = (columns - -(-width // cell.width)) // 2
        top = (rows - -(-height // cell.height)) // 2
        if self._display_kind.graphics is Graphics.SIXEL:
            right = f"\x1b[{left}C" if left else ""
            sixel = Segment(
                f"\x1b7\x1b[{rows - top}A{right}{picture.sixel}\x1b8",
                None,
                [(ControlType.HOME,)],
            )
            return [*[blank] * rows, Strip([sixel, *caption], columns)]
        margin = Strip.blank(left, self._blank)
        drawn = [
            Strip.join([margin, strip]).extend_cell_length(columns, self._blank)
            for strip in halfblock.strips(picture.pixels, picture.palette)
        ]
        return [*[blank] * top, *drawn, *[blank] * (rows - top - len(drawn)), caption]

    def _caption(self, columns: int) -> Strip:
        text = Segment(self.caption(), self._blank + Style(color="white"))
        return Strip([text]).adjust_cell_length(columns, self._blank)
