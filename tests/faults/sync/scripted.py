"""An HTTP server that answers what a test wants, byte for byte."""

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.listener import listening

Script = Callable[[str, dict[str, str]], Iterable[bytes]]
"""From a request's path and headers (names in lower case) to the pieces of the answer."""


@dataclass
class Heard:
    """What was asked for."""

    port: int = 0
    paths: list[str] = field(default_factory=list)


@contextmanager
def scripted(script: Script) -> Iterator[Heard]:
    """Listen on a free port of the loopback; one request a connection."""
    heard = Heard()

    def serve(client: socket.socket) -> None:
        threading.Thread(target=_serve, args=(client, script, heard), daemon=True).start()

    with listening(serve) as heard.port:
        yield heard


def answer(status: str, body: bytes = b"", **headers: str) -> bytes:
    """A whole answer; `content_type` becomes Content-Type, None as a length leaves it out."""
    named = {"Content-Length": str(len(body)), "Connection": "close"}
    named |= {name.replace("_", "-").title(): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items() if value)
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body


def _serve(client: socket.socket, script: Script, heard: Heard) -> None:
    with client:
        data = b""
        while b"\r\n\r\n" not in data:
            chunk = client.recv(65_536)
            if not chunk:
                return
            data += chunk
        first, *lines = data.decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines if line)
        path = first.split(" ")[1]
        heard.paths.append(path)
        try:
            for piece in script(path, {name.lower(): value.strip() for name, _, value in pairs}):
                client.sendall(piece)
        except OSError:
            return
