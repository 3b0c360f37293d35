"""Clock modules as the kernel lists them, in real files; the kernel itself once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scanner.domain.clock import ClockSource
from scanner.peripherals.time_sources import MachineTime, kernel_error, read_rtc

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def a_module(folder: Path, name: str, since_epoch: str, hctosys: str = "0") -> None:
    (folder / name).mkdir()
    (folder / name / "since_epoch").write_text(f"{since_epoch}\n")
    (folder / name / "hctosys").write_text(f"{hctosys}\n")


def epoch(at: datetime) -> str:
    return str(int(at.timestamp()))


def test_a_box_without_a_clock_module_has_none(tmp_path: Path) -> None:
    assert read_rtc(tmp_path) is None
    assert read_rtc(tmp_path / "absent") is None


def test_a_clock_module_tells_whole_seconds(tmp_path: Path) -> None:
    a_module(tmp_path, "rtc0", epoch(AT))
    assert read_rtc(tmp_path) == AT


def test_the_module_that_the_kernel_went_by_comes_first(tmp_path: Path) -> None:
    a_module(tmp_path, "rtc0", epoch(AT - timedelta(days=9)))
    a_module(tmp_path, "rtc1", epoch(AT), hctosys="1")
    assert read_rtc(tmp_path) == AT


@pytest.mark.parametrize("content", ["", "-1", "1e9", "九", "9" * 40, "\x00\xff"])
def test_a_module_that_tells_no_time_is_passed_over(tmp_path: Path, content: str) -> None:
    a_module(tmp_path, "rtc0", content)
    a_module(tmp_path, "rtc1", epoch(AT))
    assert read_rtc(tmp_path) == AT


def test_a_module_that_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "rtc0" / "since_epoch").mkdir(parents=True)
    assert read_rtc(tmp_path) is None


def test_a_module_is_asked_every_ten_seconds_at_most(tmp_path: Path) -> None:
    a_module(tmp_path, "rtc0", epoch(AT))
    machine = MachineTime(tmp_path)
    first = machine.read().rtc
    (tmp_path / "rtc0" / "since_epoch").write_text(epoch(AT + timedelta(days=1)))
    assert machine.read().rtc == first
    assert first is not None
    assert (first.source, first.at) == (ClockSource.RTC, AT)


def test_the_kernel_is_asked_and_nothing_is_changed(tmp_path: Path) -> None:
    error = kernel_error()
    assert error is None or timedelta(0) <= error < timedelta(seconds=16)
    machine = MachineTime(tmp_path)
    before = machine.up_s()
    reading = machine.read()
    assert before <= reading.up_s <= machine.up_s()
    assert reading.rtc is None
    assert len(machine.boot) == 36
