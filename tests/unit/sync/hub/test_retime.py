"""True times beside what was written: one known moment places a boot, neighbours bound the rest."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.domain.clock import ClockSource
from sync.hub.retime import (
    DRIFT,
    IN_TRANSIT_MS,
    Basis,
    Boot,
    Span,
    merged,
    of_entry,
    of_push,
    settled,
)
from sync.protocol import milliseconds
from tests.ledger_builders import NOON, an_entry

T = milliseconds(NOON)
HOUR = 3_600_000


def boot(last_up_ms: int, span: Span | None = None) -> Boot:
    return Boot(last_up_ms, span)


def measured(up_ms: int, at_ms: int, error_ms: int = 1000) -> Span:
    return Span(up_ms, at_ms - error_ms, at_ms + error_ms, Basis.MEASURED)


def test_a_push_places_its_boot_within_what_a_push_takes() -> None:
    span = of_push(5000, T).at(2000)
    assert span.earliest_ms <= T - 3000 - IN_TRANSIT_MS
    assert T - 3000 <= span.latest_ms <= T - 2999


@pytest.mark.parametrize(
    ("clock", "error_s", "basis", "width_ms"),
    [
        (ClockSource.NTP, None, Basis.MEASURED, 2000),
        (ClockSource.HUB, 5, Basis.MEASURED, 10_000),
        (ClockSource.RTC, 30, Basis.OWN_CLOCK, 60_000),
    ],
)
def test_an_entry_with_a_sure_clock_places_its_boot(
    clock: ClockSource, error_s: int | None, basis: Basis, width_ms: int
) -> None:
    span = of_entry(an_entry(1, clock=clock, clock_error_s=error_s))
    assert span is not None
    assert (span.basis, span.width_ms) == (basis, width_ms)


@pytest.mark.parametrize("clock", [ClockSource.UNVERIFIED, ClockSource.FLOOR, ClockSource.RTC])
def test_an_entry_with_an_unsure_clock_places_nothing(clock: ClockSource) -> None:
    assert of_entry(an_entry(1, clock=clock, clock_unsure=True)) is None


def test_a_sure_entry_sharpens_what_a_push_says() -> None:
    both = merged(of_push(10_000, T), measured(8000, T - 3000))
    assert (both.basis, both.width_ms) == (Basis.HUB, 2000)


def test_the_hubs_own_clock_holds_against_what_a_gate_claims() -> None:
    claimed = measured(8000, T + HOUR)
    assert merged(of_push(10_000, T), claimed).basis is Basis.HUB
    assert merged(claimed, of_push(10_000, T)) == of_push(10_000, T)


def test_a_gate_that_corrected_its_clock_is_believed_and_an_older_push_too() -> None:
    wrong, right = measured(1000, T), measured(2000, T + HOUR)
    assert merged(wrong, right) == right
    first, again = of_push(1000, T), of_push(1000, T + 4 * IN_TRANSIT_MS)
    assert merged(first, again) == first


def test_a_boot_between_two_others_began_after_the_one_and_ended_before_the_other() -> None:
    before, after = boot(HOUR, measured(0, T)), boot(HOUR, measured(0, T + 10 * HOUR))
    (_, between, _) = settled([before, boot(2 * HOUR), after], T + 100 * HOUR)
    assert between.span is not None
    slack = 3 * round(HOUR * DRIFT) + 1000
    assert T + HOUR - slack <= between.span.earliest_ms <= T + HOUR
    assert T + 8 * HOUR <= between.span.latest_ms <= T + 8 * HOUR + slack


def test_two_boots_in_a_row_share_what_is_between_their_neighbours() -> None:
    before, after = boot(0, measured(0, T)), boot(0, measured(0, T + 10 * HOUR))
    _, first, second, _ = settled([before, boot(HOUR), boot(2 * HOUR), after], T + 100 * HOUR)
    assert first.span is not None
    assert second.span is not None
    assert first.span.latest_ms == pytest.approx(T + 7 * HOUR, abs=3000)
    assert second.span.earliest_ms == pytest.approx(T + HOUR, abs=3000)


def test_without_neighbours_an_entry_was_before_it_arrived() -> None:
    (alone,) = settled([boot(HOUR)], T)
    assert alone.span is not None
    assert (alone.span.earliest_ms, alone.span.latest_ms) == (0, T - round(HOUR * (1 - DRIFT)))


def test_neighbours_that_contradict_one_another_say_nothing() -> None:
    before, after = boot(0, measured(0, T)), boot(0, measured(0, T - HOUR))
    assert settled([before, boot(HOUR), after], T)[1].span is None


def test_settling_twice_is_settling_once() -> None:
    boots = [boot(0, measured(0, T)), boot(HOUR), boot(0, measured(0, T + 10 * HOUR)), boot(5)]
    once = settled(boots, T + 100 * HOUR)
    assert settled(once, T + 100 * HOUR) == once
    assert [each.span for each in once][0::2] == [each.span for each in boots][0::2]


hours = st.integers(0, 1000 * HOUR)
lives = st.lists(
    st.tuples(hours, st.integers(0, 100 * HOUR), st.sampled_from(["push", "entry", "nothing"])),
    min_size=1,
    max_size=8,
)


@given(lives, st.floats(1 - DRIFT, 1 + DRIFT), st.integers(0, IN_TRANSIT_MS))
def test_the_truth_is_always_within(
    lives: list[tuple[int, int, str]], rate: float, transit_ms: int
) -> None:
    """Boots with pauses between them, by a crystal that is off, told by whatever each one had."""
    now, starts, boots = T, [], []
    for pause_ms, life_ms, what in lives:
        now += pause_ms
        starts.append(now)
        up_ms = round(life_ms * rate)
        now += life_ms
        span = None
        if what == "push":
            span = of_push(up_ms, now + transit_ms)
        elif what == "entry":
            at = NOON + timedelta(milliseconds=now - T)
            span = of_entry(an_entry(1, at=at, mono_ms=up_ms))
        boots.append(boot(up_ms, None if span is None else merged(None, span)))
    for started, placed in zip(starts, settled(boots, now), strict=True):
        assert placed.span is not None
        start = placed.span.at(0)
        assert start.earliest_ms - 2 <= started <= start.latest_ms + 2 + placed.last_up_ms * DRIFT
