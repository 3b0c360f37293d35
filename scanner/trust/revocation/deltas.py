"""Deltas: what changed since a list was made, in order. A code can be taken back and given back."""

from collections.abc import Iterable, Sequence, Set
from pathlib import Path
from typing import Final, cast

import msgspec

from scanner.domain.errors import TrustError
from scanner.trust.revocation.hashes import HASH_BYTES, RevokedHash
from scanner.trust.revocation.layout import (
    HEADER_BYTES,
    MAX_SEQUENCE,
    REMEDY,
    FileKind,
    RevocationFile,
    as_hashes,
    is_rising,
)

MAX_CHANGES: Final = 250_000
"""In all deltas of one list together. They are held in RAM as two sets, about 16 MB at the most;
a publisher makes a new list long before."""


class Delta(msgspec.Struct, frozen=True):
    """One delta file.

    Attributes:
        list_id: of the list that it changes.
        sequence: its place: 1 follows the list itself.
        added: revoked from now on; rising, like all hashes in files.
        removed: no longer revoked.
    """

    path: Path
    list_id: bytes
    sequence: int
    added: Sequence[RevokedHash]
    removed: Sequence[RevokedHash]


class Changes(msgspec.Struct, frozen=True):
    """What all deltas of a list come to: no hash is in both."""

    added: Set[RevokedHash] = frozenset()
    removed: Set[RevokedHash] = frozenset()

    def __len__(self) -> int:
        return len(self.added) + len(self.removed)


def read_delta(path: Path) -> Delta:
    """Read a delta file and check every hash in it.

    Raises:
        TrustError: it is no delta, too large, not sorted, or both adds and removes a hash.
    """
    file = RevocationFile(path, FileKind.DELTA)
    header = file.header
    if not 1 <= header.sequence <= MAX_SEQUENCE:
        raise file.fault(f"has place {header.sequence} in order instead of 1 to {MAX_SEQUENCE}")
    changes = header.count + header.removed
    if changes > MAX_CHANGES:
        raise file.fault(f"holds {changes} changes, more than {MAX_CHANGES}")
    file.expect_body(changes * HASH_BYTES)
    hashes = cast("list[RevokedHash]", as_hashes(file.body).tolist())
    added, removed = hashes[: header.count], hashes[header.count :]
    if not (is_rising(added) and is_rising(removed)):
        raise file.fault("is not sorted, or holds a hash twice")
    if removed and not set(removed).isdisjoint(added):
        raise file.fault("revokes a code and takes that back at once")
    return Delta(path, header.list_id, header.sequence, added, removed)


def expect_room(paths: Iterable[Path]) -> None:
    """See by their lengths that deltas hold no more than `MAX_CHANGES`, before one is read.

    Each of an issuer's 250 files may hold as many by itself, and a hash takes 40 bytes once it is
    read: that would be more memory than a gate has.

    Raises:
        TrustError: they hold more, or one cannot be read.
    """
    total = 0
    for path in paths:
        try:
            total += max(path.stat().st_size - HEADER_BYTES, 0)
        except OSError as error:
            raise TrustError(f"{path} cannot be read: {error.strerror}.", REMEDY) from error
        if total > MAX_CHANGES * HASH_BYTES:
            raise TrustError(f"{path}: more than {MAX_CHANGES} changes in all.", REMEDY)


def merge(list_id: bytes, deltas: Iterable[Delta]) -> Changes:
    """What the deltas of a list come to, applied in their order.

    Args:
        list_id: of the list.
        deltas: in any order.

    Raises:
        TrustError: one belongs to another list, one is missing or there twice, or they are too many
            changes together.
    """
    added: set[RevokedHash] = set()
    removed: set[RevokedHash] = set()
    total = 0
    for place, delta in enumerate(sorted(deltas, key=lambda delta: delta.sequence), 1):
        if delta.list_id != list_id:
            raise TrustError(f"{delta.path} belongs to another list than the one here.", REMEDY)
        if delta.sequence != place:
            found = f"{delta.path} is delta {delta.sequence} where delta {place} should follow."
            raise TrustError(found, REMEDY)
        total += len(delta.added) + len(delta.removed)
        if total > MAX_CHANGES:
            raise TrustError(f"{delta.path}: more than {MAX_CHANGES} changes in all.", REMEDY)
        added.difference_update(delta.removed)
        added.update(delta.added)
        removed.difference_update(delta.added)
        removed.update(delta.removed)
    return Changes(added, removed)
