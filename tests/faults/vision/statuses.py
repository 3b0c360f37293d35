"""A kiosk that only listens for what the gate says of its camera."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scanner.gate.framing import receive
from scanner.gate.messages import Event, decode_event
from scanner.gate.status import CameraFault, Status

SAYS_SO_S = 2.0
RECOVERS_S = 5.0
_START_S = 20.0


class Statuses:
    """Reads what the gate tells its screens."""

    def __init__(self, stream: socket.socket) -> None:
        self._stream = stream

    def next(self) -> Event:
        """Whatever is told next."""
        body = receive(self._stream)
        assert body is not None
        return decode_event(body)

    def until(self, fault: CameraFault | None, limit_s: float) -> tuple[Status, float]:
        """The first status with that fault, once frames have come at all, and how long it took."""
        began = time.monotonic()
        while (took_s := time.monotonic() - began) < limit_s:
            event = self.next()
            if (
                isinstance(event, Status)
                and event.camera_fault is fault
                and event.frame_age_s is not None
            ):
                return event, time.monotonic() - began
        pytest.fail(f"no status with {fault} in {took_s:.1f} s")


@contextmanager
def listening(path: Path) -> Iterator[Statuses]:
    """Connect to a gate that may still be starting."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
        stream.settimeout(5)
        limit_s = time.monotonic() + _START_S
        while True:
            try:
                stream.connect(str(path))
                break
            except (FileNotFoundError, ConnectionRefusedError):
                assert time.monotonic() < limit_s, "the gate did not start"
                time.sleep(0.01)
        yield Statuses(stream)
