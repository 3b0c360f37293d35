import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, SimpleQueue

import pytest
from textual.message import Message

from scanner.gate.messages import PROTOCOL_VERSION, Dismiss, Hello, Idle, Preview
from scanner.kiosk.connection import (
    GateConnection,
    GateLost,
    GateSent,
    PreviewWaiting,
    Trouble,
)
from tests.integration.kiosk.stand_in_gate import StandInGate, a_hello

Connect = Callable[..., tuple[GateConnection, SimpleQueue[Message]]]


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "gate.sock"


@pytest.fixture(name="connect")
def _connect(path: Path) -> Iterator[Connect]:
    """Starts connections and stops them in the end."""
    started: list[GateConnection] = []

    def connect(silence_s: float = 5.0) -> tuple[GateConnection, SimpleQueue[Message]]:
        posted: SimpleQueue[Message] = SimpleQueue()
        connection = GateConnection(path, posted.put, silence_s=silence_s)
        connection.start()
        started.append(connection)
        return connection, posted

    yield connect
    for connection in started:
        connection.stop()


def trouble(posted: SimpleQueue[Message]) -> Trouble:
    """The first trouble that is posted."""
    while True:
        message = posted.get(timeout=30)
        if isinstance(message, GateLost):
            return message.trouble


def test_without_a_gate_it_says_so_and_keeps_trying(path: Path, connect: Connect) -> None:
    _, posted = connect()
    assert trouble(posted) is Trouble.NOT_RUNNING
    with StandInGate(path, a_hello()):
        while isinstance(message := posted.get(timeout=30), GateLost):
            assert message.trouble is Trouble.NOT_RUNNING
        assert isinstance(message, GateSent)
        assert isinstance(message.event, Hello)


def test_a_gate_that_dies_is_lost_and_found_again(path: Path, connect: Connect) -> None:
    with StandInGate(path, a_hello()) as gate:
        _, posted = connect()
        assert isinstance(posted.get(timeout=30), GateSent)
        gate.hang_up()
        assert trouble(posted) is Trouble.LOST
        assert isinstance(posted.get(timeout=30), GateSent)


def test_a_gate_that_hangs_does_not_answer(path: Path, connect: Connect) -> None:
    with StandInGate(path, a_hello()):
        _, posted = connect(silence_s=0.2)
        assert trouble(posted) is Trouble.SILENT


@pytest.mark.parametrize(
    "said",
    [b"\xff\xff\xff\xff", b"\x00\x00\x00\x01\xc1", b"\x00\x00\x00\x03abc"],
    ids=["too long", "no MessagePack", "no event"],
)
def test_what_is_no_message_ends_the_connection(path: Path, connect: Connect, said: bytes) -> None:
    with StandInGate(path, a_hello()) as gate:
        _, posted = connect()
        gate.say_raw(said)
        assert trouble(posted) is Trouble.OTHER_VERSION


def test_another_protocol_is_named(path: Path, connect: Connect) -> None:
    with StandInGate(path, a_hello(PROTOCOL_VERSION + 1)):
        _, posted = connect()
        assert trouble(posted) is Trouble.OTHER_VERSION


def test_nothing_counts_before_the_greeting(path: Path, connect: Connect) -> None:
    with StandInGate(path, Idle()):
        _, posted = connect()
        assert trouble(posted) is Trouble.OTHER_VERSION


@pytest.mark.skipif(os.geteuid() == 0, reason="root may connect to every socket")
def test_a_socket_that_is_not_ours_is_named(path: Path, connect: Connect) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        path.chmod(0)
        _, posted = connect()
        assert trouble(posted) is Trouble.NOT_ALLOWED


def test_only_the_newest_preview_waits(path: Path, connect: Connect) -> None:
    with StandInGate(path, a_hello()) as gate:
        connection, posted = connect()
        previews = [Preview(width=1, height=1, grey=bytes([n])) for n in range(50)]
        gate.say(*previews, Idle())
        announced = 0
        while not (
            isinstance(message := posted.get(timeout=30), GateSent) and message.event == Idle()
        ):
            announced += isinstance(message, PreviewWaiting)
        assert announced == 1
        assert connection.take_preview() == previews[-1]
        assert connection.take_preview() is None


def test_commands_arrive(path: Path, connect: Connect) -> None:
    with StandInGate(path, a_hello()) as gate:
        connection, posted = connect()
        posted.get(timeout=30)
        command = Dismiss(command=1, visit=7)
        assert connection.send(command)
        assert gate.next(Dismiss) == command


def test_without_a_gate_a_command_is_refused_at_once(connect: Connect) -> None:
    connection, _ = connect()
    assert not connection.send(Dismiss(command=1, visit=7))


def test_a_stopped_connection_posts_nothing_more(path: Path, connect: Connect) -> None:
    with StandInGate(path, a_hello()):
        connection, posted = connect()
        posted.get(timeout=30)
        connection.stop()
        with pytest.raises(Empty):
            posted.get(timeout=0.7)
