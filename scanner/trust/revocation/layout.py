"""The header that all revocation files begin with, and how such a file is opened.

64 bytes, little-endian: magic, version, kind, place in order, two counts, then the id of the list
that the file is or belongs to. Every byte of a file has a meaning and its length follows from the
header, so that nothing can ride along.
"""

import mmap
import os
import struct
import sys
from collections.abc import Sequence
from enum import IntEnum
from hashlib import sha256
from operator import lt
from pathlib import Path
from typing import Final

import msgspec

from scanner.domain.errors import TrustError

MAGIC: Final = b"CKREVOKE"
VERSION: Final = 1
_HEADER: Final = struct.Struct("<8sBBHII32s12s")
HEADER_BYTES: Final = _HEADER.size
_ZEROS: Final = bytes(12)

MAX_ENTRIES: Final = 1 << 26
"""Hashes in a list or filter: 67 million, a list of half a gigabyte."""
MAX_SEQUENCE: Final = 9999

REMEDY: Final = (
    "Fetch the revocation files again, from the hub or from their publisher's USB stick."
)


class FileKind(IntEnum):
    """What follows the header."""

    LIST = 1
    DELTA = 2
    FILTER = 3


class Header(msgspec.Struct, frozen=True):
    """The first 64 bytes.

    Attributes:
        sequence: 1, 2, … of a delta, else 0.
        count: hashes in a list or a filter; additions in a delta.
        removed: removals in a delta, else 0.
        list_id: SHA-256 over a list's hashes: the list itself, or the one that this belongs to.
    """

    kind: FileKind
    count: int
    list_id: bytes
    sequence: int = 0
    removed: int = 0

    def encode(self) -> bytes:
        """The bytes that a file begins with."""
        return _HEADER.pack(
            MAGIC, VERSION, self.kind, self.sequence, self.count, self.removed, self.list_id, _ZEROS
        )


class RevocationFile:
    """A file of one kind, its header checked, its body mapped into memory and read when asked for.

    The map stays valid when another file takes the name. It must never be written in place: a file
    that shrinks under a map ends the process.

    Args:
        path: of the file.
        kind: what it has to be.

    Raises:
        TrustError: it cannot be read, or is nothing of the kind.
    """

    def __init__(self, path: Path, kind: FileKind) -> None:
        if sys.byteorder != "little":
            raise TrustError("Revocation lists are read on little-endian machines only.")
        self.path = path
        try:
            with path.open("rb") as file:
                self.size = file.seek(0, os.SEEK_END)
                self._map: mmap.mmap | bytes = b""
                if self.size:
                    self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "no plain file"
            raise TrustError(f"{path} cannot be read: {reason}.", REMEDY) from error
        self.header = self._checked(kind)
        self.body = memoryview(self._map)[HEADER_BYTES:]

    def _checked(self, kind: FileKind) -> Header:
        if self.size < HEADER_BYTES:
            raise self.fault(f"has {self.size} bytes, less than a header's {HEADER_BYTES}")
        magic, version, number, sequence, count, removed, list_id, zeros = _HEADER.unpack_from(
            self._map
        )
        if magic != MAGIC or version != VERSION:
            raise self.fault(f"does not begin as a revocation file of version {VERSION} does")
        if number != kind:
            raise self.fault(f"is of kind {number} where a {kind.name.lower()} ({kind}) belongs")
        is_delta = kind is FileKind.DELTA
        if zeros != _ZEROS or (not is_delta and (sequence or removed)):
            raise self.fault("has a header that says more than its kind may")
        if count > MAX_ENTRIES or removed > MAX_ENTRIES:
            raise self.fault(f"claims more than {MAX_ENTRIES} hashes")
        return Header(kind, count, list_id, sequence, removed)

    def expect_body(self, length: int) -> None:
        """Check that the file ends where its header says.

        Raises:
            TrustError: it is longer or shorter.
        """
        if len(self.body) != length:
            raise self.fault(f"has {len(self.body)} bytes after its header instead of {length}")

    def fault(self, what: str) -> TrustError:
        """The error that says what is wrong with this file."""
        return TrustError(f"{self.path} {what}.", REMEDY)


def is_rising(hashes: Sequence[int]) -> bool:
    """True when each is greater than the one before: sorted, and none of them twice."""
    return all(map(lt, hashes, hashes[1:]))


def digest(body: memoryview) -> bytes:
    """The id of a list with these bytes after its header."""
    return sha256(body).digest()


def as_hashes(body: memoryview) -> memoryview:
    """A body as 64-bit numbers, without a copy; its length was checked."""
    return body.cast("Q")
