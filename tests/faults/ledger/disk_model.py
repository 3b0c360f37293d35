"""A disk with a volatile cache: what may be on it when the power goes, given what it was asked for.

The promises that it keeps are those that POSIX and a journalling file system give, and no more:

- What was written before a `fsync` or `fdatasync` of the same file returned is there.
- Of what was written since, each sector of 512 bytes is there, or not, or torn: its first bytes new
  and the rest old. Each for itself, in any order, in every file.
- A length that was set or grew since is there or not; what lies between reads as zeros.
- Names that were made, removed or moved since the folder was synced are there up to some point in
  their order: a journal keeps the order, and nothing says how far it got.
"""

import random
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from tests.faults.ledger.traced import (
    Acked,
    Appended,
    Call,
    Created,
    Removed,
    Renamed,
    Synced,
    Truncated,
    Written,
)

SECTOR = 512
TORN = 0.1
"""How many of the sectors under way are torn, where sectors are chosen one by one."""


class _File:
    """One file's content as it surely is, and what was asked for since."""

    def __init__(self) -> None:
        self.durable = bytearray()
        self.pending: list[Written | Truncated] = []

    @property
    def size(self) -> int:
        """Of the content with everything that was asked for."""
        content = bytearray(self.durable)
        for call in self.pending:
            _apply(content, call)
        return len(content)

    def sync(self) -> None:
        for call in self.pending:
            _apply(self.durable, call)
        self.pending.clear()


class Image(Struct, frozen=True):
    """One state that a power cut may leave.

    Attributes:
        files: content by name.
        acked: the last entry that was reported as recorded before the cut.
        event: how many calls the disk had seen.
        lost_sectors: how many sectors of what was under way are not on it.
    """

    files: dict[str, bytes]
    acked: int
    event: int
    lost_sectors: int


class VolatileDisk:
    """Takes calls in order, and can say at any time what a power cut would leave."""

    def __init__(self) -> None:
        self._files: dict[str, _File] = {}
        self._durable_names: dict[str, _File] = {}
        self._names_pending: list[dict[str, _File]] = []
        self._acked = 0
        self._events = 0

    def take(self, call: Call) -> None:
        """Do what was asked."""
        self._events += 1
        match call:
            case Written(name=name) | Truncated(name=name):
                self._files[name].pending.append(call)
            case Appended(name=name, data=data):
                file = self._files[name]
                file.pending.append(Written(name, file.size, data))
            case Synced(name=""):
                self._durable_names = dict(self._files)
                self._names_pending.clear()
            case Synced(name=name):
                self._files[name].sync()
            case Created(name=name):
                if name not in self._files:
                    self._files[name] = _File()
                    self._names_pending.append(dict(self._files))
            case Removed(name=name):
                del self._files[name]
                self._names_pending.append(dict(self._files))
            case Renamed(old=old, new=new):
                self._files[new] = self._files.pop(old)
                self._names_pending.append(dict(self._files))
            case Acked(seq=seq):
                self._acked = seq

    def cut(self, chance: random.Random) -> Image:
        """One of the states that are possible if the power goes now."""
        names = chance.choice([self._durable_names, *self._names_pending, dict(self._files)])
        present = chance.choice([0.0, 0.5, 0.5, 0.9, 1.0])
        files, lost = {}, 0
        for name, file in names.items():
            if name.endswith("-shm"):
                continue  # shared memory: SQLite makes it anew from the WAL when nobody has it open
            content, missing = _possible(file, present, chance)
            files[name] = content
            lost += missing
        return Image(files, self._acked, self._events, lost)


def put(image: Image, folder: Path) -> None:
    """Make the files of an image."""
    for name, content in image.files.items():
        (folder / name).write_bytes(content)


def _possible(file: _File, present: float, chance: random.Random) -> tuple[bytes, int]:
    content, lost = bytearray(file.durable), 0
    for call in file.pending:
        for piece in _sectors(call):
            if chance.random() >= present:
                lost += 1
            elif isinstance(piece, Written) and 0 < present < 1 and chance.random() < TORN:
                kept = chance.randrange(len(piece.data))
                _apply(content, Written(piece.name, piece.offset, piece.data[:kept]))
                lost += 1
            else:
                _apply(content, piece)
    return bytes(content), lost


def _sectors(call: Written | Truncated) -> Iterator[Written | Truncated]:
    if isinstance(call, Truncated):
        yield call
        return
    start, end = call.offset, call.offset + len(call.data)
    while start < end:
        stop = min(end, (start // SECTOR + 1) * SECTOR)
        data = call.data[start - call.offset : stop - call.offset]
        yield Written(call.name, start, data)
        start = stop


def _apply(content: bytearray, call: Written | Truncated) -> None:
    if isinstance(call, Truncated):
        del content[call.size :]
        content.extend(bytes(call.size - len(content)))
        return
    content.extend(bytes(max(0, call.offset - len(content))))
    content[call.offset : call.offset + len(call.data)] = call.data
