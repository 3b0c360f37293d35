"""A gate's end of the socket that says what a test tells it to: real socket, real frames."""

import contextlib
import socket
import threading
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Final, Self, TypeVar

from scanner.gate.framing import frame, receive
from scanner.gate.messages import (
    PROTOCOL_VERSION,
    Command,
    CommandResult,
    ErrorCode,
    Event,
    Hello,
    decode_command,
)

Wanted = TypeVar("Wanted", bound=Command)

WAIT_S: Final = 60.0
"""What comes within a blink on a quiet machine may take so long on a busy one."""


def a_hello(protocol: int = PROTOCOL_VERSION, *languages: str) -> Hello:
    return Hello(
        protocol=protocol,
        device="d-1",
        site="翠苑社区",
        gate="东门",
        retention_days=14,
        languages=languages or ("zh_CN", "en"),
        max_temperature_c=37.3,
        min_temperature_c=35.0,
    )


class StandInGate:
    """Accepts one kiosk after the other and keeps their commands."""

    def __init__(self, path: Path, *greeting: Event) -> None:
        self._greeting = greeting
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._kiosk: socket.socket | None = None
        self._connected = threading.Event()
        self.commands: SimpleQueue[Command] = SimpleQueue()
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._listener.close()
        self.hang_up()

    def say(self, *events: Event) -> None:
        """Send events to the kiosk that is connected."""
        assert self._connected.wait(WAIT_S), "no kiosk has connected"
        assert self._kiosk is not None
        for event in events:
            self._kiosk.sendall(frame(event))

    def say_raw(self, data: bytes) -> None:
        """Send bytes that may be no message at all."""
        assert self._connected.wait(WAIT_S), "no kiosk has connected"
        assert self._kiosk is not None
        self._kiosk.sendall(data)

    def next(self, wanted: type[Wanted]) -> Wanted:
        """The next command, which must be of this kind."""
        command = self.commands.get(timeout=WAIT_S)
        assert isinstance(command, wanted), command
        return command

    def answer(self, command: Command, error: ErrorCode | None = None) -> None:
        """Tell what became of a command."""
        self.say(CommandResult(command=command.command, error=error))

    def hang_up(self) -> None:
        """Close the connection, as a gate does that dies."""
        self._connected.clear()
        if self._kiosk is not None:
            with contextlib.suppress(OSError):
                self._kiosk.shutdown(socket.SHUT_RDWR)
            self._kiosk.close()

    def _serve(self) -> None:
        while True:
            try:
                kiosk, _ = self._listener.accept()
            except OSError:
                return
            self._kiosk = kiosk
            for event in self._greeting:
                kiosk.sendall(frame(event))
            self._connected.set()
            threading.Thread(target=self._read, args=(kiosk,), daemon=True).start()

    def _read(self, kiosk: socket.socket) -> None:
        try:
            while (body := receive(kiosk)) is not None:
                self.commands.put(decode_command(body))
        except OSError:
            return
