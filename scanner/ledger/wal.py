"""What SQLite does not say: that it has dropped committed entries behind a bad frame of the WAL.

SQLite reads a write-ahead log up to the first frame whose checksum does not fit (file format,
section 4.2), and takes that for the place where the power went. It is, when at most one transaction
lies behind it: each of ours was synced before the next one began. When more do, a sector went bad
after it had been synced, and entries that somebody was admitted on would vanish without a word.
"""

import sys
from array import array
from pathlib import Path
from typing import Final

_HEADER: Final = 32
_FRAME: Final = 24
_MAGIC: Final = {0x377F0682: "little", 0x377F0683: "big"}
_MASK: Final = 0xFFFFFFFF
_UNDER_WAY: Final = 1
"""Transactions that a power cut may find written and not synced."""

Sums = tuple[int, int]


def dropped_transactions(ledger: Path) -> int:
    """How many transactions SQLite would pass over that had been durable; 0 in a sound WAL.

    Args:
        ledger: the database; nobody may be writing it.

    Raises:
        OSError: there is a WAL, and it cannot be read.
    """
    path = ledger.with_name(ledger.name + "-wal")
    if not path.exists():
        return 0
    wal = path.read_bytes()
    order = _MAGIC.get(int.from_bytes(wal[:4], "big"))
    size = int.from_bytes(wal[8:12], "big")
    if order is None or size < 512 or _stored(wal, 24) != _sums((0, 0), wal[:24], order):
        return 0  # no transaction was ever synced behind a header that was not
    salts, before = wal[16:24], _stored(wal, 24)
    is_broken, behind = False, 0
    for start in range(_HEADER, len(wal) - _FRAME - size + 1, _FRAME + size):
        header = wal[start : start + _FRAME]
        content = header[:8] + wal[start + _FRAME : start + _FRAME + size]
        fits = header[8:16] == salts and _sums(before, content, order) == _stored(header, 16)
        before = _stored(header, 16)
        is_broken = is_broken or not fits
        if is_broken and fits and header[4:8] != bytes(4):
            behind += 1  # a frame that ends a transaction
    return max(0, behind - _UNDER_WAY)


def _stored(data: bytes, at: int) -> Sums:
    return int.from_bytes(data[at : at + 4], "big"), int.from_bytes(data[at + 4 : at + 8], "big")


def _sums(start: Sums, data: bytes, order: str) -> Sums:
    words = array("I", data)
    if order != sys.byteorder:
        words.byteswap()
    first, second = start
    for index in range(0, len(words), 2):
        first = (first + words[index] + second) & _MASK
        second = (second + words[index + 1] + first) & _MASK
    return first, second
