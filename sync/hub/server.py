"""Runs the hub: one process, one SQLite file, uvicorn."""

import signal
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import uvicorn

from scanner.domain.errors import CheckpointError
from sync.hub.app import create_app
from sync.hub.keys import load_or_create_keys
from sync.hub.notifier import Notifier
from sync.hub.service import Hub, HubConfig
from sync.hub.store.sqlite import SqliteStore
from sync.hub.trace_keys import HubTraceKeys

DATABASE: Final = "hub.db"
_SHUTDOWN_S: Final = 10


class ListenError(CheckpointError):
    """The address is taken or not ours."""


def open_hub(config: HubConfig, state: Path) -> Hub:
    """The hub whose keys and database are in `state`; the first call makes both.

    Raises:
        CheckpointError: keys or database cannot be used.
    """
    keys = load_or_create_keys(state)
    store = SqliteStore(state / DATABASE)
    return Hub(config, store, keys, lambda: datetime.now(UTC), HubTraceKeys(state))


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one.

    Raises:
        ListenError: the address cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        raise ListenError(
            f"The hub cannot listen on {host} port {port}: {error.strerror}.",
            "Choose another port in the settings, or stop what uses it.",
        ) from error
    # Accepted connections inherit it (tcp(7)). asyncio sets it only on sockets that name their
    # protocol, which accepted ones do not; without it each answer with a body costs 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def server_config(hub: Hub) -> uvicorn.Config:
    """How uvicorn serves the hub."""
    return uvicorn.Config(
        create_app(hub),
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_SHUTDOWN_S,
        limit_concurrency=512,
    )


class HubServer(uvicorn.Server):
    """uvicorn that sends open pages home first: they would hold it up until its patience ends."""

    def __init__(self, hub: Hub) -> None:
        super().__init__(server_config(hub))
        self._hub = hub

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams of events, then everything else as ever."""
        self._hub.bell.close()
        await super().shutdown(sockets)


def start_notifier(hub: Hub) -> None:
    """Tell the operator's webhook from here on, where there is one; ends with the hub's bell.

    Raises:
        StoreError: the database cannot be written.
    """
    if hub.config.notify_url is not None:
        Notifier(hub.config.notify_url, hub.config.title, hub.store, hub.bell).start()


def serve(hub: Hub, host: str, port: int) -> None:
    """Serve until SIGTERM or Ctrl-C; requests under way are finished first.

    Raises:
        ListenError: the address cannot be listened on.
        StoreError: the database cannot be written.
    """
    listener = listen(host, port)
    # uvicorn raises the signal again when it has finished; this keeps that from killing us before
    # the database is closed.
    signal.signal(signal.SIGTERM, lambda *_: None)
    with listener:
        try:
            start_notifier(hub)
            HubServer(hub).run(sockets=[listener])
        finally:
            hub.bell.close()
            hub.store.close()
