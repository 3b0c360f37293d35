"""What the gate takes for the time beside a hub, signatures and entries, and whatever comes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.domain.clock import ClockDoubt, ClockSource
from scanner.trust.clock import (
    RTC_ERROR,
    SURE_WITHIN,
    ClockState,
    TrustedTime,
)
from scanner.trust.evidence import BUILT_AT, DRIFT, END_OF_USE, Evidence, Floor, Reading
from tests.clock_builders import NOON, NTP_WELL, Box, Watch, hub_evidence, seconds

DAY = timedelta(days=1)
HOUR = 3600.0
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BATTERY_DEAD = datetime(2000, 1, 1, tzinfo=UTC)


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
