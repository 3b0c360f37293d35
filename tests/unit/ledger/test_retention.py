from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scanner.ledger.retention import PROBES, due_through
from tests.ledger_builders import NOON

KEEP = timedelta(days=14)


class Log:
    """When each entry was written, by number, and how often somebody looked."""

    def __init__(self, *ages: timedelta | None) -> None:
        self.times = [None if age is None else NOON - age for age in ages]
        self.looks = 0

    def __call__(self, seq: int) -> datetime | None:
        self.looks += 1
        return self.times[seq - 1]

    def due(self, kept_from: int = 1, archived: int | None = None) -> int:
        last = len(self.times) if archived is None else archived
        return due_through(self, kept_from, last, NOON, KEEP)


def days(*numbers: float) -> Log:
    return Log(*(timedelta(days=number) for number in numbers))


def test_lines_go_when_they_are_as_old_as_the_site_keeps_them() -> None:
    assert days(20, 16, 14, 13.9, 2).due() == 3


def test_nothing_is_due_while_everything_is_young_or_nothing_is_there() -> None:
    assert days(13, 12, 1).due() == 0
    assert Log().due() == 0
    assert days(20, 20, 20).due(kept_from=4, archived=3) == 3


def test_what_the_hub_has_in_no_backup_stays_however_old_it_is() -> None:
    assert days(40, 39, 38, 37).due(archived=2) == 2
    assert days(40, 39, 38, 37).due(archived=0) == 0


def test_a_line_dated_into_the_future_goes_with_its_neighbours() -> None:
    assert days(20, -3650, 19, 18, 1).due() == 4


def test_a_line_without_a_time_goes_with_its_neighbours() -> None:
    day = timedelta(days=1)
    assert Log(20 * day, None, 19 * day, None, day).due() in (3, 4)


def test_a_month_under_a_clock_that_ran_ahead_keeps_no_older_line() -> None:
    assert Log(*[timedelta(days=-400)] * 500, *[timedelta(days=20)] * 500).due() == 1000


ORDERED = st.lists(st.floats(0, 60), max_size=300).map(lambda ages: sorted(ages, reverse=True))


@given(ORDERED, st.integers(0, 300), st.integers(1, 300))
def test_under_a_right_clock_exactly_the_old_ones_are_due(
    ages: list[float], archived: int, kept_from: int
) -> None:
    archived = min(archived, len(ages))
    kept_from = min(kept_from, archived + 1)
    old = sum(timedelta(days=age) >= KEEP for age in ages[:archived])
    assert days(*ages).due(kept_from, archived) == max(kept_from - 1, old)


@given(st.lists(st.floats(-400, 400), max_size=300))
def test_under_any_clock_nothing_young_is_followed_by_its_own_age(ages: list[float]) -> None:
    """Whatever the clock did: the last line that goes is one that is old enough."""
    through = days(*ages).due()
    assert through == 0 or ages[through - 1] >= KEEP / timedelta(days=1)


def test_a_look_at_a_long_log_is_short() -> None:
    log = days(*(60 - number / 5_000 for number in range(300_000)))
    assert log.due() == 230_001
    assert log.looks <= PROBES + 18
