"""Where a repository is read from: a folder here, an address in `sync.agent`. Nobody trusts it."""

import os
import stat
from pathlib import Path
from typing import BinaryIO, Protocol

from scanner.domain.errors import TrustError


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
        path = self.folder / name
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _unreadable(path, error) from error
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise SourceError(f"{path} is no plain file.", "Take another medium.")
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.fdopen(descriptor, "rb")


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
