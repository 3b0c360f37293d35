"""What the gate takes for the time by its own clocks and NTP, situation by situation."""

from datetime import UTC, datetime, timedelta

import pytest

from scanner.domain.clock import ClockDoubt, ClockSource
from scanner.policy.evaluate import CLOCK_SKEW
from scanner.trust.clock import (
    NTP_ERROR,
    RTC_ERROR,
    SURE_WITHIN,
    ClockState,
)
from scanner.trust.evidence import BUILT_AT, DRIFT, END_OF_USE, Evidence
from tests.clock_builders import NOON, NTP_WELL, Box, Watch, hub_evidence, seconds

DAY = timedelta(days=1)
HOUR = 3600.0
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BATTERY_DEAD = datetime(2000, 1, 1, tzinfo=UTC)


def test_what_is_called_sure_is_what_expiry_checks_allow() -> None:
    assert SURE_WITHIN == CLOCK_SKEW


# Boots


def test_a_boot_in_1970_tells_a_floor_that_goes_on_and_is_unsure() -> None:
    watch = Watch(Box(), ClockState().after_entry(NOON - DAY))
    watch.box.wall_says(EPOCH)
    told = watch.look()
    assert (told.source, told.doubt, told.error) == (ClockSource.FLOOR, ClockDoubt.BEHIND, None)
    assert NOON - DAY < told.at <= NOON - DAY + seconds(100)
    later = watch.look(HOUR).at - told.at
    assert seconds(HOUR - 1) <= later <= seconds(HOUR)


def test_a_boot_before_the_build_is_told_by_the_build() -> None:
    watch = Watch(Box())
    watch.box.wall_says(BUILT_AT - DAY)
    told = watch.look()
    assert (told.source, told.is_sure) == (ClockSource.FLOOR, False)
    assert told.at >= BUILT_AT


def test_fake_hwclock_is_possible_and_proves_nothing() -> None:
    """It brings back the time of the last shutdown: later than every floor, and late."""
    watch = Watch(Box(), ClockState().after_entry(NOON - DAY))
    watch.box.wall_off = -timedelta(hours=9)
    told = watch.look()
    assert (told.source, told.doubt) == (ClockSource.UNVERIFIED, ClockDoubt.NO_SOURCE)
    assert told.at == watch.box.wall()


def test_a_clock_module_is_sure_within_its_error() -> None:
    watch = Watch(Box(rtc_off=seconds(12)), ClockState().after_entry(NOON - DAY))
    told = watch.look()
    assert (told.source, told.is_sure, told.error) == (ClockSource.RTC, True, RTC_ERROR)
    assert abs(watch.off(told)) <= RTC_ERROR


@pytest.mark.parametrize("says", [EPOCH, BATTERY_DEAD, BUILT_AT - DAY, END_OF_USE + DAY])
def test_a_clock_module_with_a_dead_battery_counts_as_none(says: datetime) -> None:
    box = Box()
    box.rtc_off = says - box.truth
    assert Watch(box).look().source is ClockSource.UNVERIFIED


def test_a_clock_module_before_the_last_sure_entry_counts_as_none() -> None:
    watch = Watch(Box(rtc_off=-2 * DAY), ClockState().after_entry(NOON - DAY))
    watch.box.wall_off = -2 * DAY
    told = watch.look()
    assert (told.source, told.doubt) == (ClockSource.FLOOR, ClockDoubt.BEHIND)


def test_the_machines_own_clock_counts_where_the_settings_say_so() -> None:
    watch = Watch(Box(), ClockState(system_counts=True))
    assert watch.look().source is ClockSource.SYSTEM
    assert watch.look(HOUR).is_sure


@pytest.mark.parametrize("says", [EPOCH, BUILT_AT - DAY, END_OF_USE + DAY])
def test_the_machines_own_clock_never_counts_against_what_has_passed(says: datetime) -> None:
    watch = Watch(Box(), ClockState(system_counts=True))
    watch.box.wall_says(says)
    told = watch.look()
    assert (told.source, told.is_sure) == (ClockSource.FLOOR, False)
    watch.box.wall_off = timedelta(0)
    assert watch.look(1).is_sure, "somebody set the date"


