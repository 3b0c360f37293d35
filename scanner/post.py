"""Datagrams to and from a process of the same machine that has a network; the gate has none.

Both ends are Unix sockets in the runtime folder. Nothing here waits: a carrier that is not there,
or does not keep up, costs the datagram and nothing else.
"""

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Self

from scanner.domain.errors import LedgerError

MOST_BYTES: Final = 1400
_MOST_A_TURN: Final = 64


class Post:
    """One end of the way.

    Args:
        here: where this end receives; a file that a killed process left is replaced.
        there: where the other end does.

    Raises:
        LedgerError: the runtime folder cannot be used.
    """

    def __init__(self, here: Path, there: Path) -> None:
        self._here = here
        self._there = there
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self._socket.setblocking(False)
        try:
            here.unlink(missing_ok=True)
            self._socket.bind(str(here))
            here.chmod(0o600)
        except OSError as error:
            self._socket.close()
            raise LedgerError(
                f"The socket {here} cannot be opened: {error.strerror}.",
                "The runtime folder must exist and belong to the gate's user.",
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def fileno(self) -> int:
        """For a selector."""
        return self._socket.fileno()

    def send(self, datagram: bytes) -> bool:
        """Hand a datagram over; False where nobody takes it."""
        try:
            self._socket.sendto(datagram, str(self._there))
        except OSError:
            return False
        return True

    def receive(self) -> Iterator[bytes]:
        """What has come, at most 64 at once; longer ones are cut, and so no longer genuine."""
        for _ in range(_MOST_A_TURN):
            try:
                yield self._socket.recv(MOST_BYTES)
            except OSError:
                return

    def close(self) -> None:
        """Close the socket and take its name away; safe to call twice."""
        if self._socket.fileno() >= 0:
            self._socket.close()
            with contextlib.suppress(OSError):
                self._here.unlink(missing_ok=True)
