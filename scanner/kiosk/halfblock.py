"""Pictures out of `▀`: two pixels a cell, for terminals without sixel."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from scanner.kiosk.palette import RGB, css


def strips(pixels: NDArray[np.uint8], palette: Sequence[RGB]) -> list[Strip]:
    """One strip for each two rows of pixels.

    Args:
        pixels: `(2 * rows, columns) uint8` indexes into `palette`.
        palette: the colours.
    """
    rows, width = pixels.shape[0] // 2, pixels.shape[1]
    pairs = pixels[0 : 2 * rows : 2].astype(np.uint16) * len(palette) + pixels[1 : 2 * rows : 2]
    return [Strip(_segments(row, palette), width) for row in pairs]


def _segments(pairs: NDArray[np.uint16], palette: Sequence[RGB]) -> list[Segment]:
    """Neighbouring cells of the same two colours share a segment."""
    starts = [0, *(np.flatnonzero(np.diff(pairs)) + 1).tolist(), pairs.size]
    segments = []
    for start, end in pairwise(starts):
        upper, lower = divmod(int(pairs[start]), len(palette))
        segments.append(Segment("▀" * (end - start), _style(palette[upper], palette[lower])))
    return segments


@lru_cache(maxsize=4096)
def _style(upper: RGB, lower: RGB) -> Style:
    return Style(color=css(upper), bgcolor=css(lower))
