"""The demo's guard: a client of the gate's socket, like the kiosk, that answers by itself."""

import contextlib
import queue
import socket
import threading
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from scanner.domain.errors import ProtocolError
from scanner.domain.reasons import GuardReason
from scanner.gate.framing import frame, receive
from scanner.gate.messages import Command, Decide, EnterTemperature, VerdictShown, decode_event

_RETRY_S: Final = 0.1


class Guard:
    """Watches verdicts and answers questions; reconnects whenever the gate comes back."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ending = threading.Event()
        self._stream: socket.socket | None = None
        self._numbers = count(1)
        self._thread = threading.Thread(target=self._watch, name="guard", daemon=True)
        self.verdicts: queue.SimpleQueue[VerdictShown] = queue.SimpleQueue()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ending.set()
        stream = self._stream
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.shutdown(socket.SHUT_RDWR)
        self._thread.join()

    def next_verdict(self, timeout_s: float) -> VerdictShown | None:
        """The next verdict that the gate shows, or None when there was none in time."""
        try:
            return self.verdicts.get(timeout=max(0.0, timeout_s))
        except queue.Empty:
            return None

    def enter_temperature(self, visit: int, celsius: float) -> None:
        """Type what the thermometer says."""
        self._send(EnterTemperature(command=next(self._numbers), visit=visit, celsius=celsius))

    def decide(self, visit: int, *, admit: bool, reason: GuardReason) -> None:
        """Admit or refuse by hand."""
        number = next(self._numbers)
        self._send(Decide(command=number, visit=visit, admit=admit, reason=reason))

    def _send(self, command: Command) -> None:
        """A command that finds the gate down is lost; the guard sees no verdict and repeats it."""
        stream = self._stream
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.sendall(frame(command))

    def _watch(self) -> None:
        while not self._ending.is_set():
            with contextlib.suppress(OSError, ProtocolError):
                self._listen()
            self._stream = None
            self._ending.wait(_RETRY_S)

    def _listen(self) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
            stream.connect(str(self._path))
            self._stream = stream
            while (body := receive(stream)) is not None:
                event = decode_event(body)
                if isinstance(event, VerdictShown):
                    self.verdicts.put(event)
