import sqlite3
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from scanner.domain.clock import ClockSource
from scanner.domain.entries import encode_entry
from scanner.domain.errors import LedgerError
from scanner.ledger import chain
from scanner.ledger.chain import MAX_LINE
from scanner.ledger.position import Position
from scanner.ledger.store import TAIL, Ledger
from tests.ledger_builders import DEVICE_ID, NOON, a_log, an_entry, tamper


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


def test_a_new_log_begins_at_its_genesis(path: Path) -> None:
    with Ledger.open(path, DEVICE_ID) as ledger:
        assert ledger.next_seq == 1
        assert ledger.position.seq == 0
        assert ledger.latest(5) == []
        assert ledger.entry(1) is None


def test_an_entry_extends_the_chain_by_its_exact_bytes(path: Path) -> None:
    with Ledger.open(path, DEVICE_ID) as ledger:
        before = ledger.position
        after = ledger.append(an_entry(1, division="杭州"))
        assert after == Position(1, chain.extend(before.head, encode_entry(ledger.latest(1)[0])))
        assert ledger.position == after


def test_a_reopened_log_goes_on_where_it_stopped(path: Path) -> None:
    end = a_log(path, 3)
    with Ledger.open(path, DEVICE_ID) as ledger:
        assert ledger.position == end
        assert ledger.append(an_entry(4)).seq == 4
        assert [entry.seq for entry in ledger.latest(2)] == [3, 4]
        assert ledger.entry(2) == an_entry(2)


def test_since_walks_backwards_until_an_older_entry(path: Path) -> None:
    a_log(path, 600)
    with Ledger.open(path, DEVICE_ID) as ledger:
        assert [entry.seq for entry in ledger.since(NOON + timedelta(seconds=3 * 598))] == [
            600,
            599,
            598,
        ]
        assert len(list(ledger.since(NOON))) == 600


@pytest.mark.parametrize("seq", [1, 2, 5])
def test_an_entry_out_of_turn_is_refused(path: Path, seq: int) -> None:
    end = a_log(path, 3)
    with Ledger.open(path, DEVICE_ID) as ledger:
        with pytest.raises(LedgerError, match=f"Entry {seq} cannot follow entry 3"):
            ledger.append(an_entry(seq))
        assert ledger.position == end


def test_the_same_entry_once_more_changes_nothing(path: Path) -> None:
    with Ledger.open(path, DEVICE_ID) as ledger:
        assert ledger.append(an_entry(1)) == ledger.append(an_entry(1))
        with pytest.raises(LedgerError, match="cannot follow"):
            ledger.append(an_entry(1, issuer="46"))


def test_a_monstrous_entry_is_refused_and_the_next_one_is_not(path: Path) -> None:
    with Ledger.open(path, DEVICE_ID) as ledger:
        with pytest.raises(LedgerError, match="at most"):
            ledger.append(an_entry(1, sealed="A" * MAX_LINE))
        assert ledger.append(an_entry(1)).seq == 1


def test_a_second_gate_is_kept_out_until_the_first_lets_go(path: Path) -> None:
    with Ledger.open(path, DEVICE_ID), pytest.raises(LedgerError, match="Another gate"):
        Ledger.open(path, DEVICE_ID)
    Ledger.open(path, DEVICE_ID).close()


def test_a_browser_that_holds_a_write_lock_delays_and_does_not_harm(path: Path) -> None:
    with Ledger.open(path, DEVICE_ID) as ledger:
        browser = sqlite3.connect(path, isolation_level=None)
        browser.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerError, match=r"SQLITE_BUSY.*SQLite browsers"):
            ledger.append(an_entry(1))
        browser.execute("ROLLBACK")
        browser.close()
        assert ledger.append(an_entry(1)).seq == 1


def test_another_devices_log_is_refused(path: Path) -> None:
    a_log(path, 1)
    with pytest.raises(LedgerError, match=f"belongs to {DEVICE_ID}, this gate is d-other"):
        Ledger.open(path, "d-other")


def test_a_log_of_a_newer_version_is_left_alone(path: Path) -> None:
    a_log(path, 1)
    tamper(path, "PRAGMA user_version = 99")
    with pytest.raises(LedgerError, match="made by a newer version"):
        Ledger.open(path, DEVICE_ID)


