"""A copy of the hub's SQLite file that is whole, durable and says how far it goes."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from scanner.durable_files import sync_folder

SavedHead = tuple[int, bytes, int, int, int]


def make_private(path: Path) -> None:
    """Make an empty file that only its owner may read, unless there is one; SQLite keeps its mode.

    Raises:
        OSError: the folder is missing or cannot be written.
    """
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))


def copy_database(db: sqlite3.Connection, target: Path) -> list[SavedHead]:
    """Copy all of `db` to the new file `target`.

    Returns:
        (seq, head, device number, branch, seq) of every branch *in the copy*.
    """
    target.unlink(missing_ok=True)
    make_private(target)
    with closing(sqlite3.connect(target, isolation_level=None)) as copy:
        db.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
        return copy.execute("SELECT seq, head, device_no, branch, seq FROM heads").fetchall()


def replace_durably(part: Path, target: Path) -> None:
    """Put `part` in the place of `target`; after a power cut it is the old one or the new one."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(target)
    sync_folder(target.parent)
