"""The bundles on the gate's card: the one in force, and the last good one before it.

    trust/current             name of the folder in force and where it came from, one line
    trust/bundles/3.17-9c1f…  a whole repository each: metadata/ and targets/
    trust/incoming/           what an update has fetched so far
    trust/lock                held while somebody updates

A power cut at any moment leaves `current` naming a whole bundle: a folder is complete and on disk
before it gets its name, and gets its name before `current` says it.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Final

from scanner.domain.errors import TrustError
from scanner.durable_files import replace_file, sync_folder
from scanner.file_lock import take_lock
from scanner.trust.bundle import layout
from scanner.trust.bundle.repository import Repository

_CURRENT: Final = "current"
_BUNDLES: Final = "bundles"
_INCOMING: Final = "incoming"
_LOCK: Final = "lock"
_KEPT: Final = 2
_MAX_NAME: Final = 80
_READABLE: Final = 0o644
_NAME: Final = re.compile(r"([0-9]{1,20})\.([0-9]{1,20})-[0-9a-f]{8}(?:\.([0-9]{1,9}))?")


class Origin(StrEnum):
    """Which way a bundle came into the store."""

    HUB = "hub"
    STICK = "stick"
    IMPORT = "import"


class BusyError(TrustError):
    """Somebody else is updating the store at this moment."""


class BundleStore:
    """The folder `trust` of one gate. Reading it needs no lock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.incoming = folder / _INCOMING

    def stamp(self) -> tuple[int, int]:
        """Changes whenever another bundle is put in force."""
        try:
            stat = (self.folder / _CURRENT).stat()
        except OSError:
            return (0, 0)
        return (stat.st_ctime_ns, stat.st_ino)

    def origin(self) -> Origin | None:
        """Which way the bundle in force came; None when nobody said so."""
        word = self._line()[1]
        return Origin(word) if word in frozenset(Origin) else None

    def candidates(self) -> list[Path]:
        """The bundle in force first, then what is kept beside it, the newest first.

        The newest by its name: the time of a folder comes from a clock that may have been wrong.
        """
        named = self._current()
        kept = sorted(
            (path for path in (self.folder / _BUNDLES).glob("*") if path != named),
            key=_precedence,
            reverse=True,
        )
        return [named, *kept] if named is not None and named.is_dir() else kept

    @contextmanager
    def updating(self) -> Iterator[None]:
        """Hold the store's lock; the incoming folder is there and ours.

        Raises:
            BusyError: another process holds it.
            TrustError: the folder cannot be written.
        """
        try:
            for folder in (self.folder / _BUNDLES, self.incoming):
                folder.mkdir(parents=True, exist_ok=True)
            lock = take_lock(self.folder / _LOCK)
        except BlockingIOError as error:
            raise BusyError("Another update is under way.", "Try again in a minute.") from error
        except OSError as error:
            raise TrustError(
                f"{self.folder} cannot be written: {error.strerror}.", "Check owner and space."
            ) from error
        try:
            self._prune()
            yield
        finally:
            os.close(lock)

    def discard_incoming(self) -> None:
        """Forget what an update has fetched: it is of no use."""
        shutil.rmtree(self.incoming, ignore_errors=True)

    def install(self, repository: Repository, origin: Origin | None = None) -> Path:
        """Put the incoming folder in force, as a whole and durably. Needs the lock.

        Args:
            repository: what the folder holds, verified.
            origin: which way it came.

        Raises:
            OSError: the folder cannot be written; what was in force stays.
        """
        for folder, _, _ in os.walk(self.incoming):
            sync_folder(Path(folder))
        place = self._free_place(repository)
        self.incoming.rename(place)
        sync_folder(place.parent)
        sync_folder(self.folder)
        line = " ".join([place.name, *([origin] if origin else [])])
        try:
            replace_file(self.folder / _CURRENT, f"{line}\n".encode(), _READABLE)
        except OSError:
            # Each attempt would leave a whole bundle behind, until the card is full of them.
            if self._current() != place:
                shutil.rmtree(place, ignore_errors=True)
            raise
        self._prune()
        return place

    def _prune(self) -> None:
        """Remove what is older than the last good bundle, also what a power cut kept us from."""
        for old in self.candidates()[_KEPT:]:
            shutil.rmtree(old, ignore_errors=True)

    def _free_place(self, repository: Repository) -> Path:
        """A name that no folder has: one that is read or was half removed stays as it is."""
        bundles = self.folder / _BUNDLES
        name = f"{repository.version}-{repository.timestamp_digest[:8]}"
        place, again = bundles / name, 0
        while place.exists():
            again += 1
            place = bundles / f"{name}.{again}"
        return place

    def _current(self) -> Path | None:
        name, _ = self._line()
        return self.folder / _BUNDLES / name if layout.is_path(name) else None

    def _line(self) -> tuple[str, str]:
        """The folder's name and the origin, as `current` says; empty when it does not."""
        try:
            with (self.folder / _CURRENT).open("rb") as file:
                name, _, origin = file.read(_MAX_NAME).decode("ascii").strip().partition(" ")
        except (OSError, UnicodeDecodeError):
            return "", ""
        return name, origin


def _precedence(folder: Path) -> tuple[int, ...]:
    """Root's version, timestamp's version, and how often it was brought here."""
    found = _NAME.fullmatch(folder.name)
    return tuple(int(part or 0) for part in found.groups()) if found else ()
