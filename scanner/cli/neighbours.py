"""`checkpoint neighbours`: carry what the gates of a site tell one another."""

import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scanner.domain.errors import SettingsError

if TYPE_CHECKING:
    from config.settings import GateSettings
    from sync.neighbours.by_hub import ByHub
    from sync.neighbours.lan import Lan


def neighbours(
    settings: Annotated[
        Path | None, typer.Option(help="Settings file (TOML), the gate's own.")
    ] = None,
) -> None:
    """Carry sealed datagrams between this gate and the others of its site, until Ctrl-C.

    The gate has no network; this process has one and no key. It brings who passed here to the
    other gates over the local network (`neighbours.listen`, `neighbours.peers`), and by the hub
    where this gate is enrolled at one. Gates are of one site when they have the same `site.key`:
    copy that file from one to the others, and set `site.gates` to how many they are.

    **Examples**

    `checkpoint neighbours --settings /etc/checkpoint/gate.toml`
    """
    from config.settings import load_gate_settings
    from scanner.cli.logs import configure_logs
    from scanner.post import Post
    from sync.neighbours.carrying import carry

    configure_logs()
    tree = load_gate_settings(settings)
    hub = _by_hub(tree)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    tree.paths.runtime.mkdir(mode=0o750, parents=True, exist_ok=True)
    with Post(tree.carrier_socket, tree.neighbour_socket) as post:
        lan = _lan(tree)
        if lan is None and hub is None:
            raise SettingsError(
                "Nothing joins this gate to the others of its site.",
                'Set listen and peers under [neighbours], such as listen = "0.0.0.0:8475", or '
                "enrol this gate at a hub.",
            )
        if hub is not None:
            threading.Thread(target=hub.run, args=(stop,), name="hub", daemon=True).start()
        if lan is None:
            carry(post, None, hub, stop)
            return
        with lan:
            carry(post, lan, hub, stop)


def _lan(tree: "GateSettings") -> "Lan | None":
    from config.settings import socket_address
    from sync.neighbours.lan import Lan

    listen = socket_address(tree.neighbours.listen)
    if listen is None:
        return None
    peers = [peer for text in tree.neighbours.peers if (peer := socket_address(text))]
    return Lan(listen, peers)


def _by_hub(tree: "GateSettings") -> "ByHub | None":
    """The way by the hub, for a gate that is enrolled at one."""
    from scanner.ledger.device import load_or_create_device
    from sync.agent.client import HubClient
    from sync.agent.enrolment import ENROLMENT_FILE, load_enrolment
    from sync.neighbours.by_hub import ByHub

    if not tree.neighbours.hub or not tree.hub.url:
        return None
    if load_enrolment(tree.paths.state / ENROLMENT_FILE) is None:
        return None
    return ByHub(HubClient(tree.hub.url, load_or_create_device(tree.device_key)))
