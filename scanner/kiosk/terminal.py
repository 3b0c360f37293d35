"""What this terminal can show: asked before the app takes it over."""

import array
import fcntl
import os
import re
import select
import termios
import time
import tty
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from scanner.kiosk.sixel import BAND

_ANSWER_S: Final = 0.5
_DEVICE_ATTRIBUTES: Final = re.compile(rb"\x1b\[\?([0-9;]*)c")
_SIXEL: Final = b"4"
RESET_BACKGROUND: Final = "\x1b]111\x1b\\"
"""Gives the terminal its own background back (OSC 111)."""


class Graphics(StrEnum):
    """How pictures get onto the screen."""

    SIXEL = "sixel"
    BLOCKS = "blocks"


@dataclass(frozen=True, slots=True)
class Cell:
    """Pixels of one character cell."""

    width: int
    height: int


HALF_BLOCK: Final = Cell(1, 2)
"""With half-blocks a cell is two pixels on top of one another."""
USUAL_CELL: Final = Cell(10, 20)


@dataclass(frozen=True, slots=True)
class Display:
    """How pictures get onto this screen, and how large a cell is in their pixels."""

    graphics: Graphics = Graphics.BLOCKS
    cell: Cell = HALF_BLOCK

    def pixels(self, columns: int, rows: int) -> tuple[int, int]:
        """Width and height of the largest picture in so many cells.

        Sixel bands are six rows high; a picture that ends inside one would spill over.
        """
        width, height = columns * self.cell.width, rows * self.cell.height
        return width, height - height % BAND if self.graphics is Graphics.SIXEL else height


def detect(wanted: Graphics | None, descriptor: int) -> Display:
    """The display behind a terminal's descriptor; None for `wanted` asks the terminal."""
    graphics = wanted or (Graphics.SIXEL if has_sixel(descriptor) else Graphics.BLOCKS)
    if graphics is Graphics.BLOCKS:
        return Display()
    return Display(graphics, cell_size(descriptor) or USUAL_CELL)


def has_sixel(descriptor: int) -> bool:
    """Ask the terminal for its primary device attributes (DA1); 4 among them means sixel.

    Every terminal answers DA1; one that stays silent for half a second counts as without.
    """
    if not os.isatty(descriptor):
        return False
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor, termios.TCSANOW)
        os.write(descriptor, b"\x1b[c")
        answer = _read_until(descriptor, _DEVICE_ATTRIBUTES)
    finally:
        termios.tcsetattr(descriptor, termios.TCSANOW, before)
    return answer is not None and _SIXEL in answer[1].split(b";")


def cell_size(descriptor: int) -> Cell | None:
    """Size of a cell from TIOCGWINSZ; None where the terminal does not tell its pixels."""
    size = array.array("H", [0, 0, 0, 0])
    try:
        fcntl.ioctl(descriptor, termios.TIOCGWINSZ, size)
    except OSError:
        return None
    rows, columns, width, height = size
    if not (rows and columns and width and height):
        return None
    return Cell(width // columns, height // rows)


def background(colour: str) -> str:
    """Paint what the cells do not cover, the screen's margins, with `#rrggbb` (OSC 11)."""
    return f"\x1b]11;{colour}\x1b\\"


def _read_until(descriptor: int, pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
    deadline = time.monotonic() + _ANSWER_S
    received = b""
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([descriptor], [], [], left)[0]:
            break
        received += os.read(descriptor, 256)
        if match := pattern.search(received):
            return match
    return None
