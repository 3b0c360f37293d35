"""Structured logs to standard error: for people on a terminal, JSON lines for a journal."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Final, TextIO

from scanner.log import FIELDS

OURS: Final = ("scanner", "sync")
"""The packages whose events are written; a library's own lines could quote what a code said."""


class UnfailingHandler(logging.StreamHandler[TextIO]):
    """Writes a line, or does without: a full disk under the log must not take the gate down."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Go on without the line, and without the traceback that would quote it."""


class JsonLines(logging.Formatter):
    """One JSON object an event: its fields, `event`, `level` and `timestamp` (UTC)."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line = _fields(record) | {
            "event": record.getMessage(),
            "level": record.levelname.lower(),
            "timestamp": _timestamp(record),
        }
        return json.dumps(line, default=repr)


class TerminalLines(logging.Formatter):
    """One line an event, its name in a column of its own."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end; `repr` leaves no control character to the terminal."""
        fields = " ".join(f"{name}={value!r}" for name, value in _fields(record).items())
        level = record.levelname.lower()
        return f"{_timestamp(record)} [{level:7}] {record.getMessage():20} {fields}".rstrip()


def configure_logs() -> None:
    """Set up once per process. Nothing that a code says is ever handed to a logger."""
    handler = UnfailingHandler(sys.stderr)
    handler.setFormatter(TerminalLines() if sys.stderr.isatty() else JsonLines())
    for name in OURS:
        logger = logging.getLogger(name)
        logger.setLevel(logging.INFO)
        logger.addHandler(handler)


def _fields(record: logging.LogRecord) -> dict[str, object]:
    fields: dict[str, object] = getattr(record, FIELDS, {})
    return fields


def _timestamp(record: logging.LogRecord) -> str:
    at = datetime.fromtimestamp(record.created, UTC)
    return f"{at.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
