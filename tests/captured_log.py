"""What our own code logs during a test, where `caplog` would have to be handed through helpers."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from scanner.log import FIELDS


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.events: list[dict[str, object]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.events.append({"event": record.getMessage(), **vars(record)[FIELDS]})


@contextmanager
def captured_log() -> Iterator[list[dict[str, object]]]:
    """The events of the gate from INFO on, each with its fields, in the order they came."""
    kept = _Kept()
    logger = logging.getLogger("scanner")
    level = logger.level
    logger.addHandler(kept)
    logger.setLevel(logging.INFO)
    try:
        yield kept.events
    finally:
        logger.removeHandler(kept)
        logger.setLevel(level)
