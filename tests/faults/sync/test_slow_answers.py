"""A hub, or somebody who plays it, that answers byte by byte and never comes to an end."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from sync.agent.client import HubClient, UnreachableError
from tests.sync_builders import a_device, wait_until


@contextmanager
def dripping_server(stop: threading.Event) -> Iterator[int]:
    """Announces an answer and sends it at a byte a moment, until `stop`."""

    def drip(client: socket.socket) -> None:
        with client:
            client.recv(1 << 16)
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n")
            while not stop.wait(0.02):
                client.sendall(b"x")

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=drip, args=(client,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def test_answers_without_end_do_not_pile_up_threads() -> None:
    def running() -> int:
        return sum(thread.name == "hub-request" for thread in threading.enumerate())

    before, stop = running(), threading.Event()
    with dripping_server(stop) as port:
        client = HubClient(f"http://127.0.0.1:{port}", a_device(), deadline_s=0.05)
        for _ in range(10):
            with pytest.raises(UnreachableError):
                client.locate(b"{}", timedelta(0))
        assert running() - before == 4
        stop.set()
        wait_until(lambda: running() == before)
        with pytest.raises(UnreachableError, match="Error"):  # it tries again: cut off, not refused
            client.locate(b"{}", timedelta(0))
