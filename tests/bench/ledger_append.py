"""Durable appends: our ledger beside a bare sqlite3 loop, and what each layout costs the card."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import ParamSpec

from scanner.domain.entries import Entry, encode_entry
from scanner.ledger import chain
from scanner.ledger.schema import PAGE_BYTES
from scanner.ledger.store import Ledger
from tests.ledger_builders import DEVICE_ID, an_entry

BLOCK = 25
BLOCKS = 80
GOAL = 0.70
PER_DAY = 2_000
CARD_BYTES = 32_000_000_000
CYCLES = 1_000
AMPLIFICATION = 100
"""A card's flash is erased in blocks of megabytes. How much it rewrites for a small write nobody
outside of it knows; a hundredfold is a bad card."""

OURS = "line, head (ours)"
LAYOUTS = {
    "line": "seq INTEGER PRIMARY KEY, line TEXT",
    OURS: "seq INTEGER PRIMARY KEY, line TEXT, head BLOB",
    "line, head, leaf": "seq INTEGER PRIMARY KEY, line TEXT, head BLOB, leaf BLOB",
    "line, head + 1 index": "seq INTEGER PRIMARY KEY, line TEXT, head BLOB UNIQUE",
}
PAGES = (512, 1024, 2048, 4096)
Row = tuple[int, str, bytes, bytes]
P = ParamSpec("P")


def run() -> None:
    """Print appends per second of both, their ratio, and the bytes written for one entry."""
    state = Path("var")
    state.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=state, prefix="bench-") as folder:
        _compare(Path(folder))
        _weigh_layouts(Path(folder))
        _weigh_pages(Path(folder))
        _weigh_card(Path(folder))


def _compare(folder: Path) -> None:
    """Blocks of both in turn, since a shared disk is never equally fast for a second."""
    entries = [an_entry(seq) for seq in range(1, BLOCK * BLOCKS + 1)]
    rows = _rows(entries)
    bare, ours = [], []
    with Ledger.open(folder / "ours.db", DEVICE_ID) as ledger:
        connection = _bare(folder / "bare.db", LAYOUTS[OURS], _pragmas(ledger))
        for start in range(0, len(entries), BLOCK):
            bare.append(_timed(_insert, connection, 3, rows[start : start + BLOCK]))
            ours.append(_timed(_append, ledger, entries[start : start + BLOCK]))
    connection.close()
    ratio = median(b / o for b, o in zip(bare, ours, strict=True))
    print(f"ledger append: {BLOCKS} blocks of {BLOCK} in turn, medians, each entry durable")
    print(f"  bare sqlite3 loop   {BLOCK / median(bare):8.0f} /s   lines and heads made beforehand")
    print(f"  Ledger.append       {BLOCK / median(ours):8.0f} /s")
    print(f"  ratio               {ratio:8.2f}      goal >= {GOAL:.2f}")


def _weigh_layouts(folder: Path) -> None:
    rows = _rows([an_entry(seq) for seq in range(1, BLOCK * BLOCKS + 1)])
    print(f"for one entry (its line has {len(rows[0][1])} bytes): bytes handed to the file system,")
    print("and bytes of the pages of 4 KiB that it then writes (proc(5): wchar, write_bytes)")
    for index, (name, columns) in enumerate(LAYOUTS.items()):
        handed, written = _cost(folder / f"layout-{index}.db", columns, rows, PAGE_BYTES)
        print(f"  {name:22}{handed:8.0f}{written:8.0f}")


def _weigh_pages(folder: Path) -> None:
    rows = _rows([an_entry(seq) for seq in range(1, BLOCK * BLOCKS + 1)])
    for size in PAGES:
        handed, written = _cost(folder / f"page-{size}.db", LAYOUTS[OURS], rows, size)
        ours = " (ours)" if size == PAGE_BYTES else ""
        print(f"  {f'pages of {size}{ours}':22}{handed:8.0f}{written:8.0f}")


def _cost(path: Path, columns: str, rows: list[Row], page_size: int) -> tuple[float, float]:
    """Of one entry, what is copied back from the WAL included."""
    connection = _bare(path, columns, {"page_size": page_size})
    before = _write_counters()
    _insert(connection, columns.count(",") + 1, rows)
    connection.close()
    after = _write_counters()
    return (after[0] - before[0]) / len(rows), (after[1] - before[1]) / len(rows)


def _weigh_card(folder: Path) -> None:
    """What reaches the device: on a file system of its own the journal is counted, too."""
    count = BLOCK * BLOCKS
    with _card(folder) as card:
        if card is None:
            print("  what reaches the device cannot be counted: no file system may be mounted here")
            return
        mounted, sectors = card
        with Ledger.open(mounted / "ledger.db", DEVICE_ID) as ledger:
            for seq in range(1, count // 2 + 1):
                ledger.append(an_entry(seq))
            os.sync()
            before = sectors()
            for seq in range(count // 2 + 1, count + 1):
                ledger.append(an_entry(seq))
            os.sync()
            written = (sectors() - before) * 512 / (count - count // 2)
    a_day = PER_DAY * written
    years = CARD_BYTES * CYCLES / (a_day * AMPLIFICATION) / 365
    print(f"what reaches an ext4 card for one entry, its journal included: {written:8.0f} bytes")
    print(
        f"  {PER_DAY} entries a day: {a_day / 1e6:.0f} MB a day; a card of "
        f"{CARD_BYTES // 10**9} GB, {CYCLES} cycles, that writes {AMPLIFICATION} times as much: "
        f"{years:.0f} years"
    )


@contextmanager
def _card(folder: Path) -> Iterator[tuple[Path, Callable[[], int]] | None]:
    """A small ext4 file system, and what tells the sectors written to it so far."""
    image, mounted = folder / "card.img", folder / "card"
    image.touch()
    os.truncate(image, 64 << 20)
    mounted.mkdir()
    made = shutil.which("mkfs.ext4") and not _status("mkfs.ext4", "-q", "-b", "4096", str(image))
    if not made or _status("mount", "-o", "loop", str(image), str(mounted)):
        yield None
        return
    try:
        lines = Path("/proc/mounts").read_text("utf-8").splitlines()
        (device,) = (line.split()[0] for line in lines if line.split()[1] == str(mounted.resolve()))
        counters = Path("/sys/block", Path(device).name, "stat")
        yield mounted, lambda: int(counters.read_text("ascii").split()[6])
    finally:
        _status("umount", str(mounted))


def _status(*command: str) -> int:
    return subprocess.run(command, capture_output=True, check=False).returncode


def _rows(entries: list[Entry]) -> list[Row]:
    """What bare sqlite3 inserts: number, line, head, leaf."""
    rows: list[Row] = []
    head = chain.genesis(DEVICE_ID, bytes(chain.NONCE_SIZE))
    for entry in entries:
        line = encode_entry(entry)
        head = chain.extend(head, line)
        rows.append((entry.seq, line.decode(), head, chain.leaf(line)))
    return rows


def _pragmas(ledger: Ledger) -> dict[str, int]:
    """What our own file is set to, so that the bare one is the same."""
    names = ("page_size", "auto_vacuum", "secure_delete")
    found = {name: ledger._connection.execute(f"PRAGMA {name}").fetchone() for name in names}
    return {name: row[0] for name, row in found.items()}


def _bare(path: Path, columns: str, pragmas: dict[str, int]) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    for name, value in pragmas.items():
        connection.execute(f"PRAGMA {name} = {value}")
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


def _write_counters() -> tuple[int, int]:
    """Bytes that this process has passed to write calls, and of the pages it made dirty."""
    pairs = (line.split(": ") for line in Path("/proc/self/io").read_text("ascii").splitlines())
    counters = {name: int(value) for name, value in pairs}
    return counters["wchar"], counters["write_bytes"]


if __name__ == "__main__":
    run()
