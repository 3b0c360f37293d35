"""Text over several rows, as pixels where the screen has them."""

from collections.abc import Callable
from functools import partial

from textual.app import ComposeResult
from textual.containers import Container
from textual.widgets import Static

from scanner.kiosk.palette import Scheme, css
from scanner.kiosk.pictures import Picture, Size, fresh_text_picture, text_picture
from scanner.kiosk.session import Session
from scanner.kiosk.terminal import Display, Graphics
from scanner.kiosk.widgets.pixel_pane import PixelPane


class BigText(Container):
    """Large letters; bold cell text where there is no sixel or no font.

    Args:
        session: for display and font.
        lines: the first one is the largest.
        scheme: ground and ink.
        centred: in the middle instead of at the left.
        is_private: no picture of these lines outlives them.
    """

    DEFAULT_CLASSES = "big-text"

    def __init__(
        self,
        session: Session,
        *lines: str,
        scheme: Scheme,
        centred: bool = False,
        is_private: bool = False,
        widget_id: str | None = None,
    ) -> None:
        super().__init__(id=widget_id)
        self._picture = fresh_text_picture if is_private else text_picture
        self._session = session
        self._lines = lines
        self._scheme = scheme
        self._centred = centred
        self.styles.background = scheme.css_ground

    def compose(self) -> ComposeResult:
        """Pixels or cells."""
        font = self._session.font
        if font is None or self._session.display.graphics is Graphics.BLOCKS:
            plain = Static("\n".join(self._lines), classes="plain", markup=False)
            plain.styles.content_align = ("center" if self._centred else "left", "middle")
            plain.styles.text_align = "center" if self._centred else "left"
            plain.styles.background = css(self._scheme.ground)
            plain.styles.color = css(self._scheme.ink)
            yield plain
        else:
            draw = partial(self._picture, font=font, centred=self._centred)
            yield _TextPane(self._session.display, self._lines, self._scheme, draw)

    def update(self, *lines: str, scheme: Scheme | None = None) -> None:
        """Show other lines, in another ink if need be; the ground stays."""
        self._lines = lines
        self._scheme = scheme or self._scheme
        for plain in self.query(Static):
            plain.styles.color = css(self._scheme.ink)
            plain.update("\n".join(lines))
        for pane in self.query(_TextPane):
            pane.update(lines, self._scheme)


class _TextPane(PixelPane):
    def __init__(
        self,
        display: Display,
        lines: tuple[str, ...],
        scheme: Scheme,
        picture: Callable[..., Picture],
    ) -> None:
        super().__init__(display, scheme.ground)
        self._words = lines
        self._scheme = scheme
        self._picture = picture
        self._half_cell = display.cell.height // 2

    def update(self, lines: tuple[str, ...], scheme: Scheme) -> None:
        self._words = lines
        self._scheme = scheme
        self.redraw()

    def draw(self, size: Size) -> Picture:
        return self._picture(size, self._words, self._scheme, top=self._half_cell)
