"""A QR code in a terminal, two modules a cell; dark on light whatever the terminal's colours."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from rich.color import Color
from rich.style import Style
from rich.text import Text

_CELLS: Final = np.array([" ", "▄", "▀", "█"])
"""By the upper module's bit and the lower one's."""

_INK: Final = Style(color=Color.from_ansi(16), bgcolor=Color.from_ansi(231))
"""Black on white of the fixed 6x6x6 cube: a theme may repaint the first sixteen colours only."""


def half_blocks(modules: NDArray[np.bool_]) -> Text:
    """The code as lines of characters, one column a module and one line for two rows of them.

    Args:
        modules: `(n, n) bool`, True where dark, with its quiet zone.
    """
    rows, _ = modules.shape
    even = np.pad(modules, ((0, rows % 2), (0, 0)))
    cells = _CELLS[even[::2] * 2 + even[1::2]]
    lines = ("".join(row) for row in cells)
    return Text("\n").join(Text(line, _INK, no_wrap=True, overflow="crop") for line in lines)
