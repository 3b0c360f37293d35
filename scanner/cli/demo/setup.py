"""Writes what a deployment needs into one folder: keys, bundle, settings of gate and hub."""

import shutil
import socket
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scanner.issuing.keys import IssuerKey
from scanner.issuing.pilot_repository import REPOSITORY, ROOT, publish_pilot
from scanner.trust.bundle.sources import FolderSource
from scanner.trust.bundle.store import BundleStore
from scanner.trust.bundle.update import update

_GATE = """\
[site]
name = "Demo compound"
gate = "East gate"

[paths]
state = "gate"
runtime = "{runtime}"

[camera]
source = "simulated:{stage}"

[trust]
folder = "trust"
root = "root.json"

[clock]
system = true

[hub]
url = "http://127.0.0.1:{port}"
interval_s = 5
"""

_HUB = """\
title = "Demo hub"
port = {port}
public_url = "http://127.0.0.1:{port}"
state = "hub"
next_sync_s = 5
"""


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where everything of one demo is.

    Attributes:
        stage: what the simulated camera watches.
        runtime: sockets and the pseudonym key, in RAM where the machine has /dev/shm.
    """

    folder: Path
    runtime: Path
    stage: Path
    port: int

    @property
    def gate_settings(self) -> Path:
        """The gate's settings file."""
        return self.folder / "gate.toml"

    @property
    def hub_settings(self) -> Path:
        """The hub's settings file."""
        return self.folder / "hub.toml"

    def remove_runtime(self) -> None:
        """Forget what must not outlive the demo."""
        shutil.rmtree(self.runtime, ignore_errors=True)


def deploy(folder: Path, keys: Iterable[IssuerKey], now: datetime) -> Deployment:
    """Set up a fresh demo in `folder`; what an earlier one left there is removed."""
    for name in ("gate", "hub", "trust", "stage"):
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir(parents=True)
    publish_pilot(folder, keys, now)
    pinned = (folder / ROOT).read_bytes()
    update(BundleStore(folder / "trust"), FolderSource(folder / REPOSITORY), pinned)
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it, mode 0700
    runtime = Path(
        tempfile.mkdtemp(prefix="checkpoint-demo-", dir=memory if memory.is_dir() else None)
    )
    port = _free_port()
    stage = (folder / "stage").resolve()
    (folder / "gate.toml").write_text(
        _GATE.format(runtime=runtime, stage=stage, port=port), "utf-8"
    )
    (folder / "hub.toml").write_text(_HUB.format(port=port), "utf-8")
    return Deployment(folder=folder, runtime=runtime, stage=stage, port=port)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
