"""Making revocation files: lists, deltas and filters, for `scanner.trust.revocation` to load.

A publisher's folder of one issuer holds what gates hold: `base.bin`, `filter.bin` beside a long
list, and the deltas since. Revoking and restoring adds a delta; `compact` makes a new list of all.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from scanner.domain.errors import TrustError
from scanner.durable_files import replace_file
from scanner.publishing.fuse import Numbers, Progress, build_fuse
from scanner.trust.keys import Revoked
from scanner.trust.revocation.deltas import MAX_CHANGES
from scanner.trust.revocation.hashes import HASH_BYTES, RevokedHash, code_hash, pass_hash
from scanner.trust.revocation.index import (
    FILTER_NAME,
    LIST_NAME,
    delta_name,
    load_issuer,
)
from scanner.trust.revocation.layout import MAX_ENTRIES, FileKind, Header, digest

FILTER_ABOVE: Final = 2_000_000
"""Longer lists get a filter: gates with little room then hold a quarter of the bytes."""
COMPACT_ABOVE: Final = 50_000
"""Changes in all deltas beyond which a new list is worth its download."""
MAX_CODE_ID: Final = 255

_READABLE: Final = 0o644
_IDENTITY_BYTES: Final = 32
_TELL_EVERY: Final = 100_000


class Published(msgspec.Struct, frozen=True):
    """What a folder holds now.

    Attributes:
        files: names of the files, in the order in which a gate needs them.
        revoked: codes that are revoked in all.
        changes: in deltas since the list was made.
    """

    files: tuple[str, ...]
    revoked: int
    changes: int

    @property
    def wants_compacting(self) -> bool:
        """True when the deltas are long enough for a new list."""
        return self.changes > COMPACT_ABOVE


def code_hashes(issuer: str, code_ids: Iterable[bytes]) -> Iterator[RevokedHash]:
    """The hashes of codes by the ids that their issuer gave them.

    Raises:
        ValueError: an id that no code has: empty, or longer than 255 bytes.
    """
    for code_id in code_ids:
        if not 0 < len(code_id) <= MAX_CODE_ID:
            raise ValueError(f"a code id has 1 to {MAX_CODE_ID} bytes, not {len(code_id)}")
        yield code_hash(issuer, code_id)


def pass_hashes(issuer: str, identities: Iterable[bytes]) -> Iterator[RevokedHash]:
    """The hashes of codes without an id, by the digests of what was signed.

    Raises:
        ValueError: a digest that is not 32 bytes long.
    """
    for identity in identities:
        if len(identity) != _IDENTITY_BYTES:
            raise ValueError(f"an identity has {_IDENTITY_BYTES} bytes, not {len(identity)}")
        yield pass_hash(issuer, identity)


def publish_list(
    folder: Path, hashes: Iterable[RevokedHash], progress: Progress | None = None
) -> Published:
    """Make the first list of an issuer, and its filter if the list is long.

    Args:
        folder: made if it is missing; must hold no revocation files.
        hashes: in any order, also none; one that comes twice counts once.
        progress: told how many were taken and of how many, 0 while that is not known; then of
            those in the filter.

    Raises:
        TrustError: there is a list already, or there are too many hashes.
        OSError: the folder cannot be written.
    """
    _expect_none(folder)
    taken = np.fromiter(_counted(hashes, progress), np.uint64)
    return _publish(folder, np.unique(taken), progress)


def change(
    folder: Path, revoke: Iterable[RevokedHash], restore: Iterable[RevokedHash] = ()
) -> Published:
    """Revoke codes, and give others back, by one more delta; by none when nothing changes.

    Args:
        folder: with the issuer's list and its deltas so far.
        revoke: their hashes.
        restore: hashes of codes that are valid again, also of some that were never revoked.

    Raises:
        TrustError: the folder's files are damaged, a code is in both, or the deltas would be too
            long: compact them.
        OSError: the folder cannot be written.
    """
    held = _Held(folder)
    wanted, unwanted = frozenset(revoke), frozenset(restore)
    if not wanted.isdisjoint(unwanted):
        raise TrustError(
            "A code is to be revoked and restored at once.", "Take it out of one of the two."
        )
    added = sorted(code for code in wanted if held.own.check(code) is not Revoked.YES)
    removed = sorted(code for code in unwanted if held.own.check(code) is Revoked.YES)
    if added or removed:
        if held.stored + len(added) + len(removed) > MAX_CHANGES:
            raise TrustError(
                f"The deltas in {folder} would hold more than {MAX_CHANGES} changes.",
                "Compact them into a new list first.",
            )
        sequence = len(held.deltas) + 1
        header = Header(FileKind.DELTA, len(added), held.own.list_id, sequence, len(removed))
        body = _numbers([*added, *removed]).astype("<u8").tobytes()
        replace_file(folder / delta_name(sequence), header.encode() + body, _READABLE)
    return published(folder)


def compact(source: Path, target: Path, progress: Progress | None = None) -> Published:
    """Make one new list of a list and its deltas.

    Args:
        source: stays as it is, for as long as gates fetch from it.
        target: made if it is missing; must hold no revocation files.
        progress: as in `publish_list`.

    Raises:
        TrustError: the files are damaged, or the target holds a list.
        OSError: the target cannot be written.
    """
    held = _Held(source)
    _expect_none(target)
    held.exact.verify()
    hashes = np.asarray(held.exact.hashes, np.uint64)
    hashes = np.setdiff1d(hashes, _numbers(held.changes.removed), assume_unique=True)
    return _publish(target, np.union1d(hashes, _numbers(held.changes.added)), progress)


def published(folder: Path) -> Published:
    """What a folder holds.

    Raises:
        TrustError: its files are damaged or do not belong together.
    """
    held = _Held(folder)
    revoked = len(held.exact)
    revoked += sum(code not in held.exact for code in held.changes.added)
    revoked -= sum(code in held.exact for code in held.changes.removed)
    return Published((*held.bases, *held.deltas), revoked, len(held.changes))


def _publish(folder: Path, hashes: Numbers, progress: Progress | None) -> Published:
    """Write list and filter; the list goes last, since it alone makes the folder a list's."""
    if len(hashes) > MAX_ENTRIES:
        raise TrustError(f"A list holds {MAX_ENTRIES} hashes at most, not {len(hashes)}.")
    body = hashes.astype("<u8").tobytes()
    list_id = digest(memoryview(body))
    folder.mkdir(parents=True, exist_ok=True)
    if len(hashes) > FILTER_ABOVE:
        write_filter(folder / FILTER_NAME, hashes, list_id, progress)
    header = Header(FileKind.LIST, len(hashes), list_id)
    replace_file(folder / LIST_NAME, header.encode() + body, _READABLE)
    return published(folder)


