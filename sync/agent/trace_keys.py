"""Puts the hub's trace keys where the gate finds them, and takes away what is past."""

from datetime import datetime
from pathlib import Path

from scanner.domain.trace import TraceKey, trace_day
from scanner.ledger.trace_keys import load_trace_keys, save_trace_keys
from scanner.log import EventLog


class HandedTraceKeys:
    """The file in the runtime folder.

    Args:
        path: beside the status file, in RAM.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept = load_trace_keys(path)
        self._log = EventLog(__name__)

    def take(self, keys: tuple[TraceKey, ...]) -> None:
        """Keep what the hub has just given, and nothing else: a hub that gives none wants none."""
        if keys == self._kept:
            return
        try:
            save_trace_keys(self._path, keys)
        except OSError as error:
            self._log.warning("trace_keys_not_written", cause=error.strerror)
            return
        self._kept = keys

    def prune(self, now: datetime) -> None:
        """Without a hub, too, a key goes when its day is over."""
        today = trace_day(now)
        self.take(tuple(key for key in self._kept if key.day >= today))
