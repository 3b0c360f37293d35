"""Impossible travel, from the keys that a hub gives its gates to the line on its page."""

import re
import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from typer.testing import CliRunner

from scanner.cli.main import app
from scanner.domain.entries import encode_entry
from scanner.domain.trace import TraceKey
from scanner.domain.verdicts import Decision
from scanner.ledger.device import Device
from scanner.ledger.reader import LedgerReader
from scanner.ledger.trace_keys import FILE_NAME, load_trace_keys, save_trace_keys
from sync.agent.client import HubClient
from sync.agent.service import Agent, AgentPaths
from sync.hub.service import Hub
from sync.hub.travel import Place
from sync.protocol import decode_bytes
from tests.builders import NOW, a_bound_code, a_key, a_phone
from tests.gate_builders import Gate
from tests.ledger_builders import NOON, an_entry
from tests.sync_builders import Log, a_device, a_hub, a_ledger, a_push, identity_of, served

EAST, WEST, THIRD = a_device(1), a_device(2), a_device(3)
HANGZHOU, SHANGHAI = Place(30.25, 120.17), Place(31.23, 121.47)
SOMEBODY = "0123456789abcdef"


class Hubs:
    """A hub at noon, which knows three gates; two of them have a place."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hub = a_hub(folder, [EAST, WEST, THIRD])
        self.hub.store.set_place(EAST.device_id, HANGZHOU)
        self.hub.store.set_place(WEST.device_id, SHANGHAI)

    def scans(self, device: Device, *at: timedelta, **more: object) -> None:
        log = Log(device)
        for seq, moment in enumerate(at, 1):
            said = {"at": NOON + moment, "boot": f"boot-{seq}", "trace": SOMEBODY, **more}
            entry = an_entry(seq, **said)
            log.append(encode_entry(entry))
        self.hub.push(device.device_id, a_push(log))

    def suspicions(self) -> list[tuple[str, str]]:
        rows = self.hub.store.travels(NOON - timedelta(days=14), 100)
        return [(row.first_gate, row.second_gate) for row in rows]


@pytest.fixture
def hubs(tmp_path: Path) -> Hubs:
    return Hubs(tmp_path)


MIN = timedelta(minutes=1)


def test_two_gates_too_far_apart_are_one_suspicion_the_earlier_first(hubs: Hubs) -> None:
    hubs.scans(WEST, -20 * MIN, -19 * MIN, -18 * MIN)
    hubs.scans(EAST, -40 * MIN, -39 * MIN)
    assert hubs.suspicions() == [("Gate 1", "Gate 2")]


def test_a_batch_that_comes_twice_is_no_second_suspicion(hubs: Hubs) -> None:
    for _ in range(2):
        hubs.scans(EAST, -40 * MIN)
        hubs.scans(WEST, -20 * MIN)
    assert len(hubs.suspicions()) == 1


def test_who_had_the_time_to_travel_is_not_suspected(hubs: Hubs) -> None:
    hubs.scans(EAST, -180 * MIN)
    hubs.scans(WEST, -20 * MIN)
    assert hubs.suspicions() == []


def test_two_people_are_not_one(hubs: Hubs) -> None:
    hubs.scans(EAST, -40 * MIN)
    hubs.scans(WEST, -20 * MIN, trace="fedcba9876543210")
    assert hubs.suspicions() == []


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param({"clock_unsure": True}, id="an unsure clock"),
        pytest.param({"clock_error_s": 7200}, id="a clock that may be hours off"),
        pytest.param({"decision": None}, id="no decision"),
        pytest.param({"trace": "0123456789ABCDEF"}, id="no mark of a gate"),
        pytest.param({"trace": "0" * 5000}, id="a long mark"),
    ],
)
def test_what_cannot_be_compared_is_not_suspected(hubs: Hubs, odd: dict[str, object]) -> None:
    hubs.scans(EAST, -40 * MIN, **odd)
    hubs.scans(WEST, -20 * MIN, **odd)
    assert hubs.suspicions() == []


def test_a_gate_whose_clock_the_hub_knows_to_be_wrong_gets_the_doubt(hubs: Hubs) -> None:
    """It is sure of 11:20, and made its push, a second of its boot later, at noon."""
    boot = "5f1c7a52-7a52-4c1e-9d3b-0242ac120002"
    log = Log(EAST)
    entry = an_entry(1, at=NOON - 40 * MIN, boot=boot, mono_ms=1, trace=SOMEBODY)
    log.append(encode_entry(entry))
    hubs.hub.push(EAST.device_id, a_push(log))
    hubs.scans(WEST, -100 * MIN)
    assert hubs.suspicions() == []


def test_a_gate_without_a_place_is_not_compared(hubs: Hubs) -> None:
    hubs.scans(THIRD, -20 * MIN)
    hubs.scans(EAST, -20 * MIN)
    hubs.hub.store.set_place(EAST.device_id, None)
    hubs.scans(WEST, -20 * MIN)
    assert hubs.suspicions() == []


def test_a_gate_that_was_moved_was_not_at_its_new_place_before(hubs: Hubs) -> None:
    hubs.scans(EAST, -20 * MIN)
    hubs.hub.store.set_place(EAST.device_id, Place(39.9, 116.4))
    hubs.scans(WEST, -20 * MIN)
    assert hubs.suspicions() == []


def test_a_days_marked_scans_go_with_its_key(hubs: Hubs) -> None:
    hubs.scans(EAST, -40 * MIN, timedelta(days=-2))
    hubs.hub.clock = lambda: NOON + timedelta(days=2)
    log = Log(WEST)
    for seq, ago in ((1, 2), (2, 0)):
        at = NOON + timedelta(days=2 - ago)
        log.append(encode_entry(an_entry(seq, at=at, boot="b", mono_ms=seq, trace=SOMEBODY)))
    hubs.hub.push(WEST.device_id, a_push(log, at=NOON + timedelta(days=2)))
    assert hubs.suspicions() == []
    with sqlite3.connect(hubs.folder / "hub.db") as db:
        days = db.execute("SELECT DISTINCT day FROM sightings").fetchall()
    db.close()
    assert days == [((NOON + timedelta(days=2)).timestamp() // 86_400,)]


def test_keys_go_only_to_gates_that_can_be_compared(tmp_path: Path) -> None:
    hub = a_hub(tmp_path, [EAST, WEST])

    def keys(device: Device) -> int:
        return len(hub.push(device.device_id, a_push(Log(device))).trace_keys)

    assert keys(EAST) == 0
    hub.store.set_place(EAST.device_id, HANGZHOU)
    assert keys(EAST) == 0
    assert list(tmp_path.glob("trace-key-*")) == []
    hub.store.set_place(WEST.device_id, SHANGHAI)
    assert (keys(EAST), keys(WEST)) == (3, 3)
    hub.store.set_place(WEST.device_id, None)
    assert (keys(EAST), keys(WEST)) == (0, 0)


def test_a_push_destroys_the_keys_whose_time_is_over(hubs: Hubs) -> None:
    hubs.scans(EAST, -MIN)
    later = NOON + timedelta(days=2)
    hubs.hub.clock = lambda: later
    hubs.hub.push(WEST.device_id, a_push(Log(WEST), at=later))
    kept = sorted(path.name for path in hubs.folder.glob("trace-key-*"))
    assert kept == [f"trace-key-2026-11-{day}" for day in (24, 25, 26, 27)]


def test_two_real_gates_that_see_one_holder_at_once_are_a_suspicion(tmp_path: Path) -> None:
    """From the codes' texts, of which the second is a later one of the same phone."""
    hub = a_hub(tmp_path / "hub", [EAST, WEST], at=NOW)
    hub.store.set_place(EAST.device_id, HANGZHOU)
    hub.store.set_place(WEST.device_id, SHANGHAI)
    for device, code_id in ((EAST, b"code-001"), (WEST, b"code-002")):
        folder = tmp_path / device.device_id
        folder.mkdir()
        reply = hub.push(device.device_id, a_push(Log(device), at=NOW))
        keys = [TraceKey(one.day, decode_bytes(one.key, 32)) for one in reply.trace_keys]
        save_trace_keys(folder / FILE_NAME, tuple(keys))
        gate = Gate(folder, [a_key("33")], device=device.device_id)
        gate.recorder.traces.refresh()
        shown = gate.verdict(a_phone().receives(a_bound_code(code_id=code_id)).presents(NOW))
        assert shown.decision is Decision.ADMIT
        gate.ledger.close()
        log = Log(device)
        with LedgerReader(folder / "ledger.db") as reader:
            for line in reader.lines_after(0, 10, 65_536):
                log.append(line.line)
        hub.push(device.device_id, a_push(log, at=NOW))
    (found,) = hub.store.travels(NOW - timedelta(days=14), 10)
    assert (found.first_gate, found.second_gate) == ("Gate 1", "Gate 2")
    assert 160_000 < found.distance_m < 170_000


