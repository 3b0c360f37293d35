"""Finds rows in a damaged database file without SQLite: page by page, in the file and in its WAL.

SQLite reads a table through its inner pages; one bad sector there hides everything below. Here each
page that looks like a leaf of a table is read for itself (SQLite file format, sections 1.6, 2.1 and
4.1), so that a bad sector costs the rows in it and no others. What is found proves nothing: pages
may be old, and a row may be made up. The hash chain says what belongs to the log
(`scanner.ledger.rescue`).
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Self

from msgspec import Struct

Value = int | bytes | str | None

_LEAF: Final = 0x0D
_FILE_HEADER: Final = 100
_WAL_HEADER: Final = 32
_FRAME_HEADER: Final = 24
_SMALLEST_PAGE: Final = 512
_LARGEST_PAGE: Final = 65_536
_MOST_PAYLOAD: Final = 64 << 10
"""Bytes of the largest row that is looked at; a ledger's line has 8 KiB at most."""
_INTEGERS: Final = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}


class Row(Struct, frozen=True):
    """A row of some table.

    Attributes:
        rowid: its integer key.
        values: of its columns; None in the place of the key itself (section 2.3).
    """

    rowid: int
    values: tuple[Value, ...]


def salvage_rows(path: Path) -> Iterator[Row]:
    """Every row that can be found in the file at `path` or in its WAL, some of them twice.

    A file that is missing or empty has no rows; bad sectors are passed over.

    Raises:
        OSError: a file that is there cannot be opened.
    """
    with _Pages.open(path) as pages:
        for source in pages.sources():
            yield from _rows(pages, source)


class _Pages:
    """The pages of a database file and the newer ones in its WAL."""

    def __init__(self, files: tuple[int, int], size: int) -> None:
        self._file, self._wal = files
        self._size = size
        self._newest: dict[int, int] = {}
        self._count = _length(self._file) // size
        salts = _read(self._wal, 16, 8)
        for offset in range(_WAL_HEADER, _length(self._wal), _FRAME_HEADER + size):
            header = _read(self._wal, offset, _FRAME_HEADER)
            if header is not None and header[8:16] == salts:  # others are of an earlier round
                self._newest[int.from_bytes(header[:4], "big")] = offset + _FRAME_HEADER

    @classmethod
    def open(cls, path: Path) -> Self:
        file = _open(path)
        wal = _open(path.with_name(path.name + "-wal"))
        return cls((file, wal), _page_size(file, wal))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for file in (self._file, self._wal):
            if file >= 0:
                os.close(file)

    def sources(self) -> Iterator[tuple[int, bytes]]:
        """Page number and content of every page, both of the file and of the WAL."""
        for number in range(1, self._count + 1):
            page = _read(self._file, (number - 1) * self._size, self._size)
            if page is not None:
                yield number, page
        for number, offset in self._newest.items():
            page = _read(self._wal, offset, self._size)
            if page is not None:
                yield number, page

    def page(self, number: int) -> bytes | None:
        """The newest content of a page; None when it cannot be read."""
        if number in self._newest:
            return _read(self._wal, self._newest[number], self._size)
        if not 1 <= number <= self._count:
            return None
        return _read(self._file, (number - 1) * self._size, self._size)

    @property
    def size(self) -> int:
        """Bytes of a page."""
        return self._size


def _rows(pages: _Pages, source: tuple[int, bytes]) -> Iterator[Row]:
    number, page = source
    start = _FILE_HEADER if number == 1 else 0
    if page[start] != _LEAF:
        return
    count = int.from_bytes(page[start + 3 : start + 5], "big")
    for index in range(count):
        place = start + 8 + 2 * index
        cell = int.from_bytes(page[place : place + 2], "big")
        if place + 2 > len(page) or not start + 8 <= cell < len(page):
            return
        row = _row(pages, page, cell)
        if row is not None:
            yield row


def _row(pages: _Pages, page: bytes, at: int) -> Row | None:
    """The row whose cell begins at `at`; None when it makes no sense."""
    try:
        length, at = _varint(page, at)
        rowid, at = _varint(page, at)
        if not 0 < length <= _MOST_PAYLOAD:
            return None
        payload = _payload(pages, page, at, length)
        return None if payload is None else Row(rowid, tuple(_values(payload)))
    except (IndexError, UnicodeDecodeError, ValueError):
        return None


def _payload(pages: _Pages, page: bytes, at: int, length: int) -> bytes | None:
    """The whole record, what lies on overflow pages included (section 1.6)."""
    usable = pages.size
    if length <= usable - 35:
        return page[at : at + length] if at + length <= len(page) else None
    least = (usable - 12) * 32 // 255 - 23
    local = least + (length - least) % (usable - 4)
    local = local if local <= usable - 35 else least
    payload = bytearray(page[at : at + local])
    following = int.from_bytes(page[at + local : at + local + 4], "big")
    while len(payload) < length:
        overflow = pages.page(following)
        if overflow is None:
            return None
        payload += overflow[4 : 4 + min(usable - 4, length - len(payload))]
        following = int.from_bytes(overflow[:4], "big")
    return bytes(payload)


def _values(payload: bytes) -> Iterator[Value]:
    """The columns of a record (section 2.1).

    Raises:
        ValueError: a type that no table of ours has, or a value that is cut off.
    """
    header, at = _varint(payload, 0)
    body = header
    while at < header:
        kind, at = _varint(payload, at)
        size = _INTEGERS.get(kind, 0) if kind < 12 else (kind - 12) // 2
        data = payload[body : body + size]
        if len(data) != size:
            raise ValueError("a value is cut off")
        body += size
        if kind == 0:
            yield None
        elif kind in _INTEGERS:
            yield int.from_bytes(data, "big", signed=True)
        elif kind in (8, 9):
            yield kind - 8
        elif kind < 12:
            raise ValueError("no table of a ledger has such a value")
        else:
            yield data.decode() if kind % 2 else data


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A variable-length integer of up to nine bytes, and where the next thing begins."""
    value = 0
    for index in range(8):
        byte = data[at + index]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + index + 1
    return value << 8 | data[at + 8], at + 9


def _page_size(file: int, wal: int) -> int:
    """As the file says, or its WAL; the smallest where both are destroyed: it divides any other."""
    header = _read(file, 16, 2)
    said = int.from_bytes(header, "big") if header else 0
    in_wal = _read(wal, 8, 4)
    for size in (_LARGEST_PAGE if said == 1 else said, int.from_bytes(in_wal or b"", "big")):
        if _SMALLEST_PAGE <= size <= _LARGEST_PAGE and size.bit_count() == 1:
            return size
    return _SMALLEST_PAGE


def _open(path: Path) -> int:
    """A descriptor, or -1 when there is no such file."""
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return -1


def _length(file: int) -> int:
    return os.fstat(file).st_size if file >= 0 else 0


def _read(file: int, offset: int, size: int) -> bytes | None:
    """Whole pieces only; a bad sector is none."""
    if file < 0:
        return None
    try:
        data = os.pread(file, size, offset)
    except OSError:
        return None
    return data if len(data) == size else None
