"""Pictures of big glyphs: shape and words, large enough to be read from three metres.

Terminal text has one size, so that everything a guard must see from afar is drawn with Pillow and
painted as pixels. A picture has one ground and one ink and the steps between them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from scanner.kiosk import shapes, sixel
from scanner.kiosk.palette import RGB, Scheme, ramp
from scanner.kiosk.presentation import Shape

STEPS: Final = 8
_FONT: Final = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc")
_SIMPLIFIED_CHINESE: Final = 2
_REFERENCE_PX: Final = 100
_GAP: Final = 0.05
_SHAPE_SHARE: Final = 0.34
_SEPARATOR: Final = " · "
"""Joins the two halves of a line that may be broken there."""
_COMMA: Final = "，"
"""Ends a clause; Chinese has no blanks to break at."""

Font = ImageFont.FreeTypeFont
Size = tuple[int, int]
"""Width and height in pixels."""
Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""


@dataclass(frozen=True, eq=False)
class Picture:
    """Indexed pixels.

    Attributes:
        pixels: `(H, W) uint8` indexes into `palette`.
        palette: its colours; the first one is the ground.
    """

    pixels: NDArray[np.uint8]
    palette: tuple[RGB, ...]

    @cached_property
    def sixel(self) -> str:
        """The picture as a sixel sequence, encoded once."""
        return sixel.encode(self.pixels, self.palette)


def load_font(path: Path = _FONT) -> Font | None:
    """The bold face with simplified Chinese forms; None where the font package is missing."""
    try:
        return ImageFont.truetype(path, _REFERENCE_PX, index=_SIMPLIFIED_CHINESE)
    except OSError:
        return None


@lru_cache(maxsize=6)
def verdict_picture(
    size: Size, shape: Shape, word: str, lines: tuple[str, ...], scheme: Scheme, font: Font | None
) -> Picture:
    """A shape with a word under it on the left, lines of text on the right.

    Args:
        size: of the picture.
        shape: drawn in ink.
        word: under the shape; empty for none.
        lines: the first one is the largest; each is as large as its room allows.
        scheme: its two colours.
        font: without one only the shape is drawn, in the middle.
    """
    width, height = size
    canvas = Image.new("L", size, 0)
    gap = round(_GAP * height)
    if font is None or not lines:
        edge = min(width, height) - 2 * gap
        _paste(canvas, shapes.draw(shape, edge), ((width - edge) // 2, gap))
        return _picture(canvas, scheme)
    column = round(min(_SHAPE_SHARE * width, height * 1.1))
    word_height = round(0.2 * height) if word else 0
    edge = min(column - 2 * gap, height - 2 * gap - word_height)
    top = (height - edge - word_height) // 2
    _paste(canvas, shapes.draw(shape, edge), ((column - edge) // 2 + gap // 2, top))
    if word:
        box = (gap, top + edge + gap // 2, column, top + edge + word_height)
        _write(canvas, word, box, font, centred=True)
    _write_lines(canvas, lines, (column + gap, gap, width - gap, height - gap), font)
    return _picture(canvas, scheme)


def fresh_text_picture(
    size: Size,
    lines: tuple[str, ...],
    scheme: Scheme,
    font: Font,
    *,
    top: int = 0,
    centred: bool = False,
) -> Picture:
    """Lines of text, the first one the largest, each as large as fits below `top`.

    Nothing of it is kept: for what must leave memory with its screen.
    """
    canvas = Image.new("L", size, 0)
    _write_lines(canvas, lines, (0, top, *size), font, centred=centred)
    return _picture(canvas, scheme)


text_picture: Final = lru_cache(maxsize=64)(fresh_text_picture)
"""The same for words that come back, drawn once."""


def _write_lines(
    canvas: Image.Image, lines: Sequence[str], box: Box, font: Font, *, centred: bool = False
) -> None:
    """Lines below one another; each next one has two thirds of the room of the one before."""
    left, top, right, bottom = box
    shares = [0.68**number for number in range(len(lines))]
    for line, share in zip(lines, shares, strict=True):
        room = round((box[3] - box[1]) * share / sum(shares))
        _write(canvas, line, (left, top, right, min(top + room, bottom)), font, centred=centred)
        top += room


def _write(canvas: Image.Image, text: str, box: Box, font: Font, *, centred: bool = False) -> None:
    """Text as large as the box allows, with a tenth of its height as air."""
    left, top, right, bottom = box
    if not text.strip() or right <= left or bottom <= top:
        return
    pen = ImageDraw.Draw(canvas)
    room = (right - left, 0.9 * (bottom - top))
    broken = max(_breaks(text), key=lambda lines: _scale(pen, lines, room, font))
    scale = _scale(pen, broken, room, font)
    sized = font.font_variant(size=max(6.0, scale * _REFERENCE_PX))
    ink = pen.multiline_textbbox((0, 0), broken, font=sized)
    x = left + ((right - left) - (ink[2] - ink[0])) / 2 if centred else left
    y = top + ((bottom - top) - (ink[3] - ink[1])) / 2
    align = "center" if centred else "left"
    pen.multiline_text((x - ink[0], y - ink[1]), broken, fill=255, font=sized, align=align)


def _breaks(text: str) -> list[str]:
    """The text in one line, and in two: at the separator, a comma, the space next to the middle."""
    if _SEPARATOR in text:
        return [text, text.replace(_SEPARATOR, "\n", 1)]
    if _COMMA in text:
        return [text, text.replace(_COMMA, f"{_COMMA}\n", 1)]
    spaces = [at for at, character in enumerate(text) if character == " "]
    if not spaces:
        return [text]
    middle = min(spaces, key=lambda at: abs(2 * at - len(text)))
    return [text, f"{text[:middle]}\n{text[middle + 1 :]}"]


def _scale(pen: ImageDraw.ImageDraw, text: str, room: tuple[float, float], font: Font) -> float:
    ink = pen.multiline_textbbox((0, 0), text, font=font)
    return min(room[0] / (ink[2] - ink[0]), room[1] / (ink[3] - ink[1]))


def _paste(canvas: Image.Image, shape: Image.Image, at: tuple[int, int]) -> None:
    canvas.paste(shape, at)


def _picture(canvas: Image.Image, scheme: Scheme) -> Picture:
    coverage = np.asarray(canvas, np.uint16)
    steps = (coverage * (STEPS - 1) + 127) // 255
    return Picture(steps.astype(np.uint8), ramp(scheme, STEPS))
