"""What the gate takes for the time, in every situation that docs/clock.md lists."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.domain.clock import ClockDoubt, ClockSource
from scanner.policy.evaluate import CLOCK_SKEW
from scanner.trust.clock import (
    NTP_ERROR,
    RTC_ERROR,
    SURE_WITHIN,
    ClockState,
    TrustedTime,
    onwards,
    tell,
    weigh,
)
from scanner.trust.evidence import BUILT_AT, DRIFT, END_OF_USE, Evidence, Floor, Reading
from tests.clock_builders import NOON, NTP_WELL, Box, hub_evidence, seconds

DAY = timedelta(days=1)
HOUR = 3600.0
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BATTERY_DEAD = datetime(2000, 1, 1, tzinfo=UTC)


class Watch:
    """A state with the box that it watches."""

    def __init__(self, box: Box, state: ClockState | None = None) -> None:
        self.box = box
        self.state = state or ClockState()
        self.told: TrustedTime | None = None

    def look(self, passed_s: float = 0.0, hub: Evidence | None = None) -> TrustedTime:
        """Let time pass, weigh, tell."""
        self.box.passed_s += passed_s
        self.state = weigh(self.state, replace(self.box.read(), hub=hub))
        self.told = onwards(self.told, tell(self.state, self.box.wall(), self.box.up_s()))
        return self.told

    def off(self, told: TrustedTime) -> timedelta:
        return told.at - self.box.truth


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


# The hub


def test_the_hubs_time_counts_within_half_of_the_round_trip() -> None:
    watch = Watch(Box(), ClockState().after_entry(NOON - DAY))
    watch.box.wall_says(EPOCH)
    measured = hub_evidence(watch.box.truth, watch.box.passed_s, error_s=5)
    told = watch.look(0, measured)
    assert (told.source, told.error, watch.off(told)) == (ClockSource.HUB, seconds(5), seconds(0))
    later = watch.look(1000, measured)
    assert (later.is_sure, later.error) == (True, seconds(5.1))


def test_a_round_trip_of_over_two_minutes_proves_too_little() -> None:
    watch = Watch(Box())
    told = watch.look(0, hub_evidence(watch.box.truth, watch.box.passed_s, error_s=61))
    assert told.source is ClockSource.UNVERIFIED


def test_ntp_is_preferred_to_a_slower_hub_that_agrees() -> None:
    watch = Watch(Box(ntp_error=NTP_WELL))
    told = watch.look(0, hub_evidence(watch.box.truth + seconds(2), watch.box.passed_s, error_s=5))
    assert (told.source, told.is_sure) == (ClockSource.NTP, True)


@pytest.mark.parametrize("lie", [timedelta(hours=1), -timedelta(hours=1)])
def test_hub_and_ntp_that_disagree_are_unsure_until_they_agree(lie: timedelta) -> None:
    """One of them lies, and NTP is not authenticated: no green, whichever it is."""
    watch = Watch(Box(ntp_error=NTP_WELL))
    told = watch.look(0, hub_evidence(watch.box.truth + lie, watch.box.passed_s))
    assert (told.source, told.doubt) == (ClockSource.HUB, ClockDoubt.CONTRADICTION)
    assert watch.look(60).doubt is ClockDoubt.CONTRADICTION
    box = watch.box
    told = watch.look(60, hub_evidence(box.truth + seconds(60), box.passed_s + 60))
    assert (told.is_sure, watch.off(told)) == (True, timedelta(0))


def test_a_hub_that_is_silent_for_a_day_vetoes_no_longer() -> None:
    watch = Watch(Box(ntp_error=NTP_WELL))
    lying = hub_evidence(watch.box.truth + timedelta(hours=1), watch.box.passed_s)
    assert not watch.look(0, lying).is_sure
    assert watch.look(25 * HOUR, lying).is_sure


@pytest.mark.parametrize("said", [EPOCH, BUILT_AT - DAY, END_OF_USE + DAY])
def test_a_hub_from_another_age_is_not_heard(said: datetime) -> None:
    watch = Watch(Box(rtc_off=timedelta(0)))
    assert watch.look(0, hub_evidence(said, watch.box.passed_s)).source is ClockSource.RTC


def test_a_measurement_from_the_future_of_this_boot_is_not_heard() -> None:
    watch = Watch(Box())
    assert watch.look(0, hub_evidence(NOON, watch.box.passed_s + 1)).source is (
        ClockSource.UNVERIFIED
    )


# Signatures


@pytest.mark.parametrize("source", [ClockSource.NTP, ClockSource.HUB, ClockSource.RTC])
def test_a_signature_from_the_future_makes_every_source_unsure(source: ClockSource) -> None:
    watch = Watch(Box())
    hub = None
    if source is ClockSource.NTP:
        watch.box.ntp_error = NTP_WELL
    elif source is ClockSource.HUB:
        hub = hub_evidence(watch.box.truth, watch.box.passed_s)
    else:
        watch.box.rtc_off = timedelta(0)
    assert watch.look(0, hub).is_sure
    signed_at = watch.box.truth + timedelta(hours=1)
    watch.state = watch.state.after_signature(signed_at, watch.box.passed_s)
    told = watch.look(1)
    assert told.doubt is ClockDoubt.SIGNED_LATER
    assert told.at >= signed_at


def test_a_bundle_that_was_dated_ahead_ends_with_the_next_one() -> None:
    """A publisher's clock was years ahead for one afternoon: no gate has to be restarted."""
    watch = Watch(Box(ntp_error=NTP_WELL))
    watch.state = watch.state.after_signature(watch.box.truth + 3000 * DAY, watch.box.passed_s)
    assert watch.look().doubt is ClockDoubt.SIGNED_LATER
    watch.state = watch.state.after_signature(watch.box.truth, watch.box.passed_s)
    told = watch.look(1)
    assert told.is_sure
    assert told.at < NOON + DAY


