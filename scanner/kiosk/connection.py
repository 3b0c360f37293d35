"""The kiosk's end of the gate's Unix socket: a thread that connects, reads and connects again.

Events arrive in the app as Textual messages. Preview pictures may overtake one another: only the
newest is kept, so that a slow screen never lags behind the camera.
"""

import socket
import threading
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Final

from textual.message import Message

from scanner.domain.errors import ProtocolError
from scanner.gate.framing import frame, receive
from scanner.gate.messages import PROTOCOL_VERSION, Command, Event, Hello, Preview, decode_event

RETRY_S: Final = 0.5
SILENCE_S: Final = 5.0
"""The gate sends its status each second; after this long without a word it does not answer."""


class Trouble(StrEnum):
    """Why there is no gate."""

    NOT_RUNNING = "not_running"
    NOT_ALLOWED = "not_allowed"
    LOST = "lost"
    SILENT = "silent"
    OTHER_VERSION = "other_version"


class GateSent(Message):
    """An event of the gate, except a preview."""

    def __init__(self, event: Event) -> None:
        super().__init__()
        self.event = event


class PreviewWaiting(Message):
    """`GateConnection.take_preview` has a new picture."""


class GateLost(Message):
    """There is no gate; sent on each failed attempt."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__()
        self.trouble = trouble


class GateConnection:
    """Connects until stopped.

    Args:
        path: the gate's socket.
        post: takes messages from any thread, such as `App.post_message`.
        silence_s: how long the gate may be silent.
    """

    def __init__(
        self, path: Path, post: Callable[[Message], object], *, silence_s: float = SILENCE_S
    ) -> None:
        self._path = path
        self._post = post
        self._silence_s = silence_s
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._preview: Preview | None = None
        self._thread = threading.Thread(target=self._run, name="gate-connection", daemon=True)

    def start(self) -> None:
        """Begin to connect."""
        self._thread.start()

    def stop(self) -> None:
        """Close the socket and end the thread."""
        self._stopped.set()
        with self._lock:
            if self._socket is not None:
                _shut(self._socket)
        if self._thread.is_alive():
            self._thread.join(timeout=2)

    def take_preview(self) -> Preview | None:
        """The newest picture, once."""
        with self._lock:
            preview, self._preview = self._preview, None
        return preview

    def send(self, command: Command) -> bool:
        """Send one command; False when there is no gate to send it to."""
        with self._lock:
            if self._socket is None:
                return False
            try:
                self._socket.sendall(frame(command))
            except OSError:
                _shut(self._socket)
                return False
        return True

    def _run(self) -> None:
        while not self._stopped.is_set():
            trouble = self._connect_and_read()
            if not self._stopped.is_set():
                self._post(GateLost(trouble))
            self._stopped.wait(RETRY_S)

    def _connect_and_read(self) -> Trouble:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
            stream.settimeout(self._silence_s)
            try:
                stream.connect(str(self._path))
            except PermissionError:
                return Trouble.NOT_ALLOWED
            except OSError:
                return Trouble.NOT_RUNNING
            with self._lock:
                self._socket = stream
            try:
                return self._read(stream)
            finally:
                with self._lock:
                    self._socket = None

    def _read(self, stream: socket.socket) -> Trouble:
        greeted = False
        while not self._stopped.is_set():
            try:
                body = receive(stream)
                event = decode_event(body) if body is not None else None
            except TimeoutError:
                return Trouble.SILENT
            except OSError:
                return Trouble.LOST
            except ProtocolError:
                return Trouble.OTHER_VERSION
            if event is None:
                return Trouble.LOST
            if isinstance(event, Hello):
                greeted = event.protocol == PROTOCOL_VERSION
            if not greeted:
                return Trouble.OTHER_VERSION
            self._hand_over(event)
        return Trouble.LOST

    def _hand_over(self, event: Event) -> None:
        if not isinstance(event, Preview):
            self._post(GateSent(event))
            return
        with self._lock:
            was_waiting = self._preview is not None
            self._preview = event
        if not was_waiting:
            self._post(PreviewWaiting())


def _shut(stream: socket.socket) -> None:
    """Wake a reader that is blocked in `recv`; the socket may be gone already."""
    try:
        stream.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
