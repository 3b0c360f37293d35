"""The memory of who came and went, in RAM across a restart of the service.

A whole memory is written now and then, whole or not at all; what came in between stands in a
journal beside it, one record after the other. A record that was torn by a kill is the last one
and is left out: whoever it named has no entry in the ledger yet.
"""

import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from scanner.domain.decoding import UndecodableError, decode
from scanner.domain.direction import Direction
from scanner.domain.entries import decode_entry
from scanner.domain.errors import LedgerError
from scanner.durable_files import write_beside
from scanner.gate.comings import Comings
from scanner.gate.comings_memory import Expected, Memory
from scanner.gate.crossings import Correction, Crossing, Totals

_NAME: Final = "comings"
_LENGTH: Final = struct.Struct(">I")
_MOST_RECORD: Final = 4096
_MOST_RECORDS: Final = 512


class _Record(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Base of what a journal holds."""


class Awaited(_Record, frozen=True, array_like=True):
    """Somebody stood at the gate."""

    expected: Expected


class Followed(_Record, frozen=True, array_like=True):
    """An entry of this gate that let somebody through, or had not; here, since the order matters.

    Attributes:
        line: as in the ledger.
    """

    line: bytes


class Heard(_Record, frozen=True, array_like=True):
    """Another gate let somebody through, or had not."""

    crossing: Crossing
    taken_back: bool = False


class HeardTotals(_Record, frozen=True, array_like=True):
    """What another gate counted."""

    gate: str
    totals: Totals


class HeardCorrection(_Record, frozen=True, array_like=True):
    """A guard counted at another gate."""

    correction: Correction


class Turned(_Record, frozen=True, array_like=True):
    """The guard turned a gate for both directions."""

    direction: Direction


Record = Awaited | Followed | Heard | HeardTotals | HeardCorrection | Turned


class _Whole(msgspec.Struct, frozen=True):
    """What the file holds: the memory, and the number of the journal that goes on from it."""

    memory: Memory
    direction: Direction
    journal: int


_WHOLE: Final = msgspec.msgpack.Decoder(_Whole)
_RECORD: Final[msgspec.msgpack.Decoder[Record]] = msgspec.msgpack.Decoder(Record)


class Kept(msgspec.Struct, frozen=True):
    """What a former process left.

    Attributes:
        comings: as they were after the last record.
        direction: which way the gate let people pass.
    """

    comings: Comings
    direction: Direction


class ComingsFile:
    """The files in the runtime folder.

    Args:
        runtime: folder in RAM.
    """

    def __init__(self, runtime: Path) -> None:
        self._folder = runtime
        self._journal: BinaryIO | None = None
        self._number = 0
        self._records = 0

    def load(self) -> Kept | None:
        """What a former process left; None after a power cut, or where it makes no sense."""
        try:
            whole = decode(_WHOLE, (self._folder / _NAME).read_bytes())
            records = list(_records(self._journal_path(whole.journal)))
            return self._replayed(whole, records)
        except (OSError, UndecodableError):
            return None

    def _replayed(self, whole: _Whole, records: Iterable[Record]) -> Kept:
        self._number = whole.journal
        comings, direction = Comings(whole.memory), whole.direction
        for record in records:
            match record:
                case Awaited(expected=expected):
                    comings.expect(expected)
                case Followed(line=line):
                    comings.note(decode_entry(line))
                case Heard(crossing=crossing, taken_back=False):
                    comings.hear(crossing)
                case Heard(crossing=crossing):
                    comings.hear_taken_back(crossing)
                case HeardTotals(gate=gate, totals=totals):
                    comings.hear_totals(gate, totals)
                case HeardCorrection(correction=correction):
                    comings.hear_correction(correction)
                case Turned():
                    direction = record.direction
        return Kept(comings, direction)

    def save(self, comings: Comings, direction: Direction) -> None:
        """Write everything anew, with an empty journal.

        Raises:
            LedgerError: the folder cannot be used.
        """
        path = self._folder / _NAME
        try:
            old = self._journal_path(self._number)
            self._close()
            self._number += 1
            journal = self._journal_path(self._number)
            journal.unlink(missing_ok=True)
            whole = _Whole(comings.memory, direction, self._number)
            write_beside(path, msgspec.msgpack.encode(whole)).replace(path)
            old.unlink(missing_ok=True)
            journal.touch(mode=0o600)
            self._journal = journal.open("ab", buffering=0)
            self._records = 0
        except OSError as error:
            raise self._unusable(error) from error

    def add(self, record: Record) -> bool:
        """Write one record to the journal.

        Returns:
            Whether the journal is so long that it is time to `save`.

        Raises:
            LedgerError: the folder cannot be used.
        """
        if self._journal is None:
            return True
        data = msgspec.msgpack.encode(record)
        try:
            self._journal.write(_LENGTH.pack(len(data)) + data)
        except OSError as error:
            raise self._unusable(error) from error
        self._records += 1
        return self._records >= _MOST_RECORDS

    def close(self) -> None:
        """Let go of the journal."""
        self._close()

    def _close(self) -> None:
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    def _journal_path(self, number: int) -> Path:
        return self._folder / f"{_NAME}.{number}.journal"

    def _unusable(self, error: OSError) -> LedgerError:
        return LedgerError(
            f"The runtime folder {self._folder} cannot be used: {error.strerror}.",
            "It must exist in RAM, such as /run, and belong to the gate's user.",
        )


def _records(path: Path) -> Iterator[Record]:
    """Every whole record; the torn end is where a process was killed."""
    if not path.exists():
        return
    data = memoryview(path.read_bytes())
    while len(data) >= _LENGTH.size:
        (length,) = _LENGTH.unpack(data[: _LENGTH.size])
        record, data = data[_LENGTH.size : _LENGTH.size + length], data[_LENGTH.size + length :]
        if length > _MOST_RECORD or len(record) < length:
            return
        yield decode(_RECORD, bytes(record))