def test_a_signers_clock_may_be_a_minute_ahead() -> None:
    watch = Watch(Box(ntp_error=NTP_WELL))
    watch.state = watch.state.after_signature(watch.box.truth + seconds(50), watch.box.passed_s)
    assert watch.look().is_sure


def test_a_signer_that_was_ahead_and_signs_anew_makes_every_gate_sure_again() -> None:
    """Without a restart: the clock of one signer must not keep a country's gates unsure."""
    watch = Watch(Box(ntp_error=NTP_WELL))
    watch.state = watch.state.after_signature(NOON + 30 * DAY, watch.box.passed_s)
    assert watch.look().doubt is ClockDoubt.SIGNED_LATER
    watch.box.passed_s += HOUR
    watch.state = watch.state.after_signature(NOON + seconds(60), watch.box.passed_s)
    told = watch.look()
    assert (told.source, told.is_sure, watch.off(told)) == (ClockSource.NTP, True, timedelta(0))
    assert watch.state.floor(watch.box.passed_s) == NOON + seconds(60)


def test_the_same_signature_once_more_takes_nothing_back() -> None:
    once = ClockState().after_signature(NOON, 100.0)
    assert once.after_signature(NOON, 100.0 + 24 * HOUR) == once
    assert once.after_signature(NOON + DAY / 2, 100.0 + 24 * HOUR) == once


def test_no_signature_takes_back_the_build_time() -> None:
    assert ClockState().after_signature(BUILT_AT - DAY, 100.0) == ClockState()
    ahead = ClockState().after_signature(NOON, 100.0)
    assert ahead.after_signature(BUILT_AT - DAY, 200.0).signed.at == BUILT_AT


def test_a_clock_behind_the_newest_signature_is_unsure() -> None:
    watch = Watch(Box(wall_off=-DAY), ClockState(system_counts=True))
    watch.state = watch.state.after_signature(NOON - timedelta(hours=2), 0)
    told = watch.look()
    assert (told.source, told.doubt) == (ClockSource.FLOOR, ClockDoubt.BEHIND)


