"""Entries and whole logs for tests of the ledger and of everything that reads it."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from scanner.domain.entries import ENTRY_VERSION, Entry, EntryType
from scanner.domain.passes import HEALTH_CODE, Colour, PassKind
from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Decision
from scanner.ledger.position import Position
from scanner.ledger.store import Ledger

DEVICE_ID = "d-0123456789abcdef"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def an_entry(seq: int, **changes: object) -> Entry:
    """A scan as a gate records it, one every three seconds, with every usual key filled in."""
    green = seq % 20 != 0
    entry = Entry(
        v=ENTRY_VERSION,
        seq=seq,
        at=NOON + timedelta(seconds=3 * seq),
        boot="5f1c7a52-7a52-4c1e-9d3b-0242ac120002",
        mono_ms=1_000_000 + 3000 * seq,
        type=EntryType.SCAN,
        decision=Decision.ADMIT if green else Decision.CHECK,
        reasons=() if green else (Reason.COLOUR_YELLOW,),
        format=HEALTH_CODE,
        kind=PassKind.DYNAMIC,
        issuer="33",
        division="330100",
        colour=Colour.GREEN if green else Colour.YELLOW,
        code_age_s=seq % 300,
        subject=f"{seq:016x}",
        subject_key="0a1b2c3d4e5f",
        sealed="A" * 236,
        policy="default/1",
        trust="2026-11-23T00:00:00Z",
        trust_age_s=43_200,
    )
    return msgspec.structs.replace(entry, **changes)


def a_log(path: Path, count: int) -> Position:
    """A log with `count` entries; returns its end."""
    with Ledger.open(path, DEVICE_ID) as ledger:
        for seq in range(1, count + 1):
            ledger.append(an_entry(seq))
        return ledger.position


def tamper(path: Path, *statements: str) -> None:
    """Change a log behind the gate's back, as somebody with the card in hand could."""
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
