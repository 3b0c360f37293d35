"""The Unix socket to the kiosk: who may connect, commands in, events out.

The kernel tells who is at the other end (SO_PEERCRED); only the gate's own user, root and the users
that the settings name may speak. A kiosk that stops reading loses previews first and then its
connection; it never holds the gate up.
"""

import contextlib
import pwd
import queue
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from os import geteuid
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from msgspec import Struct

from scanner.domain.errors import CheckpointError, ProtocolError
from scanner.gate.framing import frame, receive
from scanner.gate.messages import Command, Event, Preview, decode_command
from scanner.log import EventLog

MAX_KIOSKS: Final = 8
_QUEUE: Final = 256
_PREVIEWS: Final = 2
_ACCEPT_AGAIN_S: Final = 0.2
_COMMAND_PAUSE_S: Final = 0.05
_UCRED: Final = struct.Struct("3i")
_log = EventLog(__name__)


class Received(Struct, frozen=True):
    """A command and the connection that its result goes back to."""

    command: Command
    sender: "Connection"


def allowed_uids(users: Iterable[str]) -> frozenset[int]:
    """Root, ourselves and those of `users` that exist on this machine."""
    uids = {0, geteuid()}
    for user in users:
        with contextlib.suppress(KeyError):
            uids.add(pwd.getpwnam(user).pw_uid)
    return frozenset(uids)


def peer_uid(connection: socket.socket) -> int:
    """User id of the process at the other end, as the kernel knows it (unix(7))."""
    _pid, uid, _gid = _UCRED.unpack(
        connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
    )
    return int(uid)


class Connection:
    """One kiosk: a thread that reads commands and one that writes events.

    Attributes:
        is_owner: root, or the gate's own user, is at the other end: somebody who could do with the
            gate's files as he likes.
    """

    def __init__(
        self,
        stream: socket.socket,
        on_command: Callable[[Received], None],
        on_end: Callable[["Connection"], None],
        *,
        is_owner: bool = False,
    ) -> None:
        self.is_owner = is_owner
        self._stream = stream
        self._on_command = on_command
        self._on_end = on_end
        self._outgoing: queue.Queue[bytes | None] = queue.Queue(_QUEUE)
        self._threads = [
            threading.Thread(target=self._read, name="kiosk-reader", daemon=True),
            threading.Thread(target=self._write, name="kiosk-writer", daemon=True),
        ]

    def start(self, first: Sequence[Event]) -> None:
        """Begin with these events."""
        for event in first:
            self._outgoing.put_nowait(frame(event))
        for thread in self._threads:
            thread.start()

    def send(self, event: Event) -> None:
        """Queue an event; previews give way, and who does not read at all is cut off."""
        if isinstance(event, Preview) and self._outgoing.qsize() >= _PREVIEWS:
            return
        try:
            self._outgoing.put_nowait(frame(event))
        except queue.Full:
            _log.warning("kiosk_cut_off")
            self.close()

    def close(self) -> None:
        """End both threads; safe to call from any of them, and twice."""
        with contextlib.suppress(OSError):
            self._stream.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(queue.Full):
            self._outgoing.put_nowait(None)

    def _read(self) -> None:
        try:
            while (body := receive(self._stream)) is not None:
                self._on_command(Received(decode_command(body), self))
                # No guard is faster; a kiosk that runs wild must not keep the loop from frames.
                time.sleep(_COMMAND_PAUSE_S)
        except ProtocolError as error:
            _log.warning("kiosk_sent_nonsense", found=error.found)
        except OSError:
            pass  # closed from our side, or the kiosk has died: the same to us
        finally:
            self.close()
            self._on_end(self)

    def _write(self) -> None:
        try:
            while (body := self._outgoing.get()) is not None:
                self._stream.sendall(body)
        except OSError:
            pass  # as above
        finally:
            self._stream.close()


class KioskServer:
    """Listens on the gate's socket.

    Args:
        path: where to listen; a socket that a killed gate left behind is replaced.
        uids: users that may connect.
        greeting: makes the first events of a new connection.
    """

    def __init__(
        self, path: Path, uids: frozenset[int], greeting: Callable[[], Sequence[Event]]
    ) -> None:
        self._path = path
        self._uids = uids
        self._greeting = greeting
        self._connections: set[Connection] = set()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        self.received: queue.SimpleQueue[Received] = queue.SimpleQueue()

    def __enter__(self) -> Self:
        try:
            self._path.unlink(missing_ok=True)
            self._listener.bind(str(self._path))
            # Who may really speak is decided by the kernel's word on the peer, not by this mode.
            self._path.chmod(0o666)
        except OSError as error:
            self._listener.close()
            raise CheckpointError(
                f"The gate cannot listen on {self._path}: {error.strerror}.",
                "The runtime folder must exist and belong to the gate's user; paths over 107 "
                "bytes are too long for a socket.",
            ) from error
        self._listener.listen(MAX_KIOSKS)
        threading.Thread(target=self._accept, name="kiosk-server", daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._copy():
            connection.close()
        self._path.unlink(missing_ok=True)

    @property
    def has_kiosks(self) -> bool:
        """True while anybody watches."""
        return bool(self._connections)

    def publish(self, events: Iterable[Event]) -> None:
        """Send events to every kiosk."""
        connections = self._copy()
        for event in events:
            for connection in connections:
                connection.send(event)

    def _copy(self) -> list[Connection]:
        with self._lock:
            return list(self._connections)

    def _accept(self) -> None:
        while True:
            try:
                stream, _ = self._listener.accept()
            except OSError as error:
                if self._closing.is_set():
                    return
                # Out of descriptors or memory for a moment: the guard's next try must get in.
                _log.warning("kiosk_not_accepted", cause=error.strerror)
                self._closing.wait(_ACCEPT_AGAIN_S)
                continue
            uid = peer_uid(stream)
            if uid not in self._uids or len(self._connections) >= MAX_KIOSKS:
                _log.warning("kiosk_refused", uid=uid)
                stream.close()
                continue
            is_owner = uid in (0, geteuid())
            connection = Connection(stream, self.received.put, self._forget, is_owner=is_owner)
            with self._lock:
                self._connections.add(connection)
            connection.start(self._greeting())

    def _forget(self, connection: Connection) -> None:
        with self._lock:
            self._connections.discard(connection)
