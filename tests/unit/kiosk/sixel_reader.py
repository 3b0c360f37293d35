"""An independent sixel reader: characters back to pixels, in plain Python."""

import re

import numpy as np
from numpy.typing import NDArray

NOTHING = 255


def read_sixel(sequence: str) -> tuple[NDArray[np.uint8], dict[int, tuple[int, int, int]]]:
    """Pixels as colour numbers (`NOTHING` where nothing was drawn), and colours in percent."""
    match = re.fullmatch(r'\x1bP0;1q"1;1;(\d+);(\d+)(.*)\x1b\\', sequence, re.DOTALL)
    assert match is not None
    width, height = int(match[1]), int(match[2])
    pixels = np.full((-(-height // 6) * 6, width), NOTHING, np.uint8)
    colours: dict[int, tuple[int, int, int]] = {}
    x = band = colour = 0
    token = re.compile(r"#(\d+)(?:;2;(\d+);(\d+);(\d+))?|(?:!(\d+))?([?-~])|([$-])")
    at = 0
    while at < len(match[3]):
        found = token.match(match[3], at)
        assert found is not None, match[3][at : at + 20]
        at = found.end()
        number, red, green, blue, repeat, drawn, move = found.groups()
        if number is not None:
            colour = int(number)
            if red is not None:
                colours[colour] = (int(red), int(green), int(blue))
        elif drawn is not None:
            count = int(repeat or 1)
            for bit in range(6):
                if (ord(drawn) - 63) >> bit & 1:
                    pixels[band * 6 + bit, x : x + count] = colour
            x += count
        else:
            x, band = 0, band + (move == "-")
    return pixels, colours
