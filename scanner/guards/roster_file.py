"""The roster's file: written whole or not at all, by one hand at a time, readable by the gate only.

A file that is there and cannot be read is never taken for one that is not there: without a roster
overrides need no login, and nobody may get there by damaging a file.
"""

import os
from collections.abc import Callable
from pathlib import Path

from scanner.domain.errors import GuardError
from scanner.durable_files import sync_folder, write_beside
from scanner.file_lock import take_lock
from scanner.guards.roster import MAX_BYTES, Roster, decode_roster, encode_roster


def read_roster(path: Path) -> Roster | None:
    """The roster; None where there is no file.

    Raises:
        GuardError: there is one, and it cannot be read.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise GuardError(
            f"The roster {path} cannot be read: {error.strerror}.",
            "Check that it belongs to the gate's user.",
        ) from error
    return decode_roster(content, str(path))


def edit_roster(path: Path, change: Callable[[Roster], Roster]) -> Roster:
    """Change the roster; the gate takes it up within a second.

    Args:
        path: of the file; made when it is missing.
        change: from what is there to what shall be there; may raise to change nothing.

    Returns:
        What is there now.

    Raises:
        GuardError: somebody else is changing it, or it cannot be read or written.
    """
    try:
        lock = take_lock(path.with_name(f"{path.name}.lock"), 0o600)
    except BlockingIOError as error:
        raise GuardError(
            f"Somebody else is changing {path}.", "Wait until that command has ended."
        ) from error
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        _leave_to_the_gate(lock, path)
        changed = change(read_roster(path) or Roster())
        _replace(path, encode_roster(changed))
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        os.close(lock)
    return changed


def _replace(path: Path, content: bytes) -> None:
    """As `replace_file`, for a file that is the gate's whoever writes it."""
    temporary = write_beside(path, content)
    try:
        _leave_to_the_gate(temporary, path)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _leave_to_the_gate(file: Path | int, path: Path) -> None:
    """What root makes belongs to whom the folder belongs."""
    if os.geteuid() == 0:
        folder = path.parent.stat()
        os.chown(file, folder.st_uid, folder.st_gid)


def _unwritable(path: Path, error: OSError) -> GuardError:
    return GuardError(
        f"The roster {path} cannot be written: {error.strerror}.",
        "Run this as root or as the gate's user; the folder must exist.",
    )
