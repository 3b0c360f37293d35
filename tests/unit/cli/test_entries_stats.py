from collections import Counter
from datetime import timedelta
from io import StringIO

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from scanner.cli.entries_stats import MOST_HOURS, bar, counted, latest_hours, print_hours
from scanner.domain.verdicts import Decision
from tests.ledger_builders import NOON, an_entry

WIDTH = 48
HOUR = timedelta(hours=1)


def drawn(*hours: int) -> str:
    """Entries this many hours after noon, as a terminal shows them."""
    entries = [an_entry(seq, at=NOON + hour * HOUR) for seq, hour in enumerate(hours, start=15)]
    paper = StringIO()
    print_hours(
        counted((entry, 1) for entry in entries).hours, Console(file=paper, width=100, markup=False)
    )
    return paper.getvalue()


def test_each_hour_is_a_row_with_its_number_also_one_without_anybody() -> None:
    lines = drawn(0, 0, 0, 2).splitlines()
    local = NOON.astimezone()
    assert [line.split()[:3] for line in lines[2:]] == [
        [f"{local:%m-%d}", f"{local:%H}", "3"],
        [f"{local:%m-%d}", f"{local + HOUR:%H}", "0"],
        [f"{local:%m-%d}", f"{local + 2 * HOUR:%H}", "1"],
    ]


def test_decisions_differ_by_mark_and_not_by_colour_alone() -> None:
    shown = drawn(*[0] * 6)  # the sixth is the twentieth entry, a yellow one
    assert "█ ADMIT  ▒ CHECK  ░ REFUSE" in shown
    assert "█" * 40 + "▒" * 8 in shown


def test_nothing_is_drawn_where_there_was_nobody() -> None:
    assert drawn() == ""


def test_of_a_long_time_only_the_last_hours_are_drawn() -> None:
    rows = latest_hours(counted((an_entry(n, at=NOON + n * HOUR), 1) for n in range(200)).hours)
    assert len(rows) == MOST_HOURS
    assert rows[-1][0] == (NOON + 199 * HOUR).astimezone()


@given(st.dictionaries(st.sampled_from(Decision), st.integers(0, 5000)), st.integers(0, 5000))
def test_every_decision_that_there_was_is_seen_and_a_bar_stays_in_its_place(
    counts: dict[Decision, int], others: int
) -> None:
    of_hour = Counter(counts)
    most = of_hour.total() + others
    parts = bar(of_hour, most, WIDTH) if most else []
    assert {decision for decision, _ in parts} == {key for key, count in counts.items() if count}
    assert all(length >= 1 for _, length in parts)
    assert sum(length for _, length in parts) <= WIDTH + len(Decision)