def test_a_floor_never_overtakes_the_truth_with_a_fast_crystal() -> None:
    fast_s = 30 * 24 * HOUR * (1 + DRIFT)
    assert Floor(NOON, 0).later(fast_s) <= NOON + timedelta(days=30)


# A restart of the service


@pytest.mark.parametrize("step", [DAY, -DAY])
def test_a_restart_after_a_step_goes_on_from_the_last_sure_entry_of_this_boot(
    step: timedelta,
) -> None:
    box = Box(wall_off=step)
    entry = Evidence(ClockSource.NTP, box.truth, seconds(1), box.passed_s)
    box.passed_s += 60
    watch = Watch(box, ClockState(system_counts=True).remembering(entry))
    told = watch.look()
    assert (told.source, told.is_sure, watch.off(told)) == (ClockSource.NTP, True, timedelta(0))


def test_a_restart_after_the_clock_module_was_set_is_unsure() -> None:
    box = Box(rtc_off=DAY)
    entry = Evidence(ClockSource.RTC, box.truth, RTC_ERROR, box.passed_s)
    watch = Watch(box, ClockState().remembering(entry))
    assert watch.look(60).doubt is ClockDoubt.MOVED


# Whatever comes

spans = st.floats(-200_000, 200_000).map(lambda span: timedelta(seconds=span))
errors = st.none() | st.floats(0, 16).map(lambda span: timedelta(seconds=span))
steps = st.tuples(
    st.floats(0.05, HOUR),
    spans,
    errors,
    st.none() | spans,
    st.none() | st.tuples(spans, st.floats(0, 90)),
)


@given(st.booleans(), st.lists(steps, max_size=12))
def test_sure_time_turns_back_only_for_a_measurement_and_certainty_needs_evidence(
    system_counts: bool,
    sequence: list[
        tuple[
            float,
            timedelta,
            timedelta | None,
            timedelta | None,
            tuple[timedelta, float] | None,
        ]
    ],
) -> None:
    box = Box()
    watch = Watch(box, ClockState(system_counts=system_counts).after_entry(NOON))
    before: TrustedTime | None = None
    for passed_s, wall_off, ntp_error, rtc_off, said in sequence:
        box.wall_off, box.ntp_error, box.rtc_off = wall_off, ntp_error, rtc_off
        box.passed_s += passed_s
        hub = said and hub_evidence(box.truth + said[0], box.passed_s, said[1])
        told = watch.look(0, hub)
        assert told.at >= watch.state.signed.later(box.passed_s) - SURE_WITHIN - (
            told.error or timedelta(0)
        )
        if told.is_sure:
            assert told.error is not None
            assert told.error <= SURE_WITHIN
            assert told.source not in {ClockSource.UNVERIFIED, ClockSource.FLOOR}
        if before is not None and before.is_sure and told.is_sure and told.at < before.at:
            assert told.source in {ClockSource.NTP, ClockSource.HUB}
        if before is not None and before.error is not None and told.error is not None:
            is_news = ntp_error is not None or hub is not None or rtc_off is not None
            assert told.error >= before.error or is_news or system_counts
        before = told


@given(st.lists(st.floats(0.05, HOUR), min_size=1, max_size=20), spans)
def test_without_news_a_held_time_is_the_seconds_since_boot_whatever_the_wall_does(
    pauses: list[float], step: timedelta
) -> None:
    watch = Watch(Box(ntp_error=NTP_WELL))
    told = watch.look()
    watch.box.ntp_error = None
    for pause_s in pauses:
        watch.box.wall_off += step
        later = watch.look(pause_s)
        assert abs(later.at - told.at - seconds(pause_s)) <= timedelta(microseconds=3)
        assert told.error is not None
        assert later.error is not None
        assert later.error >= told.error
        told = later


def test_a_reading_says_no_more_than_the_box_does() -> None:
    assert Box().read() == Reading(100.0, NOON + seconds(100))
