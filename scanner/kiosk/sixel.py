"""Sixel graphics (DEC STD 070, VT340): pixels in a terminal that has them.

A band is six rows high and is drawn once for each colour in it, as characters `?` + six bits (the
top row is bit 0), `!n` repeating one n times; `$` goes back to the band's start, `-` to the next.
Everything per pixel happens in numpy; Python only joins about a thousand rows.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scanner.kiosk.palette import RGB

BAND: Final = 6
MAX_COLOURS: Final = 255
_BLANK: Final = ord("?")
_REPEAT: Final = ord("!")
_ZERO: Final = ord("0")
_SHORT: Final = 3
_NO_COLOUR: Final = 255


def encode(pixels: NDArray[np.uint8], palette: Sequence[RGB]) -> str:
    """One whole sixel sequence, from DCS to ST.

    Args:
        pixels: `(H, W) uint8` indexes into `palette`. Terminals paint whole bands and some paint
            whole cells, so that the caller leaves room below when H is not a multiple of both.
        palette: at most 255 colours; they are sent as percentages, as the format wants it.

    Raises:
        ValueError: the palette is too large, or the picture is empty.
    """
    if not pixels.size or len(palette) > MAX_COLOURS:
        raise ValueError(f"{pixels.shape} pixels in {len(palette)} colours cannot be encoded")
    height, width = pixels.shape
    bands = -(-height // BAND)
    padded = np.full((bands * BAND, width), _NO_COLOUR, np.uint8)
    padded[:height] = pixels
    colours = np.arange(len(palette), dtype=np.uint8)
    is_colour = padded.reshape(bands, 1, BAND, width) == colours[:, None, None]
    sixels = np.packbits(is_colour, axis=2, bitorder="little")[:, :, 0]
    band_of, colour_of = np.nonzero(sixels.any(axis=2))
    rows = _run_lengths(sixels[band_of, colour_of] + np.uint8(_BLANK))

    parts = [f'\x1bP0;1q"1;1;{width};{height}']
    parts += [
        f"#{index};2;" + ";".join(str(round(channel / 2.55)) for channel in colour)
        for index, colour in enumerate(palette)
    ]
    band = 0
    for row_band, colour, row in zip(band_of.tolist(), colour_of.tolist(), rows, strict=True):
        parts.append("-" * (row_band - band) if row_band != band else "$")
        parts.append(f"#{colour}{row}")
        band = row_band
    parts.append("\x1b\\")
    return "".join(parts)


def _run_lengths(rows: NDArray[np.uint8]) -> list[str]:
    """Each row with runs of four and more written as `!n` and the character.

    Blanks at the end of a row are left out.
    """
    width = rows.shape[1]
    flat = rows.ravel()
    is_start = np.ones(flat.size, np.bool_)
    is_start[1:] = flat[1:] != flat[:-1]
    is_start[::width] = True
    starts = np.flatnonzero(is_start)
    ends = np.append(starts[1:], flat.size)
    lengths = ends - starts
    chars = flat[starts]

    digits = 1 + (lengths >= 10) + (lengths >= 100) + (lengths >= 1000) + (lengths >= 10_000)
    sizes = np.where(lengths <= _SHORT, lengths, digits + 2)
    sizes[(chars == _BLANK) & (ends % width == 0)] = 0
    offsets = np.concatenate(([0], np.cumsum(sizes)))
    out = np.empty(offsets[-1], np.uint8)
    at = offsets[:-1]

    for position in range(_SHORT):
        short = (lengths <= _SHORT) & (sizes > position)
        out[at[short] + position] = chars[short]
    for count in range(1, int(digits.max()) + 1):
        long = (lengths > _SHORT) & (sizes > 0) & (digits == count)
        out[at[long]] = _REPEAT
        for position in range(count):
            digit = lengths[long] // 10 ** (count - 1 - position) % 10
            out[at[long] + 1 + position] = _ZERO + digit
        out[at[long] + 1 + count] = chars[long]

    text = out.tobytes().decode("ascii")
    row_at = [*at[starts % width == 0].tolist(), len(text)]
    return [text[start:end] for start, end in pairwise(row_at)]
