"""The hub's keys for marking scans: one a day, made ahead, destroyed when its day is over.

The hub itself never uses one: it compares the marks that gates made. A key is kept two days longer
than it is given out only so that a restart or a clock that was put back does not make a second one
for the same day; from then on nobody can test a guess at who a mark stands for.
"""

import secrets
import threading
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from scanner.domain.trace import KEY_BYTES, TraceKey, trace_day
from scanner.durable_files import create_file, erase_file
from scanner.log import EventLog

PREFIX: Final = "trace-key-"
AHEAD: Final = 2
KEPT_AFTER: Final = 2
"""Days: on the second one after its own a key is destroyed."""


class HubTraceKeys:
    """The key files in the hub's state folder. Every method may be called from any thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._swept_on: date | None = None
        self._keys: tuple[TraceKey, ...] = ()
        self._log = EventLog(__name__)

    def handed_out(self, now: datetime) -> tuple[TraceKey, ...]:
        """Today's key and those of the next two days; none where they cannot be kept."""
        today = trace_day(now)
        with self._lock:
            if not self._keys or self._keys[0].day != today:
                try:
                    self._keys = tuple(
                        self._loaded(today + timedelta(days=ahead)) for ahead in range(AHEAD + 1)
                    )
                except OSError as error:
                    self._log.error("no_trace_keys", cause=error.strerror)
                    self._keys = ()
            return self._keys

    def sweep(self, now: datetime) -> None:
        """Destroy the keys whose day is two days past; costs nothing the second time of a day."""
        today = trace_day(now)
        with self._lock:
            if self._swept_on == today:
                return
            try:
                for path in self._folder.glob(f"{PREFIX}*"):
                    if _day_of(path) <= today - timedelta(days=KEPT_AFTER):
                        erase_file(path)
            except OSError as error:
                self._log.error("trace_key_not_destroyed", cause=error.strerror)
                return
            self._swept_on = today
            if self._keys and self._keys[0].day != today:
                self._keys = ()

    def _loaded(self, day: date) -> TraceKey:
        path = self._folder / f"{PREFIX}{day.isoformat()}"
        if not path.exists():
            create_file(path, secrets.token_bytes(KEY_BYTES))
        data = path.read_bytes()
        if len(data) != KEY_BYTES:  # damaged: two halves of a day do not match, and nothing else
            erase_file(path)
            create_file(path, secrets.token_bytes(KEY_BYTES))
            data = path.read_bytes()
        return TraceKey(day, data)


def _day_of(path: Path) -> date:
    """Which day's key it is; the first of all days for what has another name."""
    try:
        return date.fromisoformat(path.name.removeprefix(PREFIX))
    except ValueError:
        return date.min
