"""The exact list: every revoked hash of one issuer, sorted, mapped into memory."""

from bisect import bisect_left
from pathlib import Path
from typing import Final

from scanner.trust.revocation.hashes import HASH_BYTES, RevokedHash
from scanner.trust.revocation.layout import (
    FileKind,
    RevocationFile,
    as_hashes,
    digest,
    is_rising,
)

_SAMPLES: Final = 8
"""Each is a page that a card has to bring when the gate starts."""


_STEP: Final = 1 << 14
"""Hashes looked at in one piece: some 0.5 ms, in which no other thread goes on."""


class ExactList:
    """A list file. Opening it reads a few pages only, however long it is.

    Args:
        path: of the file.

    Raises:
        TrustError: it is no list, its length is not what its header says, or the samples taken
            from it are out of order.
    """

    def __init__(self, path: Path) -> None:
        self._file = RevocationFile(path, FileKind.LIST)
        self._count = self._file.header.count
        self._file.expect_body(self._count * HASH_BYTES)
        self._hashes = as_hashes(self._file.body)
        samples = self._hashes[:: max(1, self._count // _SAMPLES)]
        if self._count and not (is_rising(samples) and samples[-1] <= self._hashes[-1]):
            raise self._file.fault("is not sorted")

    def __len__(self) -> int:
        return self._count

    def __contains__(self, revoked: RevokedHash) -> bool:
        at = bisect_left(self._hashes, revoked)
        return at < self._count and bool(self._hashes[at] == revoked)

    @property
    def list_id(self) -> bytes:
        """What deltas and filters name it by."""
        return self._file.header.list_id

    @property
    def hashes(self) -> memoryview:
        """All of them, rising, as 64-bit numbers."""
        return self._hashes

    def expect_order(self) -> None:
        """Look at every hash: bisection misses what is not in its place.

        Raises:
            TrustError: they are out of order, or one is there twice.
        """
        for at in range(0, self._count, _STEP):
            if not is_rising(self._hashes[at : at + _STEP + 1]):
                raise self._file.fault("is not sorted, or holds a hash twice")

    def verify(self) -> None:
        """The same and the list's id, as is done once when a list is published.

        Raises:
            TrustError: they are out of order, one is there twice, or they are not those that the
                list's id is the digest of.
        """
        self.expect_order()
        if digest(self._file.body) != self.list_id:
            raise self._file.fault("does not hold the hashes that its id is the digest of")