def write_filter(
    path: Path, hashes: Numbers, list_id: bytes, progress: Progress | None = None
) -> None:
    """Make the filter of a list, whatever its length.

    Args:
        path: of the file.
        hashes: all of the list.
        list_id: the list's.
        progress: as in `publish_list`.

    Raises:
        OSError: it cannot be written.
    """
    shape, cells = build_fuse(hashes, progress)
    header = Header(FileKind.FILTER, len(hashes), list_id)
    data = header.encode() + shape.encode() + cells.astype("<u2").tobytes()
    replace_file(path, data, _READABLE)


class _Held:
    """A publisher's folder as it is."""

    def __init__(self, folder: Path) -> None:
        self.bases = [name for name in (LIST_NAME, FILTER_NAME) if (folder / name).exists()]
        self.deltas = sorted(path.name for path in folder.glob("delta-*.bin"))
        self.own = load_issuer({name: folder / name for name in (*self.bases, *self.deltas)})
        if self.own.exact is None:
            raise TrustError(f"{folder} holds no {LIST_NAME}.", "Make the first list there.")
        self.exact, self.changes = self.own.exact, self.own.changes
        self.stored = sum((folder / name).stat().st_size for name in self.deltas) // HASH_BYTES


def _expect_none(folder: Path) -> None:
    if (folder / LIST_NAME).exists() or any(folder.glob("delta-*.bin")):
        raise TrustError(
            f"{folder} holds a list already.", "Revoke in it, or compact it into an empty folder."
        )


def _counted(hashes: Iterable[RevokedHash], progress: Progress | None) -> Iterator[RevokedHash]:
    for count, code in enumerate(hashes, 1):
        if progress and count % _TELL_EVERY == 0:
            progress(count, 0)
        yield code


def _numbers(hashes: Iterable[RevokedHash]) -> Numbers:
    return np.fromiter(hashes, np.uint64)
