"""Brings a newer bundle into the store, from an address, a stick or any other folder.

The repository is verified while it comes: nothing is asked for that a signature has not named
before. What the bundle in force has already is linked, not fetched. What was fetched before an
interruption is kept, and used again if it still is what is signed for. A bundle gets in force only
as a whole, after everything in it was read back and understood.
"""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from msgspec import Struct

from scanner.domain.errors import TrustError
from scanner.trust.bundle.bundle import load_bundle
from scanner.trust.bundle.incoming import HeldFirst, Incoming
from scanner.trust.bundle.repository import Repository, SignedTarget
from scanner.trust.bundle.sources import FolderSource, RepositorySource, SourceError
from scanner.trust.bundle.store import BundleStore, Origin
from scanner.trust.bundle.targets import is_whole
from scanner.trust.bundle.verify import RollbackError, verify_repository

RESERVE_BYTES: Final = 32 << 20
"""Stays free on the card, whatever a bundle brings: the ledger writes there, too."""

Progress = Callable[[SignedTarget, int, int], None]
"""Told about each file: it, its number and how many there are."""


class NoSpaceError(TrustError):
    """There is no room for the new bundle, or its folder cannot be written."""


class Update(Struct, frozen=True):
    """What came of an attempt.

    Attributes:
        before: what was in force; None when there was nothing.
        after: what is in force now; `before` itself when there was nothing newer.
    """

    before: Repository | None
    after: Repository

    @property
    def is_news(self) -> bool:
        """True when another bundle is in force now."""
        return self.after is not self.before


class Held(Struct, frozen=True):
    """The bundle that an update starts from."""

    folder: Path
    repository: Repository


def held_bundle(store: BundleStore, pinned_root: bytes) -> Held | None:
    """The newest bundle in the store whose metadata hold; None without one."""
    for folder in store.candidates():
        try:
            return Held(folder, verify_repository(FolderSource(folder), pinned_root))
        except TrustError:
            continue
    return None


def update(
    store: BundleStore,
    source: RepositorySource,
    pinned_root: bytes,
    *,
    latest: datetime | None = None,
    origin: Origin | None = None,
    progress: Progress | None = None,
) -> Update:
    """Put what `source` offers in force, if it is newer and everything in it holds.

    Args:
        store: the gate's.
        source: where the newer bundle is.
        pinned_root: the root metadata that were installed with the gate.
        latest: nothing can have been signed later than this; None when nobody knows the time.
        origin: which way it comes; the store remembers it for the screen and the ledger.
        progress: told about each file.

    Raises:
        BusyError: somebody else is updating.
        SourceError: the source cannot be read now; what was fetched is kept for the next attempt.
        RollbackError: the source is older than what is in force.
        NoSpaceError: the card is full, or cannot be written.
        TrustError: it is not signed as it must be, or not well-formed.
    """
    with store.updating():
        held = held_bundle(store, pinned_root)
        # What is refused here leaves alone what another source has begun to bring.
        after = _verified(source, pinned_root, held, latest)
        if held is not None and after is held.repository and _is_whole(held):
            store.discard_incoming()
            return Update(after, after)
        try:
            news = _News(store, source, pinned_root, origin, progress)
            return news.bring(held, after)
        except SourceError:
            raise
        except TrustError:
            store.discard_incoming()
            raise
        except OSError as error:
            store.discard_incoming()
            raise NoSpaceError(
                f"The new bundle cannot be written: {error.strerror}.",
                "The one in force stays. Make space on the card.",
            ) from error


class _News(Struct, frozen=True):
    """What is brought, under the store's lock; the attributes are as of `update`."""

    store: BundleStore
    source: RepositorySource
    pinned_root: bytes
    origin: Origin | None
    progress: Progress | None

    def bring(self, held: Held | None, after: Repository) -> Update:
        incoming = Incoming(self.store.incoming, held.folder if held else None, self.source)
        _check_space(self.store.folder, incoming.missing_bytes(after))
        incoming.keep_metadata(after.metadata)
        for number, target in enumerate(after.files.values(), start=1):
            if self.progress is not None:
                self.progress(target, number, len(after.files))
            incoming.bring(target)
        incoming.remove_others(after)
        load_bundle(self.store.incoming, self.pinned_root)
        self.store.install(after, self.origin)
        return Update(held.repository if held else None, after)


def _is_whole(held: Held) -> bool:
    """Whether every file of the bundle in force is still what was signed for; a card can fail."""
    source = FolderSource(held.folder)
    return all(is_whole(source, target) for target in held.repository.files.values())


def _verified(
    source: RepositorySource, pinned_root: bytes, held: Held | None, latest: datetime | None
) -> Repository:
    """The source's metadata; what the bundle in force has under the same name is not fetched."""
    if held is None:
        return verify_repository(source, pinned_root, None, latest)
    before = held.repository
    try:
        return verify_repository(HeldFirst(held.folder, source), pinned_root, before, latest)
    except (SourceError, RollbackError):
        raise
    except TrustError:
        # After a change of keys, versions may have started anew: the same name, another file.
        return verify_repository(source, pinned_root, before, latest)


def _check_space(folder: Path, missing: int) -> None:
    stat = os.statvfs(folder)
    free = stat.f_bavail * stat.f_frsize
    if free < missing + RESERVE_BYTES:
        raise NoSpaceError(
            f"The new bundle takes {missing} bytes; {free} are free, and {RESERVE_BYTES} of them "
            "are kept for the ledger.",
            "The one in force stays. Make space on the card.",
        )
