"""The part of a verdict that is read from three metres: shape, word and words."""

from textual.app import ComposeResult
from textual.containers import Container
from textual.widgets import Static

from scanner.kiosk.palette import SCHEMES, css
from scanner.kiosk.pictures import Picture, Size, verdict_picture
from scanner.kiosk.presentation import Presentation
from scanner.kiosk.session import Session
from scanner.kiosk.terminal import Graphics
from scanner.kiosk.widgets.pixel_pane import PixelPane


class VerdictPicture(Container):
    """One presentation in both languages.

    Half-blocks have room for the shape and one line of glyphs, so that the other lines stand below
    it in cells; without a font all of them do.
    """

    def __init__(self, session: Session, presentation: Presentation) -> None:
        super().__init__(id="picture")
        self._session = session
        self._presentation = presentation
        scheme = SCHEMES[presentation.tone]
        self.styles.background = css(scheme.ground)
        self.styles.color = css(scheme.ink)

    def compose(self) -> ComposeResult:
        """The pane, and the lines that do not fit into it."""
        speech, shown = self._session.speech, self._presentation
        large = [speech.large(shown.title), speech.large(shown.advice)]
        small = f"{speech.small(shown.title)} · {speech.small(shown.advice)}"
        in_pixels = self._session.display.graphics is Graphics.SIXEL
        if self._session.font is None:
            lines: tuple[str, ...] = ()
        elif in_pixels:
            lines = (*large, small)
        else:
            lines = (large[0],)
        word = speech.small(shown.word) if in_pixels else ""
        yield _VerdictPane(self._session, shown, word, lines)
        if not in_pixels or self._session.font is None:
            words = f"{speech.large(shown.word)} {speech.small(shown.word)}"
            text = f"{words}   {' · '.join(large)}\n{small}"
            yield Static(text, id="picture-words", markup=False)


class _VerdictPane(PixelPane):
    def __init__(
        self, session: Session, presentation: Presentation, word: str, lines: tuple[str, ...]
    ) -> None:
        self._scheme = SCHEMES[presentation.tone]
        super().__init__(session.display, self._scheme.ground)
        self._presentation = presentation
        self._word = word
        self._words = lines
        self._font = session.font

    def draw(self, size: Size) -> Picture:
        return verdict_picture(
            size, self._presentation.shape, self._word, self._words, self._scheme, self._font
        )