def synced(folder: Path, device: Device, hub: Hub, port: int) -> Path:
    """A real agent has brought a ledger there; its runtime folder."""
    folder.mkdir()
    a_ledger(folder / "ledger.db", device, 1)
    status = folder / "sync-status.json"
    paths = AgentPaths(folder / "ledger.db", folder / "outbox.json", status)
    client = HubClient(f"http://127.0.0.1:{port}", device)
    agent = Agent(paths, device, identity_of(hub), client, interval_s=60)
    assert agent.run_once(threading.Event(), timeout_s=20)
    return folder


def test_over_http_two_gates_get_one_key_and_the_page_shows_the_suspicion_once(
    tmp_path: Path,
) -> None:
    with served(tmp_path / "hub", [EAST, WEST]) as (hub, port):
        hub.store.set_place(EAST.device_id, HANGZHOU)
        hub.store.set_place(WEST.device_id, SHANGHAI)
        url = f"http://127.0.0.1:{port}"
        rings: list[None] = []
        keys = []
        with hub.bell.listening(lambda: rings.append(None)):
            for device in (EAST, WEST):
                folder = synced(tmp_path / device.device_id, device, hub, port)
                keys.append(load_trace_keys(folder / FILE_NAME))
            at = datetime.now(UTC)
            (key,) = (key for key in keys[0] if key.day == at.date())
            trace = key.trace(b"somebody")
            for device in (EAST, WEST):
                log = Log(device, nonce=b"w" * 16)  # a further log of the same gate
                for seq in (1, 2):
                    entry = an_entry(seq, at=at, boot="b", mono_ms=seq, trace=trace)
                    log.append(encode_entry(entry))
                request = a_push(log, at=datetime.now(UTC), url=url)
                sent = requests.post(
                    request.url, data=request.body, headers=request.headers, timeout=10
                )
                assert sent.status_code == 200, sent.text
        page = requests.get(url, timeout=10).text
    assert keys[0] == keys[1]
    assert len(keys[0]) == 3
    assert len(rings) == 1
    assert page.count("suspicion, look at both") == 1
    assert "<b>1</b> impossible journey" in page
    row = re.sub(r"\s+", " ", page.partition("Impossible travel")[2].partition("</table>")[0])
    assert "Gate 1, Riverside" in row
    assert "Gate 2, Riverside" in row
    assert "165 km" in row or "166 km" in row
    assert trace not in page


