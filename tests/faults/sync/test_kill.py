"""Hub and agent as real processes, killed while entries are being written."""

import random
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from scanner.ledger.device import Device, load_or_create_device
from scanner.ledger.outbox import load_outbox
from scanner.ledger.reader import LedgerReader
from scanner.ledger.store import Ledger
from tests.ledger_builders import an_entry
from tests.sync_builders import lines_at, wait_until

CHECKPOINT = [sys.executable, "-m", "scanner.cli"]
BACKLOG = 6000  # twelve batches
KILLS = 6


def write_settings(folder: Path) -> int:
    """Settings of a gate and a hub on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    for name in ("gate", "hub", "run"):
        (folder / name).mkdir()
    (folder / "gate.toml").write_text(
        f'[paths]\nstate = "gate"\nruntime = "run"\n'
        f'[hub]\nurl = "http://127.0.0.1:{port}"\ninterval_s = 1\n'
    )
    (folder / "hub.toml").write_text(
        f'port = {port}\npublic_url = "http://127.0.0.1:{port}"\nstate = "hub"\nnext_sync_s = 1\n'
    )
    return port


class Process:
    """One command that can be killed and started again."""

    def __init__(self, arguments: list[str], log: Path) -> None:
        self._arguments = arguments
        self._log = log
        self._start()

    def _start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen([*CHECKPOINT, *self._arguments], stderr=log)

    def kill_and_restart(self) -> None:
        self._process.kill()
        self._process.wait()
        self._start()

    def end(self) -> int:
        self._process.terminate()
        return self._process.wait(timeout=15)


@contextmanager
def running(arguments: list[str], log: Path) -> Iterator[Process]:
    process = Process(arguments, log)
    try:
        yield process
    finally:
        process.end()


def output_of(*arguments: str) -> str:
    done = subprocess.run([*CHECKPOINT, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def append(folder: Path, device: Device, count: int) -> None:
    with Ledger.open(folder / "gate" / "ledger.db", device.device_id) as ledger:
        for _ in range(count):
            ledger.append(an_entry(ledger.next_seq))


def arrived(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "hub" / "hub.db")) as db:
        (newest,) = db.execute("SELECT coalesce(max(id), 0) FROM entries").fetchone()
    return int(newest)


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def test_kill_9_of_hub_and_agent_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    port = write_settings(tmp_path)
    gate = ["--settings", str(tmp_path / "gate.toml")]
    hub = ["--settings", str(tmp_path / "hub.toml")]
    device = load_or_create_device(tmp_path / "gate" / "device.pem")
    append(tmp_path, device, BACKLOG)
    chance = random.Random(20261123)
    with ExitStack() as stack:
        at_hub = stack.enter_context(running(["hub", *hub], tmp_path / "hub.log"))
        wait_until(lambda: answers(port), 30)
        output_of("sync", "enrol", "--token", output_of("hub", "token", *hub), *gate)
        at_gate = stack.enter_context(running(["sync", *gate], tmp_path / "sync.log"))
        for number in range(KILLS):
            append(tmp_path, device, 25)
            time.sleep(chance.uniform(0.3, 1.0))
            (at_hub if number % 2 else at_gate).kill_and_restart()
        with LedgerReader(tmp_path / "gate" / "ledger.db") as reader:
            last = reader.last()
            lines = reader.lines_after(0, 1_000_000, 1 << 30)

        def all_acknowledged() -> bool:
            outbox = load_outbox(tmp_path / "gate" / "outbox.json")
            return outbox is not None and outbox.acked == last

        wait_until(all_acknowledged, 40)
        assert (at_gate.end(), at_hub.end()) == (0, 0), "SIGTERM ends both in good order"
    there = lines_at(tmp_path / "hub" / "hub.db", device)
    assert there == [(line.seq, line.head, line.line) for line in lines]
    assert len(there) == BACKLOG + 25 * KILLS
