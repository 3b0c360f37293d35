"""A TCP proxy that spoils connections on purpose."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum

from tests.listener import listening


class Fault(Enum):
    """What happens to one connection."""

    NONE = 0
    CUT_REQUEST = 1  # the hub gets the first bytes of a body and then silence
    LOSE_ANSWER = 2  # the hub has committed and answered; the gate sees a closed connection
    CUT_ANSWER = 3  # the gate sees half of the answer


@dataclass
class Plan:
    """Faults in the order of the connections to come; none when the list is empty."""

    faults: list[Fault] = field(default_factory=list)
    done: list[Fault] = field(default_factory=list)


@contextmanager
def spoiling_proxy(target: int, plan: Plan) -> Iterator[int]:
    """Listen on a free port and pass each connection to `target` as the plan says."""

    def serve(client: socket.socket) -> None:
        fault = plan.faults.pop(0) if plan.faults else Fault.NONE
        with client, socket.create_connection(("127.0.0.1", target)) as hub:
            client.settimeout(5)
            hub.settimeout(5)
            _relay(client, hub, fault)
        plan.done.append(fault)

    with listening(serve) as port:
        yield port


def _relay(client: socket.socket, hub: socket.socket, fault: Fault) -> None:
    """One request and its answer; the connection ends after it."""
    request = _message(client)
    hub.sendall(request[:-10] if fault is Fault.CUT_REQUEST else request)
    if fault is Fault.CUT_REQUEST:
        return
    answer = _message(hub)
    if fault is Fault.CUT_ANSWER:
        client.sendall(answer[: len(answer) // 2])
    elif fault is Fault.NONE:
        client.sendall(answer)


def _message(stream: socket.socket) -> bytes:
    """Header and body of one HTTP message with a Content-Length."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _some(stream)
    header, _, body = data.partition(b"\r\n\r\n")
    for line in header.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            missing = int(line.split(b":")[1]) - len(body)
            while missing > 0:
                chunk = _some(stream)
                missing -= len(chunk)
                data += chunk
    return data


def _some(stream: socket.socket) -> bytes:
    chunk = stream.recv(65_536)
    if not chunk:
        raise ConnectionError("closed inside a message")
    return chunk
