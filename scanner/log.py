"""What the processes log: the name of an event and its fields, never a composed sentence.

It is the standard library's logging underneath. structlog would be the usual choice, but importing
it brings Rich and asyncio along: a fifth of the time from a gate's start to its first verdict
(`docs/gate.md`). How a line looks, and where it goes, is `scanner.cli.logs`.
"""

import logging
from typing import Final

FIELDS: Final = "fields"
"""The attribute of a `logging.LogRecord` that holds an event's fields."""


class EventLog:
    """Takes events. Nothing that a code says is ever handed to one.

    Args:
        name: the module's `__name__`.
    """

    __slots__ = ("_logger",)

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def info(self, event: str, /, **fields: object) -> None:
        """Something happened as it should."""
        self._write(logging.INFO, event, fields)

    def warning(self, event: str, /, **fields: object) -> None:
        """Something is missing or was refused, and the process goes on without it."""
        self._write(logging.WARNING, event, fields)

    def error(self, event: str, /, **fields: object) -> None:
        """Somebody has to look after this."""
        self._write(logging.ERROR, event, fields)

    def _write(self, level: int, event: str, fields: dict[str, object]) -> None:
        self._logger.log(level, event, extra={FIELDS: fields})
