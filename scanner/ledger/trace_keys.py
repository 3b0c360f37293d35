"""Where a gate keeps the keys with which it marks scans for its hub (`scanner.domain.trace`).

The hub makes one for each day and hands them to the gates that it knows the places of; sync puts
them into the runtime folder, which is RAM, and the gate marks scans with them (`trace` in
`docs/ledger.md`). A gate without the day's key marks nothing.
"""

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import msgspec

from scanner.domain.decoding import UndecodableError, decode_json
from scanner.domain.trace import MOST_KEYS, TraceKey, trace_day
from scanner.durable_files import erase_file, write_beside

FILE_NAME: Final = "trace-keys.json"
_MAX_BYTES: Final = 2048


_Keys = Annotated[tuple[TraceKey, ...], msgspec.Meta(max_length=MOST_KEYS)]


class _Kept(msgspec.Struct, frozen=True):
    """The file's form."""

    keys: _Keys


def load_trace_keys(path: Path) -> tuple[TraceKey, ...]:
    """What sync has put there; nothing where there is no file, or no such file."""
    try:
        with path.open("rb") as file:
            return decode_json(file.read(_MAX_BYTES), _Kept).keys
    except (OSError, UndecodableError):
        return ()


def save_trace_keys(path: Path, keys: tuple[TraceKey, ...]) -> None:
    """Replace the keys; those before are overwritten. No keys leave no file.

    Raises:
        OSError: the folder is missing, full or read-only.
    """
    if not keys:
        erase_file(path)
        return
    fresh = write_beside(path, msgspec.json.encode(_Kept(keys)))
    try:
        erase_file(path)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


class TraceKeys:
    """The gate's view of the file; `refresh` costs one stat while nothing changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._keys: tuple[TraceKey, ...] = ()

    def refresh(self) -> None:
        """Take up what sync has put there since."""
        seen = self._stat()
        if seen == self._seen:
            return
        self._seen = seen
        self._keys = load_trace_keys(self._path) if seen else ()

    def trace(self, who: bytes, at: datetime) -> str | None:
        """How the scan of `who` is marked at `at`; None without that day's key."""
        day = trace_day(at)
        return next((key.trace(who) for key in self._keys if key.day == day), None)

    def _stat(self) -> tuple[int, int, int] | None:
        try:
            stat = os.stat(self._path)  # noqa: PTH116 - once a second, in the gate's loop
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_ino, stat.st_size
