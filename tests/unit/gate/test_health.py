"""What the status line says of camera and clock."""

from datetime import timedelta

import pytest

from scanner.domain.clock import ClockDoubt, ClockSource
from scanner.gate.health import _clock, _hub_health, _since
from scanner.gate.instant import Instant
from scanner.gate.status import CameraFault, Health
from scanner.ledger.sync_status import HubTime, SyncStatus
from scanner.vision.faults import Fault
from tests.clock_builders import BOOT, NOON, seconds


def test_every_fault_of_the_camera_has_its_message() -> None:
    assert [fault.value for fault in CameraFault] == [fault.value for fault in Fault]


@pytest.mark.parametrize(
    ("doubt", "ahead", "health"),
    [
        (None, seconds(0), Health.WELL),
        (None, seconds(59), Health.WELL),
        (None, timedelta(days=1), Health.WARNING),
        (None, -timedelta(days=1), Health.WARNING),
        (ClockDoubt.NO_SOURCE, seconds(0), Health.FAULT),
    ],
)
def test_a_machine_that_is_off_is_a_warning_and_an_unsure_time_a_fault(
    doubt: ClockDoubt | None, ahead: timedelta, health: Health
) -> None:
    instant = Instant(
        NOON, doubt is None, 1.0, BOOT, ClockSource.NTP, seconds(1), doubt, ahead, up_s=1.0
    )
    assert _clock(instant) is health


def test_the_hubs_silence_is_counted_since_boot_where_the_machine_is_wrong() -> None:
    told = HubTime(boot=BOOT, up_ms=40_000, at=NOON, error_ms=100)
    wrong = NOON - timedelta(days=9)
    status = SyncStatus(at=wrong, state="idle", queue=0, last_ok=wrong, hub_time=told)
    instant = Instant(NOON, is_sure=True, mono_s=60.0, boot=BOOT, up_s=60.0)
    assert _since(status, instant) == seconds(20)


@pytest.mark.parametrize("ahead", [timedelta(minutes=6), timedelta(days=3650)])
def test_an_answer_of_the_hub_from_the_future_is_no_proof_of_a_hub(ahead: timedelta) -> None:
    """Sync wrote it when the machine ran ahead, perhaps years ago: it would be green for years."""
    status = SyncStatus(at=NOON, state="idle", queue=0, last_ok=NOON + ahead)
    assert (
        _hub_health(status, Instant(NOON, is_sure=True, mono_s=60.0, boot=BOOT)) is Health.UNKNOWN
    )


def test_sync_may_be_a_little_ahead_of_the_gate() -> None:
    status = SyncStatus(at=NOON, state="idle", queue=0, last_ok=NOON + seconds(30))
    assert _hub_health(status, Instant(NOON, is_sure=True, mono_s=60.0, boot=BOOT)) is Health.WELL