# NTP comes, goes, heals


def test_ntp_makes_sure_whatever_was_before() -> None:
    watch = Watch(Box(), ClockState().after_entry(NOON - DAY))
    watch.box.wall_says(EPOCH)
    assert not watch.look().is_sure
    watch.box.wall_off, watch.box.ntp_error = timedelta(0), NTP_WELL
    told = watch.look(60)
    assert (told.source, told.is_sure, watch.off(told)) == (ClockSource.NTP, True, timedelta(0))
    assert told.error == NTP_WELL + NTP_ERROR


def test_ntp_lost_for_days_fades_at_100_ppm_and_then_is_unsure() -> None:
    watch = Watch(Box(ntp_error=NTP_WELL))
    watch.look()
    watch.box.ntp_error = None
    days = 0
    while watch.look(24 * HOUR).is_sure:
        days += 1
    assert days == 6
    assert watch.told is not None
    assert watch.told.doubt is ClockDoubt.FADED
    assert watch.off(watch.told) == timedelta(0)


def test_the_kernels_growing_bound_never_makes_the_time_less_certain_than_our_own() -> None:
    watch = Watch(Box(ntp_error=NTP_WELL))
    watch.look()
    watch.box.ntp_error = seconds(15)
    told = watch.look(8 * HOUR)
    assert told.error == NTP_WELL + NTP_ERROR + seconds(8 * HOUR * DRIFT)


def test_with_a_clock_module_a_gate_stays_sure_for_weeks_without_a_network() -> None:
    watch = Watch(Box(ntp_error=NTP_WELL, rtc_off=seconds(1)))
    watch.look()
    watch.box.ntp_error = None
    for _ in range(90 * 24):
        assert watch.look(HOUR).is_sure
    assert watch.told is not None
    assert watch.told.source is ClockSource.RTC


def test_a_clock_module_that_contradicts_a_held_measurement_does_not_count() -> None:
    watch = Watch(Box(ntp_error=NTP_WELL, rtc_off=timedelta(hours=1)))
    watch.look()
    watch.box.ntp_error = None
    for _ in range(6):
        assert watch.look(24 * HOUR).source is ClockSource.NTP
    assert watch.look(2 * 24 * HOUR).doubt is ClockDoubt.FADED


def test_a_gate_that_once_ran_ahead_heals_when_ntp_says_so() -> None:
    state = ClockState().after_entry(NOON + 30 * DAY)
    watch = Watch(Box(), state)
    told = watch.look()
    assert (told.source, told.is_sure) == (ClockSource.FLOOR, False)
    watch.box.ntp_error = NTP_WELL
    told = watch.look(1)
    assert (told.is_sure, watch.off(told)) == (True, timedelta(0))
    watch.box.ntp_error = None
    assert watch.look(HOUR).is_sure, "also after the network has gone again"


def test_ntp_that_steps_the_clock_ahead_is_followed() -> None:
    watch = Watch(Box(ntp_error=NTP_WELL, wall_off=-DAY))
    assert watch.off(watch.look()) == -DAY
    watch.box.wall_off = timedelta(0)
    told = watch.look(1)
    assert (told.is_sure, watch.off(told)) == (True, timedelta(0))


def test_ntp_alone_turns_no_measured_time_back_for_a_day() -> None:
    """Anybody on the network can be an NTP server, and an earlier time revives expired codes."""
    watch = Watch(Box(ntp_error=NTP_WELL))
    watch.look()
    watch.box.wall_off = -5 * DAY
    for _ in range(23):
        told = watch.look(HOUR)
        assert (told.doubt, watch.off(told)) == (ClockDoubt.CONTRADICTION, timedelta(0))
    told = watch.look(2 * HOUR)
    assert (told.is_sure, watch.off(told)) == (True, -5 * DAY), "it may have been ahead before"


