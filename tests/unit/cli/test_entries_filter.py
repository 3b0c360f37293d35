from datetime import datetime, timedelta
from pathlib import Path

import pytest
import typer

from scanner.cli.entries_filter import EntryFilter, a_filter, newest_first, parse_time
from scanner.domain.entries import EntryType
from scanner.domain.reasons import GuardReason
from scanner.domain.verdicts import Decision
from scanner.ledger.reader import LedgerReader
from scanner.ledger.store import Ledger
from tests.ledger_builders import DEVICE_ID, NOON, a_log, an_entry

LOCAL_NOON = NOON.astimezone()


@pytest.mark.parametrize(
    ("chosen", "takes"),
    [
        (EntryFilter(), True),
        (EntryFilter(since=NOON), True),
        (EntryFilter(since=NOON + timedelta(seconds=1)), False),
        (EntryFilter(until=NOON), False),
        (EntryFilter(until=NOON + timedelta(seconds=1)), True),
        (EntryFilter(decision=Decision.CHECK), True),
        (EntryFilter(decision=Decision.ADMIT), False),
        (EntryFilter(kind=EntryType.START), False),
        (EntryFilter(reason="colour_yellow"), True),
        (EntryFilter(reason="paper_pass"), True),
        (EntryFilter(reason="colour_red"), False),
        (EntryFilter(guard="17"), True),
        (EntryFilter(guard="20"), True),
        (EntryFilter(guard="1"), False),
        (EntryFilter(reason="paper_pass", guard="1"), False),
    ],
)
def test_an_entry_is_taken_when_it_fits_everything_that_was_asked(
    chosen: EntryFilter, takes: bool
) -> None:
    entry = an_entry(20, at=NOON, guard_reason=GuardReason.PAPER_PASS, by="17", second="20")
    assert chosen.takes(entry) is takes


def test_times_are_told_as_people_say_them() -> None:
    assert parse_time("today", LOCAL_NOON, "--since").hour == 0
    assert parse_time("90m", LOCAL_NOON, "--since") == NOON - timedelta(minutes=90)
    assert parse_time("2026-11-20T00:00+00:00", LOCAL_NOON, "--since") == datetime.fromisoformat(
        "2026-11-20T00:00+00:00"
    )


@pytest.mark.parametrize("text", ["", "yesterday", "5w", "-1h", "٣h", "0001-01-01", "9" * 30 + "d"])
def test_any_other_time_is_answered_with_examples(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="2026-11-23T08:00"):
        a_filter(since=text)


def test_a_reason_that_there_is_not_is_answered_with_some_that_there_are() -> None:
    with pytest.raises(typer.BadParameter, match="colour_yellow"):
        a_filter(reason="colour_purple")


def test_a_clock_that_was_put_back_hides_no_entry(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(path, DEVICE_ID) as ledger:
        for seq in range(1, 11):
            late = timedelta(days=400) if seq == 8 else timedelta(0)
            ledger.append(an_entry(seq, at=NOON + timedelta(hours=seq) - late))
    with LedgerReader(path) as reader:
        found = newest_first(reader, EntryFilter(since=NOON + timedelta(hours=5)))
        assert [entry.seq for _, entry in found] == [10, 9, 7, 6, 5]


def test_a_look_at_today_reads_no_more_than_a_page_of_yesterday(tmp_path: Path) -> None:
    a_log(tmp_path / "ledger.db", 1200)
    with LedgerReader(tmp_path / "ledger.db") as reader:
        found = newest_first(reader, EntryFilter(since=NOON + timedelta(seconds=3 * 1199)))
        assert [entry.seq for _, entry in found] == [1200, 1199]


def test_a_day_long_ago_is_found_without_reading_all_that_came_after(tmp_path: Path) -> None:
    """The entries are three seconds apart; what is after the page behind the day is not read."""
    a_log(tmp_path / "ledger.db", 1500)
    wanted = EntryFilter(
        since=NOON + timedelta(seconds=3 * 100), until=NOON + timedelta(seconds=3 * 110)
    )
    with LedgerReader(tmp_path / "ledger.db") as reader:
        found = [entry.seq for _, entry in newest_first(reader, wanted)]
    assert found == list(range(109, 99, -1))


def test_an_entry_from_before_with_a_clock_that_was_put_back_is_found(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger.db", DEVICE_ID) as ledger:
        for seq in range(1, 801):
            put_back = 300 <= seq < 400
            at = NOON + timedelta(seconds=3 * (50 if put_back else seq))
            ledger.append(an_entry(seq, at=at))
    wanted = EntryFilter(until=NOON + timedelta(seconds=3 * 60))
    with LedgerReader(tmp_path / "ledger.db") as reader:
        found = [entry.seq for _, entry in newest_first(reader, wanted)]
    assert set(found) == {*range(1, 60), *range(300, 400)}
