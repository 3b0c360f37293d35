"""Small files that survive a power cut: written whole or not at all."""

import os
import tempfile
from pathlib import Path


def replace_file(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Put `data` in the place of whatever `path` held; after a power cut it is the old or the new.

    Raises:
        OSError: the folder is missing, full or read-only; the old file is untouched.
    """
    temporary = write_beside(path, data, mode)
    try:
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def create_file(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Put `data` at `path` unless there is a file already, also one made at the same moment.

    Raises:
        OSError: the folder is missing, full or read-only.
    """
    temporary = write_beside(path, data, mode)
    try:
        path.hardlink_to(temporary)  # unlike a rename, it never replaces what was made meanwhile
    except FileExistsError:
        return
    finally:
        temporary.unlink()
        sync_folder(path.parent)


def write_beside(path: Path, data: bytes | bytearray, mode: int = 0o600) -> Path:
    """Write `data` durably to a new temporary file in the folder of `path` and return its name."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def sync_folder(folder: Path) -> None:
    """Make names that were added to or removed from `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def erase_file(path: Path) -> None:
    """Overwrite `path` in place, then remove it; nothing happens where there is none.

    In RAM that is the only copy. A flash card or a file system that keeps copies may have others.

    Raises:
        OSError: it cannot be written or removed.
    """
    try:
        with path.open("r+b") as file:
            file.write(bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
    except FileNotFoundError:
        return
    path.unlink(missing_ok=True)
