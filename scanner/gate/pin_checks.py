"""Compares PINs beside the loop: Argon2id takes a tenth of a second of a Pi, on purpose.

One at a time, in a thread that starts with the first PIN. Whoever sends another one meanwhile is
told to try again: a kiosk has one keypad, and a flood of PINs shall not queue up.
"""

import queue
import threading
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from scanner.domain.errors import raised_at
from scanner.gate.guardhouse import CheckedPin, PinToCheck
from scanner.gate.server import Received
from scanner.guards.pins import fits
from scanner.log import EventLog

_log: Final = EventLog(__name__)


class Checked(Struct, frozen=True):
    """A command whose PIN was compared."""

    received: Received
    pin: CheckedPin


class PinChecks:
    """The thread that compares."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._waiting: queue.SimpleQueue[tuple[Received, PinToCheck]] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[Checked] = queue.SimpleQueue()
        self._is_busy = False

    def begin(self, received: Received, wanted: PinToCheck) -> bool:
        """Compare a command's PIN; False while another one is being compared."""
        if self._is_busy:
            return False
        if self._thread is None:
            self._thread = threading.Thread(target=self._compare, name="pins", daemon=True)
            self._thread.start()
        self._is_busy = True
        self._waiting.put((received, wanted))
        return True

    def taken(self) -> Iterator[Checked]:
        """What has been compared since the last call."""
        while True:
            try:
                checked = self._done.get_nowait()
            except queue.Empty:
                return
            self._is_busy = False
            yield checked

    def _compare(self) -> None:
        while True:
            received, wanted = self._waiting.get()
            does_fit = False
            try:
                does_fit = fits(wanted.pin, wanted.sealed)
            except Exception as error:  # noqa: BLE001, else the next PIN would wait for ever
                _log.error("pin_check_failed", error=type(error).__name__, at=raised_at(error))
            self._done.put(Checked(received, CheckedPin(wanted.sealed, does_fit)))
