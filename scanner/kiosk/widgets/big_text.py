"""One line of text over several rows, as pixels where the screen has them."""

from textual.app import ComposeResult
from textual.containers import Container
from textual.widgets import Static

from scanner.kiosk.palette import Scheme
from scanner.kiosk.pictures import Font, Picture, Size, text_picture
from scanner.kiosk.session import Session
from scanner.kiosk.terminal import Display, Graphics
from scanner.kiosk.widgets.pixel_pane import PixelPane


class BigText(Container):
    """Large letters; bold cell text where there is no sixel or no font."""

    def __init__(
        self, session: Session, text: str, scheme: Scheme, *, widget_id: str | None = None
    ) -> None:
        super().__init__(id=widget_id)
        self._session = session
        self._text = text
        self._scheme = scheme

    def compose(self) -> ComposeResult:
        """Pixels or cells."""
        font = self._session.font
        if font is None or self._session.display.graphics is Graphics.BLOCKS:
            yield Static(self._text, classes="plain", markup=False)
        else:
            yield _TextPane(self._session.display, self._text, self._scheme, font)

    def update(self, text: str) -> None:
        """Show another text."""
        self._text = text
        for plain in self.query(Static):
            plain.update(text)
        for pane in self.query(_TextPane):
            pane.update(text)


class _TextPane(PixelPane):
    def __init__(self, display: Display, text: str, scheme: Scheme, font: Font) -> None:
        super().__init__(display, scheme.ground)
        self._text = text
        self._scheme = scheme
        self._font = font

    def update(self, text: str) -> None:
        self._text = text
        self.redraw()

    def draw(self, size: Size) -> Picture:
        return text_picture(size, self._text, self._scheme, self._font)
