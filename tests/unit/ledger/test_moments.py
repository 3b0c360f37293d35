from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from scanner.ledger.moments import MARGIN, first_since
from tests.ledger_builders import NOON

MINUTES = st.lists(st.integers(0, 500), max_size=300)


@given(MINUTES, st.integers(-1, 501))
def test_where_the_clock_only_went_on_it_is_the_first_entry_since(
    minutes: list[int], at: int
) -> None:
    minutes.sort()
    found = first_since(
        lambda seq: NOON + timedelta(minutes=minutes[seq - 1]),
        1,
        len(minutes),
        NOON + timedelta(minutes=at),
    )
    assert found == 1 + sum(minute < at for minute in minutes)


@given(MINUTES, st.integers(-1, 501))
def test_however_the_clock_jumped_no_entry_just_before_is_missed(
    minutes: list[int], at: int
) -> None:
    found = first_since(
        lambda seq: NOON + timedelta(minutes=minutes[seq - 1]),
        1,
        len(minutes),
        NOON + timedelta(minutes=at),
    )
    assert all(minute < at for minute in minutes[max(0, found - 1 - MARGIN) : found - 1])


def test_an_hour_that_was_lived_twice_is_seen_whole() -> None:
    """At entry 600 the clock is put back by an hour, and goes on with an entry a minute."""
    minutes = [*range(600), *range(540, 1100)]
    found = first_since(
        lambda seq: NOON + timedelta(minutes=minutes[seq - 1]),
        1,
        len(minutes),
        NOON + timedelta(minutes=560),
    )
    assert found == 561


def test_a_large_log_is_read_at_a_few_places_only() -> None:
    asked: list[int] = []

    def written_at(seq: int) -> object:
        asked.append(seq)
        return NOON + timedelta(seconds=seq)

    found = first_since(written_at, 1, 10_000_000, NOON + timedelta(seconds=7_654_321))  # type: ignore[arg-type]
    assert found == 7_654_321
    assert len(asked) <= 24 + MARGIN


def test_entries_that_cannot_be_read_hide_none() -> None:
    found = first_since(lambda seq: None if seq == 50 else NOON, 1, 100, NOON + timedelta(days=1))
    assert found == 50