def test_a_page_without_such_a_suspicion_says_nothing_of_travel(tmp_path: Path) -> None:
    with served(tmp_path, [EAST]) as (_hub, port):
        page = requests.get(f"http://127.0.0.1:{port}/", timeout=10).text
    assert "mpossible" not in page


class Places:
    """`checkpoint hub place` on a hub with one gate."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "state"
        self.state.mkdir()
        a_hub(self.state, [EAST]).store.close()
        self.settings = folder / "hub.toml"
        self.settings.write_text(f'state = "{self.state}"\n')

    def run(self, *arguments: str) -> tuple[int, str]:
        settings = ("--settings", str(self.settings))
        done = CliRunner().invoke(app, ["hub", "place", *arguments, *settings])
        return done.exit_code, done.output + str(done.exception or "")

    def stands(self) -> list[tuple[float, float]]:
        with sqlite3.connect(self.state / "hub.db") as db:
            rows = db.execute("SELECT latitude, longitude FROM places").fetchall()
        db.close()
        return rows


def test_an_operator_says_where_a_gate_stands_and_takes_it_back(tmp_path: Path) -> None:
    places = Places(tmp_path)
    status, said = places.run(EAST.device_id, "--latitude", "30.25", "--longitude", "-120.17")
    assert (status, places.stands()) == (0, [(30.25, -120.17)])
    assert "stands at 30.25000, -120.17000" in said
    assert places.run(EAST.device_id, "--forget")[0] == 0
    assert places.stands() == []


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param((EAST.device_id,), id="no place"),
        pytest.param((EAST.device_id, "--latitude", "30"), id="half a place"),
        pytest.param((EAST.device_id, "--latitude", "91", "--longitude", "0"), id="off the earth"),
        pytest.param((EAST.device_id, "--latitude", "nan", "--longitude", "0"), id="no number"),
        pytest.param((EAST.device_id, "--forget", "--latitude", "30"), id="both"),
        pytest.param((WEST.device_id, "--latitude", "1", "--longitude", "1"), id="no such gate"),
    ],
)
def test_what_is_no_place_of_a_gate_is_refused(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    places = Places(tmp_path)
    assert places.run(*arguments)[0] != 0
    assert places.stands() == []
