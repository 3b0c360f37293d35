import fcntl
import os
import pty
import struct
import termios
import threading
from collections.abc import Iterator

import pytest

from scanner.kiosk.terminal import (
    HALF_BLOCK,
    Cell,
    Display,
    Graphics,
    cell_size,
    detect,
    has_sixel,
)


@pytest.fixture(name="ends")
def _ends() -> Iterator[tuple[int, int]]:
    """The two ends of a pseudo-terminal: what the terminal sees, what the program sees."""
    terminal, program = pty.openpty()
    yield terminal, program
    os.close(terminal)
    os.close(program)


def answer(terminal: int, reply: bytes) -> threading.Thread:
    """Play a terminal that answers one DA1 query."""

    def run() -> None:
        received = b""
        while b"\x1b[c" not in received:
            received += os.read(terminal, 100)
        os.write(terminal, reply)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (b"\x1b[?62;4;22c", True),
        (b"\x1b[?4c", True),
        (b"\x1b[?62;22c", False),
        (b"\x1b[?64;14;44c", False),
        (b"typed too early\x1b[?62;4c", True),
    ],
)
def test_the_terminal_says_whether_it_has_sixel(
    ends: tuple[int, int], reply: bytes, expected: bool
) -> None:
    terminal, program = ends
    before = termios.tcgetattr(program)
    thread = answer(terminal, reply)
    assert has_sixel(program) is expected
    thread.join(timeout=5)
    assert termios.tcgetattr(program) == before


def test_a_silent_terminal_has_none(ends: tuple[int, int]) -> None:
    assert not has_sixel(ends[1])


def test_a_pipe_is_no_terminal() -> None:
    reading, writing = os.pipe()
    assert not has_sixel(reading)
    assert cell_size(reading) is None
    os.close(reading)
    os.close(writing)


def test_a_cell_is_the_windows_pixels_over_its_cells(ends: tuple[int, int]) -> None:
    fcntl.ioctl(ends[0], termios.TIOCSWINSZ, struct.pack("HHHH", 25, 100, 800, 480))
    assert cell_size(ends[1]) == Cell(8, 19)


def test_a_terminal_that_tells_no_pixels_has_no_cell_size(ends: tuple[int, int]) -> None:
    fcntl.ioctl(ends[0], termios.TIOCSWINSZ, struct.pack("HHHH", 25, 100, 0, 0))
    assert cell_size(ends[1]) is None
    assert detect(Graphics.SIXEL, ends[1]).cell.width > 1


def test_blocks_can_be_asked_for(ends: tuple[int, int]) -> None:
    assert detect(Graphics.BLOCKS, ends[1]) == Display(Graphics.BLOCKS, HALF_BLOCK)


def test_sixel_pictures_end_with_a_band() -> None:
    assert Display(Graphics.SIXEL, Cell(11, 26)).pixels(116, 26) == (1276, 672)
    assert Display().pixels(100, 13) == (100, 26)
