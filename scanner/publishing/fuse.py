"""Making a binary fuse filter, in whole arrays at a time.

The graph of hashes and cells is peeled in rounds: every hash that is alone in one of its cells is
taken away at once, which leaves others alone. Backwards through the rounds, each hash's fingerprint
is then put into the cell that it was alone in. Algorithm: `scanner.trust.revocation.fuse`.
"""

import math
import secrets
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scanner.trust.revocation.fuse import (
    FINGERPRINT_MASK,
    FINGERPRINT_SHIFT,
    MAX_SEGMENT,
    MIX,
    MIX_SHIFT,
    PLACES,
    SECOND_SHIFT,
    Geometry,
)

Numbers = NDArray[np.uint64]
Cells = NDArray[np.uint16]
Progress = Callable[[int, int], None]
"""Told how many of how many are done."""

_TRIES: Final = 100
_COUNT_SHIFT: Final = np.uint64(32)
_NUMBER_MASK: Final = np.uint64(2**32 - 1)
_LOW_HALF: Final = np.uint64(2**32 - 1)
_HALF: Final = np.uint64(32)


def build_fuse(hashes: Numbers, progress: Progress | None = None) -> tuple[Geometry, Cells]:
    """A filter that holds all of `hashes`.

    Args:
        hashes: each one once, in any order; at most 2^26.
        progress: told of hashes placed.

    Raises:
        RuntimeError: no seed of a hundred served, which different hashes do not bring about.
    """
    for _ in range(_TRIES):
        shape = _geometry(len(hashes), secrets.randbits(64))
        mixed = _mix(hashes, shape.seed)
        rounds = _peel(mixed, shape, progress)
        if rounds is not None:
            return shape, _assign(mixed, shape, rounds)
    raise RuntimeError("the hashes fit into no filter: one of them is there twice")


def _geometry(count: int, seed: int) -> Geometry:
    """The authors' sizes: 1.125 cells for each hash where there are many."""
    if count < 2:
        return Geometry(seed, 4, 1)
    length = min(1 << math.floor(math.log(count) / math.log(3.33) + 2.25), MAX_SEGMENT)
    factor = max(1.125, 0.875 + 0.25 * math.log(1e6) / math.log(count))
    segments = -(-round(count * factor) // length) - (PLACES - 1)
    return Geometry(seed, length, max(1, segments))


def _mix(hashes: Numbers, seed: int) -> Numbers:
    mixed = hashes + np.uint64(seed)
    for multiplier in MIX:
        mixed ^= mixed >> np.uint64(MIX_SHIFT)
        mixed *= np.uint64(multiplier)
    mixed ^= mixed >> np.uint64(MIX_SHIFT)
    return mixed


def _places(mixed: Numbers, shape: Geometry) -> Iterator[NDArray[np.int64]]:
    """The three cells of each hash."""
    first_places = np.uint64(shape.first_places)
    low = ((mixed & _LOW_HALF) * first_places) >> _HALF
    first = ((mixed >> _HALF) * first_places + low) >> _HALF
    length, within = np.uint64(shape.segment_length), np.uint64(shape.segment_length - 1)
    yield first.view(np.int64)
    yield ((first + length) ^ ((mixed >> np.uint64(SECOND_SHIFT)) & within)).view(np.int64)
    yield ((first + length + length) ^ (mixed & within)).view(np.int64)


Round = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Numbers of the hashes taken away together, and the cells that they were alone in."""


def _peel(mixed: Numbers, shape: Geometry, progress: Progress | None) -> list[Round] | None:
    """The rounds that take every hash away; None when some never get alone.

    A cell's number holds how many hashes are in it, above, and the sum of their own numbers, below:
    when it is one, the sum is its number. Sums run over into the count and back out of it again.
    """
    total = len(mixed)
    cells = np.zeros(shape.cells, np.uint64)
    tokens = np.arange(total, dtype=np.uint64) + (np.uint64(1) << _COUNT_SHIFT)
    for places in _places(mixed, shape):
        np.add.at(cells, places, tokens)
    del tokens
    lowest = np.empty(total, np.int64)
    rounds: list[Round] = []
    done = 0
    alone = np.flatnonzero(cells >> _COUNT_SHIFT == 1)
    while len(alone):
        numbers = (cells[alone] & _NUMBER_MASK).view(np.int64)
        # a hash that is alone in two cells is taken once: the last one written owns it
        order = np.arange(len(alone))
        lowest[numbers] = order
        own = lowest[numbers] == order
        numbers, at = numbers[own], alone[own]
        rounds.append((numbers, at))
        done += len(numbers)
        tokens = numbers.view(np.uint64) + (np.uint64(1) << _COUNT_SHIFT)
        touched = np.concatenate(list(_places(mixed[numbers], shape)))
        np.subtract.at(cells, touched, np.tile(tokens, PLACES))
        alone = touched[cells[touched] >> _COUNT_SHIFT == 1]
        if progress:
            progress(done, total)
    return rounds if done == total else None


def _assign(mixed: Numbers, shape: Geometry, rounds: list[Round]) -> Cells:
    cells = np.zeros(shape.cells, np.uint16)
    for numbers, at in reversed(rounds):
        own = mixed[numbers]
        prints = (own ^ (own >> np.uint64(FINGERPRINT_SHIFT))) & np.uint64(FINGERPRINT_MASK)
        wanted = prints.astype(np.uint16)
        for places in _places(own, shape):
            wanted ^= cells[places]
        cells[at] = wanted
    return cells
