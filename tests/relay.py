"""A TCP relay that counts what crosses it and can cut an answer off after so many bytes."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.listener import listening


@dataclass
class Wire:
    """What crossed the relay, headers included.

    Attributes:
        port: where the relay listens.
        cut_after: the connection that carries this many bytes of answers ends; None for never.
        cuts: how often that has happened.
        stall_after: the connection that has carried this many bytes of answers goes silent.
    """

    port: int = 0
    sent: int = 0
    received: int = 0
    connections: int = 0
    requests: int = 0
    answer_headers: int = 0
    cut_after: int | None = None
    cuts: int = 0
    stall_after: int | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def reset(self) -> None:
        """Count from here on."""
        with self.lock:
            self.sent = self.received = self.connections = 0
            self.requests = self.answer_headers = 0


@contextmanager
def relay(target: int) -> Iterator[Wire]:
    """Listen on a free port of the loopback and pass every connection on to `target`."""
    wire = Wire()

    def serve(client: socket.socket) -> None:
        server = socket.create_connection(("127.0.0.1", target))
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with wire.lock:
            wire.connections += 1
        for work in (_up, _down):
            threading.Thread(target=work, args=(client, server, wire), daemon=True).start()

    with listening(serve) as wire.port:
        yield wire


def _up(client: socket.socket, server: socket.socket, wire: Wire) -> None:
    while data := _some(client):
        with wire.lock:
            wire.sent += len(data)
            wire.requests += data.count(b" HTTP/1.1\r\n")
        if not _passed_on(server, data):
            break
    _end(server)


def _down(client: socket.socket, server: socket.socket, wire: Wire) -> None:
    carried = 0
    while data := _some(server):
        while wire.stall_after is not None and carried >= wire.stall_after:
            time.sleep(0.01)
        is_cut = wire.cut_after is not None and carried + len(data) > wire.cut_after
        if is_cut and wire.cut_after is not None:
            data = data[: max(0, wire.cut_after - carried)]
        carried += len(data)
        with wire.lock:
            wire.received += len(data)
            if data.startswith(b"HTTP/1.1 ") and b"\r\n\r\n" in data:
                wire.answer_headers += data.index(b"\r\n\r\n") + 4
            wire.cuts += is_cut
        if not _passed_on(client, data) or is_cut:
            break
    _end(client)
    _end(server)


def _some(stream: socket.socket) -> bytes:
    try:
        return stream.recv(1 << 16)
    except OSError:
        return b""


def _passed_on(stream: socket.socket, data: bytes) -> bool:
    try:
        stream.sendall(data)
    except OSError:
        return False
    return True


def _end(stream: socket.socket) -> None:
    try:
        stream.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
