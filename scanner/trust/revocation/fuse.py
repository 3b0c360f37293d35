"""The binary fuse filter: 18 bits for each hash, a hit wrong once in 65,536 times, a miss never.

Graf and Lemire, "Binary Fuse Filters: Fast and Smaller Than Xor Filters", ACM JEA 27 (2022), with
three places and 16 bit fingerprints. Hashing is that of the authors' `xor_singleheader`, so that
any of the libraries that follow it can make the array.
"""

import struct
from pathlib import Path
from typing import Final

import msgspec

from scanner.trust.revocation.hashes import RevokedHash
from scanner.trust.revocation.layout import FileKind, RevocationFile

MASK: Final = 2**64 - 1
MIX: Final = (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53)
"""The two multipliers of MurmurHash3's 64-bit finaliser."""
MIX_SHIFT: Final = 33
SECOND_SHIFT: Final = 18
FINGERPRINT_SHIFT: Final = 32
FINGERPRINT_MASK: Final = 0xFFFF
PLACES: Final = 3
MAX_SEGMENT: Final = 1 << 18

_GEOMETRY: Final = struct.Struct("<QII")
GEOMETRY_BYTES: Final = _GEOMETRY.size


class Geometry(msgspec.Struct, frozen=True):
    """How a filter's array is laid out.

    Attributes:
        seed: added to each hash before it is mixed.
        segment_length: a power of two.
        segments: how many of them a hash's first place may lie in.
    """

    seed: int
    segment_length: int
    segments: int

    @property
    def first_places(self) -> int:
        """How many cells a hash's first place may be."""
        return self.segments * self.segment_length

    @property
    def cells(self) -> int:
        """Length of the array."""
        return (self.segments + PLACES - 1) * self.segment_length

    def encode(self) -> bytes:
        """The 16 bytes after the header."""
        return _GEOMETRY.pack(self.seed, self.segment_length, self.segments)


class FuseFilter:
    """A filter file.

    Args:
        path: of the file.

    Raises:
        TrustError: it is no filter, or its length is not what its header says.
    """

    def __init__(self, path: Path) -> None:
        self._file = RevocationFile(path, FileKind.FILTER)
        if len(self._file.body) < GEOMETRY_BYTES:
            raise self._file.fault("ends within its header")
        shape = Geometry(*_GEOMETRY.unpack_from(self._file.body))
        length = shape.segment_length
        if length.bit_count() != 1 or length > MAX_SEGMENT or not shape.segments:
            raise self._file.fault("has segments of an impossible length or number")
        self._file.expect_body(GEOMETRY_BYTES + 2 * shape.cells)
        if self._file.header.count > shape.cells:
            raise self._file.fault("claims more hashes than it has cells")
        self.geometry = shape
        self._cells = self._file.body[GEOMETRY_BYTES:].cast("H")
        self._seed, self._length, self._first = shape.seed, length, shape.first_places

    def __len__(self) -> int:
        return self._file.header.count

    def __contains__(self, revoked: RevokedHash) -> bool:
        """True for all that it was made of, and for one in 65,536 of all others."""
        mixed = (revoked + self._seed) & MASK
        mixed = (mixed ^ mixed >> MIX_SHIFT) * MIX[0] & MASK
        mixed = (mixed ^ mixed >> MIX_SHIFT) * MIX[1] & MASK
        mixed ^= mixed >> MIX_SHIFT
        # a segment begins at a multiple of its length, so that no place lies outside the array
        length, within = self._length, self._length - 1
        first = mixed * self._first >> 64
        second = first + length ^ (mixed >> SECOND_SHIFT & within)
        third = first + 2 * length ^ (mixed & within)
        cells = self._cells
        found = cells[first] ^ cells[second] ^ cells[third]
        return bool(found == (mixed ^ mixed >> FINGERPRINT_SHIFT) & FINGERPRINT_MASK)

    @property
    def list_id(self) -> bytes:
        """Of the list that it was made of."""
        return self._file.header.list_id
