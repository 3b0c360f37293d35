"""Durable appends: our ledger beside a bare sqlite3 loop, and what each layout costs the card."""

import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import ParamSpec

from scanner.domain.entries import Entry, encode_entry
from scanner.ledger import chain
from scanner.ledger.store import Ledger
from tests.ledger_builders import DEVICE_ID, an_entry

BLOCK = 25
BLOCKS = 80
GOAL = 0.70

OURS = "line, head (ours)"
LAYOUTS = {
    "line": "seq INTEGER PRIMARY KEY, line TEXT",
    OURS: "seq INTEGER PRIMARY KEY, line TEXT, head BLOB",
    "line, head, leaf": "seq INTEGER PRIMARY KEY, line TEXT, head BLOB, leaf BLOB",
    "line, head + 1 index": "seq INTEGER PRIMARY KEY, line TEXT, head BLOB UNIQUE",
}
Row = tuple[int, str, bytes, bytes]
P = ParamSpec("P")


def run() -> None:
    """Print appends per second of both, their ratio, and the bytes written for one entry."""
    state = Path("var")
    state.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=state, prefix="bench-") as folder:
        _compare(Path(folder))
        _weigh(Path(folder))


def _compare(folder: Path) -> None:
    """Blocks of both in turn, since a shared disk is never equally fast for a second."""
    entries = [an_entry(seq) for seq in range(1, BLOCK * BLOCKS + 1)]
    rows = _rows(entries)
    connection = _bare(folder / "bare.db", LAYOUTS[OURS])
    bare, ours = [], []
    with Ledger.open(folder / "ours.db", DEVICE_ID) as ledger:
        for start in range(0, len(entries), BLOCK):
            bare.append(_timed(_insert, connection, 3, rows[start : start + BLOCK]))
            ours.append(_timed(_append, ledger, entries[start : start + BLOCK]))
    connection.close()
    ratio = median(b / o for b, o in zip(bare, ours, strict=True))
    print(f"ledger append: {BLOCKS} blocks of {BLOCK} in turn, medians, each entry durable")
    print(f"  bare sqlite3 loop   {BLOCK / median(bare):8.0f} /s   lines and heads made beforehand")
    print(f"  Ledger.append       {BLOCK / median(ours):8.0f} /s")
    print(f"  ratio               {ratio:8.2f}      goal >= {GOAL:.2f}")


def _weigh(folder: Path) -> None:
    entries = [an_entry(seq) for seq in range(1, BLOCK * BLOCKS + 1)]
    rows = _rows(entries)
    print(f"bytes handed to the file system for one entry (its line has {len(rows[0][1])})")
    for index, (name, columns) in enumerate(LAYOUTS.items()):
        connection = _bare(folder / f"layout-{index}.db", columns)
        before = _write_counter()
        _insert(connection, columns.count(",") + 1, rows)
        print(f"  {name:22}{(_write_counter() - before) / len(rows):8.0f}")
        connection.close()


def _rows(entries: list[Entry]) -> list[Row]:
    """What bare sqlite3 inserts: number, line, head, leaf."""
    rows: list[Row] = []
    head = chain.genesis(DEVICE_ID, bytes(chain.NONCE_SIZE))
    for entry in entries:
        line = encode_entry(entry)
        head = chain.extend(head, line)
        rows.append((entry.seq, line.decode(), head, chain.leaf(line)))
    return rows


def _bare(path: Path, columns: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"CREATE TABLE lines ({columns}) STRICT")
    return connection


def _insert(connection: sqlite3.Connection, columns: int, rows: list[Row]) -> None:
    insert = f"INSERT INTO lines VALUES ({', '.join('?' * columns)})"  # noqa: S608
    for row in rows:
        connection.execute(insert, row[:columns])


def _append(ledger: Ledger, entries: list[Entry]) -> None:
    for entry in entries:
        ledger.append(entry)


def _timed(action: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> float:
    started = time.perf_counter()
    action(*args, **kwargs)
    return time.perf_counter() - started


def _write_counter() -> int:
    """Bytes that this process has passed to write calls so far (proc(5), `wchar`)."""
    for line in Path("/proc/self/io").read_text("ascii").splitlines():
        if line.startswith("wchar:"):
            return int(line.split()[1])
    raise RuntimeError("/proc/self/io has no wchar")


if __name__ == "__main__":
    run()
