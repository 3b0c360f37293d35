"""The gate's clock: what it asks, what it recalls from the ledger, what sync tells it."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from scanner.domain.clock import ClockDoubt, ClockSource
from scanner.domain.entries import Entry, encode_entry
from scanner.domain.reasons import Reason
from scanner.gate.instant import GateClock, Instant
from scanner.gate.records import abandoned_entry
from scanner.ledger.sync_status import HubTime, SyncStatus, save_sync_status
from tests.clock_builders import BOOT, NOON, NTP_WELL, Box, seconds
from tests.ledger_builders import an_entry

DAY = timedelta(days=1)


def started(box: Box, *entries: Entry, sync_status: Path | None = None) -> GateClock:
    clock = GateClock(box, sync_status)
    clock.recall(entries)
    clock.observe()
    return clock


def recorded(clock: GateClock) -> Entry:
    return abandoned_entry(1, clock.read().moment, completes=1)


def test_the_machine_that_runs_this_test_can_be_asked() -> None:
    clock = GateClock()
    clock.observe()
    first, second = clock.read(), clock.read()
    assert second.mono_s >= first.mono_s
    assert second.boot == first.boot
    assert second.up_s is not None
    assert second.up_s >= second.mono_s - 1


def test_a_reading_asks_no_source_and_an_observation_asks_once() -> None:
    box = Box(ntp_error=NTP_WELL)
    clock = started(box)
    for _ in range(100):
        clock.read()
    assert box.asked == 1


def test_ntp_costs_an_entry_no_byte() -> None:
    entry = recorded(started(Box(ntp_error=NTP_WELL)))
    assert set(msgspec.json.decode(encode_entry(entry))) == {
        *("v", "seq", "at", "boot", "mono_ms", "type", "completes")
    }


@pytest.mark.parametrize(
    ("box", "keys"),
    [
        (Box(rtc_off=timedelta(0)), {"clock": "rtc", "clock_error_s": 30}),
        (Box(), {"clock": "unverified", "clock_unsure": True}),
        (Box(wall_off=-20_000 * DAY), {"clock": "floor", "clock_unsure": True}),
        (Box(ntp_error=seconds(3.2)), {"clock_error_s": 4}),
    ],
)
def test_every_other_clock_is_recorded(box: Box, keys: dict[str, object]) -> None:
    written = msgspec.json.decode(encode_entry(recorded(started(box))))
    found = {key: value for key, value in written.items() if key.startswith("clock")}
    assert found == keys


def test_an_entry_of_this_boot_carries_the_time_over_a_restart() -> None:
    box = Box(ntp_error=NTP_WELL)
    entry = recorded(started(box))
    box.passed_s += 60
    box.ntp_error, box.wall_off = None, DAY
    instant = started(box, entry).read()
    assert (instant.at, instant.source, instant.is_sure) == (box.truth, ClockSource.NTP, True)


def test_a_sure_entry_of_an_earlier_boot_is_a_floor() -> None:
    entry = an_entry(1, at=NOON, boot="before")
    instant = started(Box(wall_off=-DAY), entry).read()
    assert (instant.source, instant.doubt) == (ClockSource.FLOOR, ClockDoubt.BEHIND)
    assert instant.at >= NOON


def test_an_unsure_entry_from_the_future_holds_nothing_up() -> None:
    ahead = {"at": NOON + 30 * DAY, "boot": "before"}
    entries = (
        an_entry(1, **ahead, clock=ClockSource.UNVERIFIED, clock_unsure=True),
        an_entry(2, **ahead, reasons=(Reason.CLOCK_UNSURE,)),
    )
    assert not GateClock(Box()).recall(entries)
    assert started(Box(rtc_off=timedelta(0)), *entries).read().is_sure


def test_an_entry_at_a_floor_is_a_floor_again() -> None:
    """Nights without power must not wear the floor away."""
    entry = an_entry(1, at=NOON, boot="before", clock=ClockSource.FLOOR, clock_unsure=True)
    assert started(Box(wall_off=-DAY), entry).read().at >= NOON


@pytest.mark.parametrize(("step", "is_sure"), [(DAY, True), (-DAY, False)])
def test_who_sets_the_date_and_restarts_the_gate_vouches_for_a_later_time_only(
    step: timedelta, is_sure: bool
) -> None:
    box = Box()
    clock = GateClock(box, system_counts=True)
    clock.observe()
    entry = recorded(clock)
    assert entry.clock is ClockSource.SYSTEM
    box.passed_s += 60
    box.wall_off = step
    clock.observe()
    assert clock.read().doubt is ClockDoubt.MOVED
    restarted = GateClock(box, system_counts=True)
    restarted.recall([entry])
    restarted.observe()
    assert restarted.read().is_sure is is_sure


def test_a_signature_is_a_floor_from_its_moment_on() -> None:
    box = Box(ntp_error=NTP_WELL)
    clock = started(box)
    clock.has_passed(box.truth + DAY)
    instant = clock.read()
    assert (instant.at, instant.doubt) == (box.truth + DAY, ClockDoubt.SIGNED_LATER)


def hub_told(path: Path, box: Box, boot: str = BOOT) -> None:
    told = HubTime(boot=boot, up_ms=int(box.passed_s * 1000), at=box.truth, error_ms=300)
    save_sync_status(path, SyncStatus(at=box.wall(), state="idle", queue=0, hub_time=told))


def test_the_hubs_time_is_taken_from_what_sync_wrote(tmp_path: Path) -> None:
    status = tmp_path / "sync-status.json"
    box = Box(wall_off=-9 * DAY)
    clock = started(box, sync_status=status)
    assert not clock.read().is_sure
    hub_told(status, box)
    clock.observe()
    instant = clock.read()
    assert (instant.at, instant.source, instant.is_sure) == (box.truth, ClockSource.HUB, True)


def test_what_sync_wrote_in_another_boot_says_nothing(tmp_path: Path) -> None:
    hub_told(tmp_path / "sync-status.json", Box(), boot="before")
    clock = started(Box(), sync_status=tmp_path / "sync-status.json")
    assert clock.read().source is ClockSource.UNVERIFIED


def test_the_ledger_counts_the_seconds_since_boot_sleep_included() -> None:
    awake = Instant(NOON, is_sure=True, mono_s=7.0, boot=BOOT, up_s=3607.0)
    assert awake.moment.mono_ms == 3_607_000


def test_an_entry_from_the_future_of_this_boot_is_a_floor_and_no_evidence() -> None:
    """A virtual machine that was brought back from a snapshot has the boot id of then."""
    box = Box(ntp_error=NTP_WELL, passed_s=10_000)
    entry = recorded(started(box))
    back = Box(started=box.truth + DAY - seconds(100), passed_s=100)
    told = started(back, entry).read()
    assert (told.source, told.is_sure) == (ClockSource.UNVERIFIED, False)
    late = Box(started=box.truth + DAY - seconds(100), passed_s=100, wall_off=-2 * DAY)
    assert started(late, entry).read().source is ClockSource.FLOOR
