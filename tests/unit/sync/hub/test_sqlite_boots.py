"""Pushes on a real database: unsure entries get a true time beside what was written."""

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from scanner.domain.clock import ClockSource
from scanner.domain.entries import encode_entry
from sync.agent.outgoing import Instant
from sync.hub.bodies import gunzip
from sync.hub.ingest import read_push
from sync.hub.store.base import EntryRow
from sync.hub.store.sqlite import SqliteStore
from sync.hub.store.sqlite_boots import LAST_BOOTS
from sync.hub.store.sqlite_migrations import migrate
from tests.ledger_builders import NOON, an_entry
from tests.sync_builders import BOOT, Log, a_device, a_hub, lines_at, lines_of

DEVICE = a_device()
LATE = timedelta(days=-3)
EARLIER = "00000000-7a52-4c1e-9d3b-0242ac120002"


class Hub:
    """A store, and a gate whose clock is three days late."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "hub.db"
        store = a_hub(folder, [DEVICE]).store
        assert isinstance(store, SqliteStore)
        self.store = store
        self.log = Log(DEVICE)
        self.sent = 0

    def record(
        self,
        up_s: float,
        at: datetime,
        clock: ClockSource = ClockSource.UNVERIFIED,
        boot: str = BOOT,
    ) -> None:
        entry = an_entry(
            self.log.last().seq + 1,
            at=at,
            boot=boot,
            mono_ms=int(up_s * 1000),
            clock=clock,
            clock_unsure=clock is ClockSource.UNVERIFIED,
        )
        self.log.append(encode_entry(entry))

    def push(self, up_s: float, received: datetime, *, again: bool = False) -> None:
        after = 0 if again else self.sent
        moment = Instant(received + LATE, BOOT, int(up_s * 1000))
        outgoing = self.log.push_after(after, instant=moment)
        headers = {name.lower(): value for name, value in outgoing.headers.items()}
        body = gunzip(outgoing.body, 1 << 20)
        push = read_push(DEVICE.device_id, DEVICE.private_key.public_key(), headers, body)
        device = self.store.device(DEVICE.device_id)
        assert device is not None
        self.store.append(device, push.batch, push.report, push.checkpoint, received)
        self.sent = self.log.last().seq

    def row(self, seq: int) -> EntryRow:
        return next(row for row in self.store.latest(100) if row.seq == seq)

    def off(self, seq: int, truth: datetime) -> tuple[float, float]:
        """How far before and after the truth the entry may have been, in seconds."""
        row = self.row(seq)
        assert row.earliest is not None
        assert row.latest is not None
        return (row.earliest - truth).total_seconds(), (row.latest - truth).total_seconds()


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return Hub(tmp_path)


def test_a_push_places_the_unsure_entries_of_its_boot(hub: Hub) -> None:
    hub.record(100, NOON + LATE)
    hub.push(700, NOON + timedelta(seconds=600))
    early, late = hub.off(1, NOON)
    assert -61 < early < late < 1
    assert hub.row(1).at == NOON + LATE, "what was written stays"
    assert lines_at(hub.path, DEVICE) == lines_of(hub.log)


def test_a_sure_entry_of_the_same_boot_places_it_to_the_second(hub: Hub) -> None:
    hub.record(100, NOON + LATE)
    hub.record(160, NOON + timedelta(seconds=60), ClockSource.NTP)
    hub.push(700, NOON + timedelta(seconds=600))
    early, late = hub.off(1, NOON)
    assert -1.1 < early < 0 <= late < 1.1


def test_what_arrives_later_places_what_came_before(hub: Hub) -> None:
    hub.record(100, NOON + LATE)
    hub.push(700, NOON + timedelta(seconds=600))
    hub.record(800, NOON + timedelta(seconds=700), ClockSource.HUB)
    hub.push(900, NOON + timedelta(seconds=800))
    early, late = hub.off(1, NOON)
    assert -1.2 < early < 0 <= late < 1.2


def test_a_boot_without_a_push_lies_between_its_neighbours(hub: Hub) -> None:
    hub.record(50, NOON - timedelta(hours=2), ClockSource.NTP, boot="first")
    hub.record(60, NOON + LATE, boot=EARLIER)
    hub.record(10, NOON + timedelta(hours=1), ClockSource.NTP)
    hub.push(20, NOON + timedelta(hours=1, seconds=10))
    early, late = hub.off(2, NOON - timedelta(hours=2))
    assert 58 < early < 61
    assert 3 * 3600 - 12 < late < 3 * 3600


def test_a_gate_that_claims_to_be_sure_and_is_not_is_corrected(hub: Hub) -> None:
    hub.record(100, NOON + timedelta(days=1), ClockSource.NTP)
    hub.push(700, NOON + timedelta(seconds=600))
    early, late = hub.off(1, NOON)
    assert -61 < early < late < 1
    assert not hub.row(1).unsure


def test_a_repeated_push_changes_no_time(hub: Hub) -> None:
    hub.record(100, NOON + LATE)
    hub.push(700, NOON + timedelta(seconds=600))
    before = hub.row(1)
    hub.push(700, NOON + timedelta(seconds=1000), again=True)
    assert hub.row(1) == before


def test_a_heartbeat_places_the_boot_too(hub: Hub) -> None:
    hub.record(100, NOON + LATE)
    hub.push(700, NOON + timedelta(seconds=640))  # 40 s on the way
    hub.push(760, NOON + timedelta(seconds=660))
    early, late = hub.off(1, NOON)
    assert -61 < early < -20
    assert late < 1


@pytest.mark.parametrize("boot", ["no-moment", "b/-1", "b/九", "b/" + "9" * 40, ""])
def test_a_boot_that_makes_no_sense_costs_nothing(hub: Hub, boot: str) -> None:
    hub.record(100, NOON + LATE)
    hub.push(700, NOON)
    outgoing = hub.log.push_after(0)
    headers = {name.lower(): value for name, value in outgoing.headers.items()}
    headers["log-boot"] = boot
    body = gunzip(outgoing.body, 1 << 20)
    push = read_push(DEVICE.device_id, DEVICE.private_key.public_key(), headers, body)
    device = hub.store.device(DEVICE.device_id)
    assert device is not None
    before = hub.row(1)
    hub.store.append(device, push.batch, push.report, push.checkpoint, NOON)
    assert hub.row(1) == before


@pytest.mark.parametrize("mono_ms", [-5, 10**14])
def test_an_entry_outside_every_boot_is_kept_and_has_no_other_time(hub: Hub, mono_ms: int) -> None:
    hub.log.append(encode_entry(an_entry(1, boot=BOOT, mono_ms=mono_ms)))
    hub.push(700, NOON)
    assert (hub.row(1).earliest, hub.row(1).readable) == (None, True)


def test_a_database_from_before_keeps_its_entries_and_learns_from_then_on(tmp_path: Path) -> None:
    hub = Hub(tmp_path)
    hub.record(100, NOON + LATE)
    hub.push(700, NOON)
    hub.store.close()
    with sqlite3.connect(hub.path) as db:
        db.execute("DROP INDEX guard_lines")
        db.execute("DROP INDEX suspected")
        db.execute("DROP TABLE told")
        for table in ("sunsets", "places", "sightings", "travels"):
            db.execute(f"DROP TABLE {table}")
        for column in ("boot_no", "up_ms", "unsure", "digest", "claimed_issuer"):
            db.execute(f"ALTER TABLE entries DROP COLUMN {column}")
        db.execute("DROP TABLE boots")
        db.execute("PRAGMA user_version = 1")
        migrate(db)
    db.close()
    hub.store = SqliteStore(hub.path)
    hub.record(800, NOON + LATE)
    hub.push(900, NOON + timedelta(seconds=200))
    assert hub.row(1).earliest is None
    assert hub.row(2).earliest is not None
    hub.store.close()


@pytest.mark.parametrize("error_s", [10**18, 10**30, -1, -(10**18)])
def test_an_error_of_a_clock_that_no_clock_has_never_blocks_the_queue(
    hub: Hub, error_s: int
) -> None:
    """What a gate says of itself may be nonsense; the entry is kept, and its time unknown."""
    entry = an_entry(1, at=NOON, boot=EARLIER, clock=ClockSource.RTC, clock_error_s=error_s)
    hub.log.append(encode_entry(entry))
    hub.push(100, NOON)
    row = hub.row(1)
    assert row.readable
    assert row.earliest is None or row.latest is None or row.earliest <= row.latest


def test_of_many_boots_only_the_last_ones_are_looked_at(hub: Hub) -> None:
    """A gate that makes up a boot for each entry slows down nobody, itself included."""
    with sqlite3.connect(hub.path) as db:
        db.executemany(
            "INSERT INTO boots (device_no, branch, boot, last_up_ms) VALUES (1, 1, ?, 1)",
            [(f"boot-{number}",) for number in range(1000)],
        )
        plan = db.execute(f"EXPLAIN QUERY PLAN {LAST_BOOTS}", (1, 1, 200)).fetchall()
    assert ["INDEX boots_in_order" in step[3] for step in plan] == [True]
