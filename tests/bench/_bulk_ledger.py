"""Makes a large ledger fast: true chained lines, loaded in one transaction. No benchmark itself."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from scanner.domain.entries import encode_entry
from scanner.ledger import chain
from scanner.ledger.position import Position
from scanner.ledger.store import Ledger
from tests.ledger_builders import DEVICE_ID, an_entry

_CACHE_KIB = 64 << 10


def grow(path: Path, count: int) -> Position:
    """Bring the ledger at `path`, which is made if it is missing, to `count` entries."""
    with Ledger.open(path, DEVICE_ID) as ledger:
        start = ledger.position
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{_CACHE_KIB}"):
        connection.execute(f"PRAGMA {pragma}").fetchone()
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO lines VALUES (?, ?, ?)", _rows(start, count))
    connection.execute("COMMIT")
    connection.close()
    with Ledger.open(path, DEVICE_ID) as ledger:
        return ledger.position


def _rows(position: Position, count: int) -> Iterator[tuple[int, str, bytes]]:
    head = position.head
    for seq in range(position.seq + 1, count + 1):
        line = encode_entry(an_entry(seq))
        head = chain.extend(head, line)
        yield seq, line.decode(), head
