"""A lock that one process holds and that ends with it, whatever becomes of the process."""

import fcntl
import os
from pathlib import Path


def take_lock(path: Path, mode: int = 0o644) -> int:
    """Lock the file `path`, which is made if it is missing and never removed.

    Args:
        path: of a file for nothing but the lock; one that is replaced would lock nobody out.
        mode: of a new file.

    Returns:
        A descriptor; closing it ends the lock.

    Raises:
        BlockingIOError: somebody else holds it.
        OSError: the file cannot be opened.
    """
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, mode)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        os.close(lock)
        raise
    return lock
