import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scanner.ledger.device import Device
from scanner.ledger.outbox import load_outbox
from scanner.ledger.reader import LedgerReader
from scanner.ledger.store import Ledger
from scanner.ledger.sync_status import load_sync_status
from sync.agent.client import HubClient, up_ms
from sync.agent.machine import Condition
from sync.agent.service import Agent, AgentPaths
from sync.hub.service import Hub
from sync.hub.store.sqlite import SqliteStore
from tests.ledger_builders import an_entry
from tests.sync_builders import a_device, a_ledger, identity_of, lines_at, served, wait_until

DEVICE = a_device()


@dataclass
class Pair:
    """A gate's folder and the hub that serves it."""

    folder: Path
    hub: Hub
    port: int

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger.db"

    def agent(self, device: Device = DEVICE, port: int | None = None) -> Agent:
        paths = AgentPaths(
            self.ledger, self.folder / "outbox.json", self.folder / "sync-status.json"
        )
        client = HubClient(f"http://127.0.0.1:{port or self.port}", device)
        return Agent(paths, device, identity_of(self.hub), client, interval_s=60)

    def sync(self) -> None:
        assert self.agent().run_once(threading.Event(), timeout_s=20)

    def at_hub(self) -> list[tuple[int, bytes, bytes]]:
        return lines_at(self.folder / "hub" / "hub.db", DEVICE)

    def at_gate(self) -> list[tuple[int, bytes, bytes]]:
        with LedgerReader(self.ledger) as reader:
            lines = reader.lines_after(0, 1_000_000, 1 << 30)
        return [(line.seq, line.head, line.line) for line in lines]


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    with served(tmp_path / "hub", [DEVICE]) as (hub, port):
        yield Pair(tmp_path, hub, port)


def test_a_backlog_of_several_batches_arrives_whole_and_in_order(pair: Pair) -> None:
    a_ledger(pair.ledger, DEVICE, 620)
    pair.sync()
    assert pair.at_hub() == pair.at_gate()
    outbox = load_outbox(pair.folder / "outbox.json")
    assert outbox is not None
    assert (outbox.acked_seq, outbox.archived_seq) == (620, 0)
    status = load_sync_status(pair.folder / "sync-status.json")
    assert status is not None
    assert (status.state, status.queue) == (Condition.IDLE, 0)


def test_the_gate_learns_the_hubs_time_with_an_acknowledgement(pair: Pair) -> None:
    a_ledger(pair.ledger, DEVICE, 1)
    before = up_ms()
    pair.sync()
    status = load_sync_status(pair.folder / "sync-status.json")
    assert status is not None
    told = status.hub_time
    assert told is not None
    assert before <= told.up_ms <= up_ms()
    elapsed = timedelta(milliseconds=up_ms() - told.up_ms)
    assert abs(datetime.now(UTC) - elapsed - told.at) <= timedelta(seconds=5)


def test_an_empty_log_is_a_heartbeat_that_the_hub_sees(pair: Pair) -> None:
    a_ledger(pair.ledger, DEVICE, 0)
    pair.sync()
    (gate,) = pair.hub.store.gates()
    assert gate.seen_at is not None
    assert gate.entries == 0


def test_a_lost_outbox_is_located_again_without_sending_twice(pair: Pair) -> None:
    a_ledger(pair.ledger, DEVICE, 30)
    pair.sync()
    (pair.folder / "outbox.json").unlink()
    a_ledger(pair.ledger, DEVICE, 2)
    pair.sync()
    assert pair.at_hub() == pair.at_gate()


def test_a_hub_that_lost_its_database_gets_everything_again(pair: Pair, tmp_path: Path) -> None:
    a_ledger(pair.ledger, DEVICE, 30)
    pair.sync()
    with served(tmp_path / "new", [DEVICE]) as (hub, port):
        Pair(pair.folder, hub, port).sync()
        assert lines_at(tmp_path / "new" / "hub.db", DEVICE) == pair.at_gate()


def test_a_hub_with_another_key_acknowledges_nothing(pair: Pair, tmp_path: Path) -> None:
    a_ledger(pair.ledger, DEVICE, 3)
    with served(tmp_path / "impostor", [DEVICE]) as (_, port):
        agent = pair.agent(port=port)
        assert not agent.run_once(threading.Event(), timeout_s=0.5)
    assert agent.condition is Condition.REJECTED
    assert load_outbox(pair.folder / "outbox.json") is None


def test_a_retired_gate_keeps_its_entries(pair: Pair) -> None:
    a_ledger(pair.ledger, DEVICE, 3)
    assert pair.hub.store.retire(DEVICE.device_id, datetime.now(UTC))
    agent = pair.agent()
    assert not agent.run_once(threading.Event(), timeout_s=0.5)
    assert agent.condition is Condition.RETIRED
    assert len(pair.at_gate()) == 3


def test_a_running_agent_sends_new_entries_by_itself_and_stops_when_told(pair: Pair) -> None:
    a_ledger(pair.ledger, DEVICE, 1)
    stop = threading.Event()
    thread = threading.Thread(target=pair.agent().run, args=(stop,))
    thread.start()
    try:
        wait_until(lambda: len(pair.at_hub()) == 1)
        with Ledger.open(pair.ledger, DEVICE.device_id) as ledger:
            ledger.append(an_entry(2))
            wait_until(lambda: len(pair.at_hub()) == 2)
    finally:
        stop.set()
        thread.join(5)
    assert not thread.is_alive()
    assert pair.at_hub() == pair.at_gate()


def test_a_hub_from_a_backup_goes_on_behind_lines_that_the_gate_has_erased(pair: Pair) -> None:
    a_ledger(pair.ledger, DEVICE, 100)
    pair.sync()
    restored = pair.folder / "restored"
    restored.mkdir()
    store = pair.hub.store
    assert isinstance(store, SqliteStore)
    store.backup(restored / "hub.db")
    for key in (pair.folder / "hub").glob("*.pem"):
        shutil.copy(key, restored)
    a_ledger(pair.ledger, DEVICE, 300)
    pair.sync()
    with Ledger.open(pair.ledger, DEVICE.device_id) as ledger:
        while ledger.old_lines.erased.seq < 100:
            ledger.old_lines.erase(100)
    with served(restored, [DEVICE]) as (hub, port):
        assert hub.keys.name == pair.hub.keys.name
        assert pair.agent(port=port).run_once(threading.Event(), timeout_s=20)
    at_hub = lines_at(restored / "hub.db", DEVICE)
    assert [seq for seq, _, _ in at_hub] == list(range(1, 401))
    assert at_hub[100:] == pair.at_gate()
