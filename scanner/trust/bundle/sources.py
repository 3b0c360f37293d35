"""Where a repository is read from: a folder here, an address in `sync.agent`. Nobody trusts it."""

import os
import stat
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from scanner.domain.errors import TrustError

_STEP: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class SourceError(TrustError):
    """A repository cannot be read now and may be complete later."""


class RepositorySource(Protocol):
    """Anything that has the files of a repository."""

    def open(self, name: str, offset: int = 0) -> BinaryIO | None:
        """The file `name` ("metadata/1.root.json") from byte `offset` on; None when there is none.

        Raises:
            SourceError: it cannot be read now.
        """
        ...


class FolderSource:
    """A repository in a folder, perhaps on a stick that somebody prepared with care.

    Symbolic links below the folder are not followed and only plain files are read: a pipe would
    hold us up for ever.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def open(self, name: str, offset: int = 0) -> BinaryIO | None:
        """The file `name` below the folder, from byte `offset` on; None when there is none.

        Raises:
            SourceError: it is no plain file, or the medium fails.
        """
        try:
            descriptor = _open_plain(self.folder, name)
            os.lseek(descriptor, offset, os.SEEK_SET)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _unreadable(self.folder / name, error) from error
        return os.fdopen(descriptor, "rb")


def _open_plain(folder: Path, name: str) -> int:
    """Open step by step from `folder` down, so that no link on the way leads out of it."""
    *folders, file = name.split("/")
    at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for step in folders:
            above = at
            at = os.open(step, _STEP, dir_fd=above)
            os.close(above)
        # Asked before it is opened: opening a device can do something, and a pipe waits.
        if not stat.S_ISREG(os.stat(file, dir_fd=at, follow_symlinks=False).st_mode):
            raise SourceError(f"{folder / name} is no plain file.", "Take another medium.")
        return os.open(file, _FILE, dir_fd=at)
    finally:
        os.close(at)


def read_whole(source: RepositorySource, name: str, limit: int) -> bytes | None:
    """All bytes of a small file; None when there is none.

    Raises:
        SourceError: the source fails now.
        TrustError: it is larger than `limit` bytes.
    """
    file = source.open(name)
    if file is None:
        return None
    try:
        with file:
            data = file.read(limit + 1)
    except OSError as error:
        raise SourceError(f"{name} cannot be read: {error.strerror}.", "Try again.") from error
    if len(data) > limit:
        raise TrustError(f"{name} is larger than {limit} bytes.", "Do not use this repository.")
    return data


def _unreadable(path: Path, error: OSError) -> SourceError:
    return SourceError(f"{path} cannot be read: {error.strerror}.", "Try again.")
