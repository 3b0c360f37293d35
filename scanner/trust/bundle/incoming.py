"""The half-fetched bundle: what an update has got so far, on disk."""

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from scanner.trust.bundle import layout
from scanner.trust.bundle.repository import Repository, SignedTarget
from scanner.trust.bundle.sources import FolderSource, RepositorySource
from scanner.trust.bundle.targets import WrongContentError, copy_target, is_whole

_PART: Final = ".part"
_LINKED_FROM: Final = 1 << 20
"""Smaller files are copied from the bundle in force: what spoils one leaves the other."""


class Incoming:
    """A folder that a repository is brought into, file by file.

    Args:
        folder: ours alone while we hold the store's lock.
        held: the bundle in force; its files are linked where they are the same.
        remote: where everything else is.
    """

    def __init__(self, folder: Path, held: Path | None, remote: RepositorySource) -> None:
        self._folder = folder
        self._held = held
        self._remote = remote

    def keep_metadata(self, metadata: Mapping[str, bytes]) -> None:
        """Write verified metadata."""
        for name, data in metadata.items():
            path = self._place(name)
            with path.open("wb") as file:
                file.write(data)
                _settle(file)

    def bring(self, target: SignedTarget) -> None:
        """Get one file here: from an earlier attempt, from the bundle in force, or from remote.

        Raises:
            SourceError: it cannot be fetched now; what has come of it stays for the next attempt.
            WrongContentError: it is not the file that was signed for.
            OSError: it cannot be written.
        """
        path = self._place(target.file)
        if self._has(path, target) or self._linked(path, target):
            return
        part = _part(path)
        begun = 0 < _size(part) < target.length
        try:
            self._fetch(target, part, begun=begun)
        except WrongContentError:
            part.unlink(missing_ok=True)
            if not begun:
                raise
            self._fetch(target, part, begun=False)  # a power cut may have spoilt what was begun
        part.replace(path)

    def remove_others(self, repository: Repository) -> None:
        """Remove what an earlier attempt left and this repository does not name."""
        named = {*repository.metadata, *(target.file for target in repository.files.values())}
        for path in list(self._folder.rglob("*")):
            if path.is_file() and str(path.relative_to(self._folder)) not in named:
                path.unlink()

    def missing_bytes(self, repository: Repository) -> int:
        """How much of the files of `repository` has to be written here."""
        missing = 0
        for target in repository.files.values():
            held = self._held is not None and _size(self._held / target.file) == target.length
            if not held and _size(self._folder / target.file) != target.length:
                part = _part(self._folder / target.file)
                missing += target.length - min(_size(part), target.length)
        return missing

    def _fetch(self, target: SignedTarget, part: Path, *, begun: bool) -> None:
        with part.open("r+b" if begun else "wb") as file:
            copy_target(self._remote, target, file.write, file if begun else None)
            _settle(file)

    def _has(self, path: Path, target: SignedTarget) -> bool:
        return path.is_file() and is_whole(FolderSource(self._folder), target)

    def _linked(self, path: Path, target: SignedTarget) -> bool:
        if self._held is None or not (self._held / target.file).is_file():
            return False
        if not is_whole(FolderSource(self._held), target):
            return False
        held = self._held / target.file
        path.unlink(missing_ok=True)
        if target.length >= _LINKED_FROM:
            with suppress(OSError):  # a file system without hard links
                path.hardlink_to(held)
                return True
        with held.open("rb") as source, path.open("wb") as copy:
            shutil.copyfileobj(source, copy)
            _settle(copy)
        return True

    def _place(self, name: str) -> Path:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


class HeldFirst:
    """A source that looks at home first, for what cannot change without changing its name."""

    def __init__(self, held: Path, remote: RepositorySource) -> None:
        self._held = FolderSource(held)
        self._remote = remote

    def open(self, name: str, offset: int = 0) -> BinaryIO | None:
        """The file from the bundle in force, or from remote; the timestamp from remote always."""
        file = None if name == layout.TIMESTAMP_FILE else self._held.open(name, offset)
        return self._remote.open(name, offset) if file is None else file


def _part(path: Path) -> Path:
    """What an interrupted attempt has got of a file."""
    return path.with_name(path.name + _PART)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _settle(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
