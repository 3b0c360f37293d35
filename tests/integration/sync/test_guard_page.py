"""The guards' page, from what two gates of a site have pushed."""

from datetime import timedelta
from pathlib import Path

import msgspec
import requests

from scanner.domain.entries import Entry, EntryType, encode_entry
from scanner.domain.guards import LoginWay, Role, ShiftChange
from scanner.domain.overrides import OverrideRow
from scanner.domain.reasons import GuardReason
from scanner.domain.verdicts import GuardDecision
from scanner.ledger.device import Device
from sync.hub.bodies import gunzip
from sync.hub.ingest import read_push
from sync.hub.service import Hub
from tests.ledger_builders import NOON, an_entry
from tests.sync_builders import Log, a_device, a_hub, served

EAST, WEST = a_device(1), a_device(2)
IN = GuardDecision.ADMITTED_BY_GUARD
ELDER = GuardReason.ELDER_WITHOUT_PHONE


def a_shift(device: Device, guard: str, scans: int) -> Log:
    """A guard comes, sees people, admits the last one by hand and somebody without a code."""
    log = Log(device)

    def add(kind: EntryType, **fields: object) -> int:
        seq = log.last().seq + 1
        plain = Entry(
            v=1, seq=seq, at=NOON + timedelta(seconds=seq), boot="b", mono_ms=seq, type=kind
        )
        log.append(encode_entry(msgspec.structs.replace(plain, **fields)))
        return seq

    add(
        EntryType.SHIFT,
        shift=ShiftChange.STARTED,
        by=guard,
        role=Role.GUARD,
        login_way=LoginWay.PIN,
    )
    for _ in range(scans):
        log.append(encode_entry(an_entry(log.last().seq + 1)))
    decided = {"guard": IN, "guard_reason": ELDER, "by": guard, "role": Role.GUARD}
    add(EntryType.GUARD, completes=scans + 1, **decided)
    taken_back = add(EntryType.GUARD, **decided)
    add(EntryType.UNDO, undoes=taken_back, by=guard, role=Role.GUARD)
    return log


def push(hub: Hub, device: Device, log: Log) -> None:
    outgoing = log.push_after(0)
    headers = {name.lower(): value for name, value in outgoing.headers.items()}
    key = device.private_key.public_key()
    pushed = read_push(device.device_id, key, headers, gunzip(outgoing.body, 1 << 20))
    known = hub.store.device(device.device_id)
    assert known is not None
    hub.store.append(known, pushed.batch, pushed.report, pushed.checkpoint, NOON)


def test_a_number_is_one_guard_at_all_gates_of_a_site(tmp_path: Path) -> None:
    hub = a_hub(tmp_path, [EAST, WEST])
    push(hub, EAST, a_shift(EAST, "07", 10))
    push(hub, WEST, a_shift(WEST, "07", 6))
    assert hub.store.overrides(NOON, 100) == {
        "Riverside": [OverrideRow("07", ELDER, 2, 0, 0, 2, 16)]
    }
    assert hub.store.overrides(NOON + timedelta(seconds=1), 100) == {}
    hub.store.close()


def test_the_page_shows_them_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    with served(tmp_path, [EAST]) as (hub, port):
        address = f"http://127.0.0.1:{port}/guards"
        assert "No guard has decided anything" in requests.get(address, timeout=10).text
        device = hub.store.device(EAST.device_id)
        assert device is not None
        log = a_shift(EAST, "07", 8)
        outgoing = log.push_after(0)
        headers = {name.lower(): value for name, value in outgoing.headers.items()}
        body = gunzip(outgoing.body, 1 << 20)
        pushed = read_push(EAST.device_id, EAST.private_key.public_key(), headers, body)
        hub.store.append(device, pushed.batch, pushed.report, pushed.checkpoint, hub.clock())
        page = requests.get(address, timeout=10)
        assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
        for shown in ("<strong>07</strong>", "elder without phone", "12.5%"):
            assert shown in page.text
