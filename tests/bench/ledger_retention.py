"""Erasing old lines: how long a step holds the gate up, and what an entry costs in between."""

import sqlite3
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

from scanner.ledger.erasure import STEP
from scanner.ledger.schema import PAGE_BYTES
from scanner.ledger.store import Ledger
from tests.ledger_builders import DEVICE_ID, an_entry

ENTRIES = 4000
STEPS = 60


def run() -> None:
    """Print steps of erasing and appends, in turn and without erasing, in milliseconds."""
    state = Path("var")
    state.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=state, prefix="bench-") as folder,
        Ledger.open(Path(folder) / "ledger.db", DEVICE_ID) as ledger,
    ):
        alone = [_append(ledger) for _ in range(ENTRIES)][-STEPS * 5 :]
        steps, between, tidied = [], [], []
        for number in range(STEPS):
            steps.append(_timed_step(ledger))
            between += [_append(ledger) for _ in range(5)]
            if number % 10 == 9:
                tidied.append(_timed_tidy(ledger))
        for mode in ("NONE", "INCREMENTAL"):
            print(f"auto_vacuum {mode:11} {_weigh(Path(folder) / mode, mode):8.0f} bytes an entry")
        print(f"one append              {_told(alone)}")
        print(f"one append, erasing     {_told(between)}")
        print(f"a step of {STEP} lines      {_told(steps)}")
        print(f"cutting the log off     {_told(tidied)}")


def _weigh(path: Path, mode: str) -> float:
    """Bytes of write-ahead log for an entry, in a file that was made with this `auto_vacuum`."""
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in (f"page_size = {PAGE_BYTES}", f"auto_vacuum = {mode}"):
        connection.execute(f"PRAGMA {statement}")
    connection.execute("VACUUM")
    connection.close()
    wal = path.with_name(f"{path.name}-wal")
    with Ledger.open(path, DEVICE_ID) as ledger:
        ledger._connection.execute("PRAGMA wal_autocheckpoint = 0")
        for _ in range(300):
            _append(ledger)
        before = wal.stat().st_size
        for _ in range(1000):
            _append(ledger)
        return (wal.stat().st_size - before) / 1000


def _append(ledger: Ledger) -> float:
    started = time.perf_counter()
    ledger.append(an_entry(ledger.next_seq))
    return time.perf_counter() - started


def _timed_step(ledger: Ledger) -> float:
    started = time.perf_counter()
    ledger.old_lines.erase(ENTRIES)
    return time.perf_counter() - started


def _timed_tidy(ledger: Ledger) -> float:
    started = time.perf_counter()
    ledger.old_lines.tidy()
    return time.perf_counter() - started


def _told(seconds: list[float]) -> str:
    return (
        f"median {median(seconds) * 1e3:6.2f} ms   "
        f"95th percentile {quantiles(seconds, n=20)[-1] * 1e3:6.2f} ms"
    )


if __name__ == "__main__":
    run()
