"""What people with an SQLite browser see."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from scanner.domain.entries import Entry, EntryType
from scanner.domain.reasons import GuardReason
from scanner.domain.verdicts import Ask, Decision, GuardDecision
from scanner.ledger.store import Ledger
from scanner.ledger.views import ENTRY_KEYS
from tests.ledger_builders import DEVICE_ID, NOON, an_entry

BARE = {"seq", "at", "boot", "mono_ms", "v"}


def bare(seq: int, kind: EntryType, **keys: object) -> Entry:
    """An entry with these keys alone."""
    return msgspec.convert(
        {
            "v": 1,
            "seq": seq,
            "at": NOON + timedelta(seconds=seq),
            "boot": "b",
            "mono_ms": 1,
            "type": kind,
            **keys,
        },
        Entry,
    )


@pytest.fixture
def db(tmp_path: Path) -> sqlite3.Connection:
    """A green scan, a paper pass that was measured, a yellow one beside which a guard decided twice
    and took the second time back."""
    guard = {"by": "17", "guard_reason": GuardReason.ID_REGISTERED, "completes": 4}
    admitted, refused = GuardDecision.ADMITTED_BY_GUARD, GuardDecision.REFUSED_BY_GUARD
    with Ledger.open(tmp_path / "ledger.db", DEVICE_ID) as ledger:
        ledger.append(an_entry(1))
        ledger.append(an_entry(2, decision=Decision.CHECK, asks=(Ask.TEMPERATURE,)))
        ledger.append(bare(3, EntryType.ANSWER, completes=2, decision=Decision.ADMIT))
        ledger.append(an_entry(4, decision=Decision.CHECK))
        ledger.append(bare(5, EntryType.GUARD, guard=admitted, **guard))
        ledger.append(bare(6, EntryType.GUARD, guard=refused, second="20", **guard))
        ledger.append(bare(7, EntryType.UNDO, undoes=6, completes=4, by="17"))
    return sqlite3.connect(tmp_path / "ledger.db")


def test_every_key_of_an_entry_is_a_column() -> None:
    keys = {field.encode_name for field in msgspec.structs.fields(Entry)}
    assert keys - {"v", "seq"} == set(ENTRY_KEYS)


def test_a_visit_is_one_row_with_the_machines_last_word(db: sqlite3.Connection) -> None:
    rows = db.execute("SELECT visit, last_entry, decision FROM visits ORDER BY visit").fetchall()
    assert rows == [(1, 1, "ADMIT"), (2, 3, "ADMIT"), (4, 4, "CHECK")]


def test_scans_tell_their_reasons_in_words(db: sqlite3.Connection, tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger.db", DEVICE_ID) as ledger:
        for seq in range(8, 21):
            ledger.append(an_entry(seq))
    rows = db.execute("SELECT seq, reasons, colour FROM scans WHERE decision = 'CHECK'").fetchall()
    assert rows[-1] == (20, "colour_yellow", "yellow")


def test_guards_decisions_stand_beside_what_the_machine_decided(db: sqlite3.Connection) -> None:
    rows = db.execute(
        'SELECT seq, decision, "by", "second", visit, machine_decided, undone FROM guard_decisions'
    ).fetchall()
    assert rows == [
        (5, "ADMITTED_BY_GUARD", "17", None, 4, "CHECK", 0),
        (6, "REFUSED_BY_GUARD", "17", "20", 4, "CHECK", 1),
    ]


def test_a_day_is_one_row(db: sqlite3.Connection) -> None:
    rows = db.execute("SELECT * FROM decisions_per_day").fetchall()
    assert rows == [(f"{NOON.astimezone():%Y-%m-%d}", 3, 2, 1, 0, 1, 0)]


def test_an_entry_costs_no_byte_for_the_views(db: sqlite3.Connection) -> None:
    assert db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall() == []
    assert db.execute("SELECT tbl_name FROM sqlite_schema WHERE type = 'index'").fetchall() == [
        ("_sqlite_migrations",)
    ]
