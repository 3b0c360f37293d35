"""From the command line to the gate that runs, over its socket."""

import socket
from pathlib import Path
from typing import Final

from scanner.domain.errors import ProtocolError
from scanner.gate.framing import frame, receive
from scanner.gate.messages import Command, CommandResult, ErrorCode, decode_event

_TIMEOUT_S: Final = 10.0


class GateAbsentError(Exception):
    """No gate listens there."""


def tell_gate(path: Path, command: Command) -> ErrorCode | None:
    """Have the running gate carry out a command, and say why it did not; None when it did.

    Raises:
        GateAbsentError: no gate listens at `path`.
        ProtocolError: it does not answer.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
        stream.settimeout(_TIMEOUT_S)
        try:
            stream.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError) as error:
            raise GateAbsentError from error
        except OSError as error:
            raise _silent(path) from error
        try:
            stream.sendall(frame(command))
            while (body := receive(stream)) is not None:
                event = decode_event(body)
                if isinstance(event, CommandResult) and event.command == command.command:
                    return event.error
        except OSError as error:
            raise _silent(path) from error
    raise _silent(path)


def _silent(path: Path) -> ProtocolError:
    return ProtocolError(
        f"The gate at {path} does not answer.",
        "Run this as root or as the gate's user, and look whether the gate is well.",
    )
