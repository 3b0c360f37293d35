"""Puts a complete, verified set of metadata in the place of what is served, at one moment.

A client that reads in between sees the old set or the new one. On a file system that cannot
exchange two folders, the files are written one by one, the timestamp last.
"""

import ctypes
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from scanner.domain.errors import TrustError
from scanner.durable_files import replace_file, sync_folder
from scanner.publishing.folder import READABLE
from scanner.trust.bundle import layout

_CANDIDATE: Final = "candidate"
_AT_FDCWD: Final = -100
_RENAME_EXCHANGE: Final = 2


@contextmanager
def candidate(folder: Path, pages: Mapping[str, bytes]) -> Iterator[Path]:
    """A folder that looks as `folder` will, once `pages` are served; gone afterwards.

    Raises:
        TrustError: it cannot be written.
    """
    place = folder / _CANDIDATE
    try:
        _remove(place)
        (place / layout.METADATA).mkdir(parents=True)
        (place / layout.TARGETS).mkdir()
        for path in (folder / layout.METADATA).glob("*.json"):
            name = f"{layout.METADATA}/{path.name}"
            if name not in pages:
                _link(path, place / name)
        for name, data in pages.items():
            replace_file(place / name, data, READABLE)
        yield place
    except OSError as error:
        raise TrustError(
            f"{folder} cannot be written: {error.strerror}. What is served stays as it is.",
            "Check owner and space.",
        ) from error
    finally:
        _remove(place)


def serve(folder: Path, place: Path, pages: Mapping[str, bytes]) -> None:
    """Serve the candidate in `place`."""
    (folder / layout.METADATA).mkdir(exist_ok=True)
    sync_folder(place / layout.METADATA)
    if exchange(place / layout.METADATA, folder / layout.METADATA):
        sync_folder(folder)
        sync_folder(place)
    else:
        write_in_order(folder, pages)


def link_files(place: Path, names: Iterable[str], homes: Sequence[Path]) -> None:
    """Give `place` the named files, each from the first home that has it; others stay missing."""
    for name in names:
        goal = place / name
        home = next((home for home in homes if (home / name).is_file()), None)
        if home is None or goal.exists():
            continue
        goal.parent.mkdir(parents=True, exist_ok=True)
        _link(home / name, goal)
        sync_folder(goal.parent)


def write_in_order(folder: Path, pages: Mapping[str, bytes]) -> None:
    """Write `pages` so that what is served holds whenever the power goes: the timestamp last.

    There is one moment at which it does not: between a root that takes another key for the
    timestamp and that timestamp. The next publication mends it.
    """
    order = sorted(pages, key=lambda name: (name == layout.TIMESTAMP_FILE, ".root." in name, name))
    for name in order:
        replace_file(folder / name, pages[name], READABLE)


def exchange(one: Path, other: Path) -> bool:
    """Exchange two folders at one moment (renameat2(2)); False where the system cannot."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except AttributeError:
        return False
    result = rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    return bool(result == 0)


def _link(path: Path, goal: Path) -> None:
    try:
        goal.hardlink_to(path)
    except OSError:  # a file system without hard links
        shutil.copyfile(path, goal)
        with goal.open("rb") as file:
            os.fsync(file.fileno())


def _remove(place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
