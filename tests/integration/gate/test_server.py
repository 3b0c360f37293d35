"""The kiosk socket, over a real Unix socket and the kernel's word on who is at the other end."""

import os
import resource
import socket
import struct
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from os import geteuid
from pathlib import Path

import pytest

from scanner.domain.errors import CheckpointError
from scanner.gate.framing import MAX_MESSAGE, frame, receive
from scanner.gate.messages import Command, Dismiss, Event, Idle, decode_event
from scanner.gate.server import KioskServer, allowed_uids, peer_uid
from scanner.gate.status import Health, Part, Status

STATUS = Status(
    at=datetime(2026, 11, 23, tzinfo=UTC),
    parts={Part.CAMERA: Health.WELL},
    keys_age_s=60,
    queue=None,
    admitted=0,
    checked=0,
    refused=0,
    frames_per_s=15.0,
)


@pytest.fixture
def path() -> Iterator[Path]:
    # Socket paths end at 107 bytes; pytest's own folders can be longer.
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "gate.sock"


def serve(path: Path, uids: frozenset[int] | None = None) -> KioskServer:
    return KioskServer(path, allowed_uids(()) if uids is None else uids, lambda: [Idle(), STATUS])


def connect(path: Path) -> socket.socket:
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    stream.settimeout(5)
    stream.connect(str(path))
    return stream


def next_event(stream: socket.socket) -> Event | None:
    body = receive(stream)
    return None if body is None else decode_event(body)


def watched(server: KioskServer) -> bool:
    return server.has_kiosks


def test_a_new_kiosk_is_greeted_with_where_things_stand(path: Path) -> None:
    with serve(path), connect(path) as kiosk:
        assert next_event(kiosk) == Idle()
        assert next_event(kiosk) == STATUS


def test_commands_arrive_with_their_sender_and_results_go_back_to_it(path: Path) -> None:
    command: Command = Dismiss(command=7, visit=3)
    with serve(path) as server, connect(path) as kiosk:
        kiosk.sendall(frame(command))
        received = server.received.get(timeout=5)
        assert received.command == command
        received.sender.send(Idle())
        assert [next_event(kiosk) for _ in range(3)] == [Idle(), STATUS, Idle()]


def test_every_kiosk_gets_every_event(path: Path) -> None:
    with serve(path) as server, connect(path) as one, connect(path) as two:
        for kiosk in (one, two):
            assert [next_event(kiosk) for _ in range(2)] == [Idle(), STATUS]
        server.publish([STATUS])
        assert next_event(one) == next_event(two) == STATUS


def test_a_user_who_is_not_named_is_refused(path: Path) -> None:
    with serve(path, uids=frozenset()) as server, connect(path) as stranger:
        assert stranger.recv(1) == b""
        assert not server.has_kiosks


def test_the_kernel_says_who_is_there() -> None:
    one, two = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with one, two:
        assert peer_uid(one) == geteuid()


def test_users_that_do_not_exist_are_no_users() -> None:
    assert allowed_uids(["nobody-of-that-name"]) == {0, geteuid()}


@pytest.mark.parametrize(
    "nonsense",
    [
        struct.pack(">I", MAX_MESSAGE + 1),
        struct.pack(">I", 3) + b"\xc1\xc1\xc1",
        struct.pack(">I", 0),
        frame(Idle()),
    ],
)
def test_nonsense_ends_that_connection_only(path: Path, nonsense: bytes) -> None:
    with serve(path) as server, connect(path) as good, connect(path) as bad:
        for kiosk in (good, bad):
            assert [next_event(kiosk) for _ in range(2)] == [Idle(), STATUS]
        bad.sendall(nonsense)
        assert bad.recv(1) == b""
        server.publish([STATUS])
        assert next_event(good) == STATUS


def test_a_kiosk_that_does_not_read_is_cut_off_and_others_are_served(path: Path) -> None:
    with serve(path) as server, connect(path):
        deadline = time.monotonic() + 10
        while not watched(server):
            assert time.monotonic() < deadline
        while watched(server):
            assert time.monotonic() < deadline
            server.publish([STATUS])
        with connect(path) as fresh:
            assert next_event(fresh) == Idle()


def test_the_socket_of_a_killed_gate_is_replaced(path: Path) -> None:
    left_behind = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    left_behind.bind(str(path))
    left_behind.close()
    with serve(path), connect(path) as kiosk:
        assert next_event(kiosk) == Idle()
    assert not path.exists()


def test_a_folder_that_is_not_there_is_explained(path: Path) -> None:
    with pytest.raises(CheckpointError, match="runtime folder must exist"):
        serve(path.parent / "missing" / "gate.sock").__enter__()


def test_a_kiosk_that_runs_wild_is_slowed_down(path: Path) -> None:
    with serve(path) as server, connect(path) as kiosk:
        began = time.monotonic()
        kiosk.sendall(frame(Dismiss(command=1, visit=1)) * 200)
        time.sleep(0.2)
        waiting = server.received.qsize()
        assert 1 <= waiting <= 1 + (time.monotonic() - began) / 0.05


def test_a_moment_without_file_descriptors_keeps_no_kiosk_out_for_ever(path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with serve(path):
        streams = [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) for _ in range(3)]
        lowest = os.dup(streams[0].fileno())
        os.close(lowest)
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, hard))
        try:
            for stream in streams[:2]:  # the first may be accepted still: that call has begun
                stream.connect(str(path))
            time.sleep(0.1)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        streams[2].settimeout(5)
        streams[2].connect(str(path))
        assert next_event(streams[2]) == Idle()
        for stream in streams:
            stream.close()