def test_a_file_that_is_no_database_is_left_alone(path: Path) -> None:
    path.write_bytes(b"not a database, but long enough to look at" * 100)
    with pytest.raises(LedgerError, match="SQLITE_NOTADB"):
        Ledger.open(path, DEVICE_ID)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE lines SET line = replace(line, 'ADMIT', 'CHECK') WHERE seq = 290",
        "UPDATE lines SET head = zeroblob(32) WHERE seq = 290",
        "DELETE FROM lines WHERE seq = 290",
    ],
)
def test_a_gate_does_not_write_on_after_an_altered_end(path: Path, change: str) -> None:
    a_log(path, 300)
    tamper(path, change)
    with pytest.raises(LedgerError, match=r"altered at entry 29[01]"):
        Ledger.open(path, DEVICE_ID)


def test_only_the_last_entries_are_checked_at_the_start(path: Path) -> None:
    a_log(path, TAIL + 50)
    tamper(path, "UPDATE lines SET head = zeroblob(32) WHERE seq = 10")
    with Ledger.open(path, DEVICE_ID) as ledger:
        assert ledger.position.seq == TAIL + 50


def test_an_altered_entry_is_reported_when_it_is_looked_at(path: Path) -> None:
    a_log(path, TAIL + 50)
    tamper(path, "UPDATE lines SET line = 'rubbish' WHERE seq = 10")
    with Ledger.open(path, DEVICE_ID) as ledger:
        assert len(ledger.latest(TAIL)) == TAIL
        with pytest.raises(LedgerError, match="altered at entry 10"):
            ledger.entry(10)
        with pytest.raises(LedgerError, match="altered at entry 10"):
            list(ledger.since(NOON))


def test_every_commit_is_synced(path: Path) -> None:
    with Ledger.open(path, DEVICE_ID) as ledger:
        connection = ledger._connection
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_the_hot_table_has_no_second_index(path: Path) -> None:
    a_log(path, 1)
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT name FROM pragma_index_list('lines')").fetchall() == []
    connection.close()


def test_people_with_an_sqlite_browser_see_columns(path: Path) -> None:
    end = a_log(path, 20)
    connection = sqlite3.connect(path)
    row = connection.execute(
        "SELECT type, decision, reasons, colour, head FROM entries WHERE seq = 20"
    ).fetchone()
    connection.close()
    assert row == ("scan", "CHECK", '["colour_yellow"]', "yellow", end.head.hex())


def test_a_log_from_before_the_clock_was_recorded_gets_its_columns_and_keeps_its_lines(
    path: Path,
) -> None:
    end = a_log(path, 3)
    tamper(
        path,
        "DELETE FROM _sqlite_migrations WHERE name > '0002'",
        "DROP VIEW entries",
        "DROP VIEW erased",
        "DROP TABLE leaves",
        "DROP TABLE receipts",
        "ALTER TABLE log DROP COLUMN erased_seq",
        "ALTER TABLE log DROP COLUMN erased_head",
        "CREATE VIEW entries AS SELECT seq, json_extract(line, '$.at') AS at FROM lines",
        "PRAGMA user_version = 1",
    )
    with Ledger.open(path, DEVICE_ID) as ledger:
        assert ledger.position == end
        ledger.append(an_entry(4, clock=ClockSource.RTC, clock_error_s=30))
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT clock, clock_error_s FROM entries WHERE seq > 2").fetchall()
    connection.close()
    assert rows == [(None, None), ("rtc", 30)]


def test_only_the_owner_may_read_the_log(path: Path) -> None:
    with Ledger.open(path, DEVICE_ID) as ledger:
        ledger.append(an_entry(1))
        for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm", "ledger.db.lock"):
            assert stat.S_IMODE((path.parent / name).stat().st_mode) == 0o600


def test_opening_an_up_to_date_log_does_not_import_sqlite_utils(path: Path) -> None:
    a_log(path, 1)
    script = (
        "import sys; from pathlib import Path; from scanner.ledger.store import Ledger\n"
        f"Ledger.open(Path({str(path)!r}), {DEVICE_ID!r}).close()\n"
        "assert not {'sqlite_utils', 'numpy', 'asyncio'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