def test_a_clock_module_does_not_open_the_way_back_for_ntp() -> None:
    watch = Watch(Box(ntp_error=NTP_WELL, rtc_off=timedelta(0)))
    watch.look()
    watch.box.ntp_error = None
    assert watch.look(20 * HOUR).source is ClockSource.NTP
    watch.box.ntp_error, watch.box.wall_off = NTP_WELL, -5 * DAY
    for _ in range(3):
        told = watch.look(1)
        assert (told.doubt, watch.off(told)) == (ClockDoubt.CONTRADICTION, timedelta(0))


def test_ntp_goes_back_at_once_where_the_hub_says_the_same() -> None:
    watch = Watch(Box(ntp_error=NTP_WELL, wall_off=DAY))
    watch.look()
    watch.box.wall_off = timedelta(0)
    assert watch.look(1).doubt is ClockDoubt.CONTRADICTION
    told = watch.look(1, hub_evidence(watch.box.truth, watch.box.passed_s))
    assert (told.is_sure, watch.off(told)) == (True, timedelta(0))


@pytest.mark.parametrize("source", [ClockSource.NTP, ClockSource.HUB])
def test_a_power_cut_does_not_open_the_way_back_for_ntp(source: ClockSource) -> None:
    entry = Evidence(source, NOON, seconds(1), 0.0)
    state = ClockState().after_entry(NOON).after_measured(entry)
    watch = Watch(Box(ntp_error=NTP_WELL, wall_off=-5 * DAY), state)
    assert not watch.look().is_sure
    assert watch.look(25 * HOUR).is_sure


# Steps by hand


@pytest.mark.parametrize("step", [DAY, -DAY, seconds(90), -seconds(90)])
def test_a_step_by_hand_changes_nothing_while_a_measurement_is_held(step: timedelta) -> None:
    """The kernel says unsynchronised after it; what we know about the time is not less true."""
    watch = Watch(Box(ntp_error=NTP_WELL))
    watch.look()
    watch.box.ntp_error, watch.box.wall_off = None, step
    told = watch.look(1)
    assert (told.is_sure, watch.off(told), told.ahead) == (True, timedelta(0), step)


@pytest.mark.parametrize("step", [DAY, -DAY, seconds(30), -seconds(30)])
def test_a_step_of_the_clock_that_counts_by_itself_makes_unsure(step: timedelta) -> None:
    watch = Watch(Box(), ClockState(system_counts=True))
    watch.look()
    watch.box.wall_off = step
    told = watch.look(1)
    assert (told.doubt, watch.off(told)) == (ClockDoubt.MOVED, timedelta(0))
    watch.box.wall_off = timedelta(0)
    assert watch.look(1).is_sure, "taken back"


@pytest.mark.parametrize("step", [DAY, -DAY])
def test_a_clock_module_that_is_set_makes_unsure_until_a_measurement(step: timedelta) -> None:
    watch = Watch(Box(rtc_off=timedelta(0)))
    assert watch.look().is_sure
    watch.box.rtc_off = step
    assert watch.look(10).doubt is ClockDoubt.MOVED
    watch.box.rtc_off = None
    assert watch.look(10).doubt is ClockDoubt.MOVED, "a module that fell silent proves nothing"
    told = watch.look(10, hub_evidence(watch.box.truth, watch.box.passed_s))
    assert (told.source, told.is_sure) == (ClockSource.HUB, True)


def test_without_any_source_the_date_may_be_set_and_stays_unsure() -> None:
    watch = Watch(Box(wall_off=DAY))
    watch.look()
    watch.box.wall_off = timedelta(0)
    told = watch.look(1)
    assert (told.at, told.doubt) == (watch.box.truth, ClockDoubt.NO_SOURCE)


def test_sleep_is_no_step() -> None:
    """Wall clock and seconds since boot both go on."""
    watch = Watch(Box(), ClockState(system_counts=True))
    watch.look()
    assert watch.look(8 * HOUR).is_sure


def test_a_leap_second_stops_the_time_for_a_second_and_never_turns_it_back() -> None:
    watch = Watch(Box(ntp_error=seconds(1)))
    before = watch.look()
    watch.box.wall_off = -seconds(1)
    told = watch.look(0.5)
    assert (told.at, told.is_sure) == (before.at, True)
