"""How a message crosses the Unix socket between the gate and its kiosk.

Each is a 4-byte big-endian length and that many bytes of MessagePack, a tagged map of one of the
structs in `scanner.gate.messages` and `scanner.gate.status`.
"""

import struct
from typing import Final, Protocol

import msgspec

from scanner.domain.errors import ProtocolError

MAX_MESSAGE: Final = 1 << 20
_LENGTH: Final = struct.Struct(">I")
_ENCODER: Final = msgspec.msgpack.Encoder()


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Base of everything on the socket."""


class ByteStream(Protocol):
    """The part of a socket that framing needs."""

    def recv(self, size: int, /) -> bytes:
        """At most `size` bytes; empty at the end."""
        ...


def frame(message: Message) -> bytes:
    """A message as it crosses the socket: length and MessagePack."""
    body = _ENCODER.encode(message)
    return _LENGTH.pack(len(body)) + body


def receive(stream: ByteStream) -> bytes | None:
    """The next message's bytes, or None when the other end closed between two messages.

    Raises:
        ProtocolError: the length is over `MAX_MESSAGE`, or the stream ended inside a message.
    """
    header = _exactly(stream, _LENGTH.size)
    if header is None:
        return None
    (length,) = _LENGTH.unpack(header)
    if length > MAX_MESSAGE:
        raise ProtocolError(f"A message of {length} bytes; at most {MAX_MESSAGE} are allowed.")
    body = _exactly(stream, length) if length else b""
    if body is None:
        raise ProtocolError("The stream ended inside a message.")
    return body


def _exactly(stream: ByteStream, size: int) -> bytes | None:
    chunks = bytearray()
    while len(chunks) < size:
        chunk = stream.recv(size - len(chunks))
        if not chunk:
            if chunks:
                raise ProtocolError("The stream ended inside a message.")
            return None
        chunks += chunk
    return bytes(chunks)
