"""One ledger grown from ten thousand to ten million entries: what takes how long at each size.

`python -m tests.bench ledger_scale` goes up to a million; `CHECKPOINT_BENCH_ENTRIES=10000000` sets
another end: the file then takes 8 GB and is removed afterwards. Times are the processor's: on a
machine that others use, too, they are what does not depend on the others. Of an append, the time by
the clock stands beside it, disk included.
"""

import os
import tempfile
import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median

from scanner.ledger.erasure import STEP
from scanner.ledger.moments import first_line_since
from scanner.ledger.reader import LedgerReader
from scanner.ledger.store import Ledger
from scanner.ledger.verify import verify_log
from tests.bench._bulk_ledger import grow
from tests.ledger_builders import DEVICE_ID, NOON, an_entry

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
APPENDS = 300
TODAY = 2_000
SECONDS_APART = 3
HEADINGS = (
    ("entries", "GB", "append", "clock", "restart", "today", "past hour", "verify", "erase"),
    ("", "", "us", "us", "ms", "ms", "ms", "entries/s", "us a line"),
)
OPENINGS = 5
ERASED = 10 * STEP


def run() -> None:
    """Print one line a size."""
    most = int(os.environ.get("CHECKPOINT_BENCH_ENTRIES", "1000000"))
    state = Path("var")
    state.mkdir(exist_ok=True)
    for words in HEADINGS:
        print(" ".join(f"{word:>10}" for word in words))
    with tempfile.TemporaryDirectory(dir=state, prefix="bench-") as folder:
        path = Path(folder) / "ledger.db"
        for size in SIZES:
            if size <= most:
                _measure(path, size)


def _measure(path: Path, size: int) -> None:
    grow(path, size)
    restart_s = median(_timed(lambda: _restart(path)) for _ in range(OPENINGS))
    today_s = median(_timed(lambda: _today(path)) for _ in range(OPENINGS))
    past_s = median(_timed(lambda: _past_hour(path, size // 3)) for _ in range(OPENINGS))
    verify_s = _timed(lambda: verify_log(path))
    with Ledger.open(path, DEVICE_ID) as ledger:
        started_s = time.perf_counter()
        append_s = _timed(lambda: _append(ledger)) / APPENDS
        clock_s = (time.perf_counter() - started_s) / APPENDS
        erase_s = _timed(lambda: _erase(ledger)) / ERASED
    figures = (
        f"{path.stat().st_size / 1e9:.2f}",
        f"{append_s * 1e6:.0f}",
        f"{clock_s * 1e6:.0f}",
        f"{restart_s * 1000:.1f}",
        f"{today_s * 1000:.1f}",
        f"{past_s * 1000:.1f}",
        f"{size / verify_s:.0f}",
        f"{erase_s * 1e6:.0f}",
    )
    print(" ".join(f"{figure:>10}" for figure in (str(size), *figures)), flush=True)


def _append(ledger: Ledger) -> None:
    for _ in range(APPENDS):
        ledger.append(an_entry(ledger.next_seq))


def _erase(ledger: Ledger) -> None:
    """Retention: the oldest lines go, in steps between which a scan may come."""
    through = ledger.old_lines.erased.seq + ERASED
    while ledger.old_lines.erase(through).seq < through:
        pass


def _restart(path: Path) -> None:
    """As the gate does it: check the tail, then take up the last entries and the day's counts."""
    with Ledger.open(path, DEVICE_ID) as ledger:
        ledger.latest(100)


def _today(path: Path) -> None:
    """The day's counts after a restart: its entries, from the newest backwards."""
    with Ledger.open(path, DEVICE_ID) as ledger:
        start = NOON + timedelta(seconds=SECONDS_APART * (ledger.position.seq - TODAY))
        deque(ledger.since(start), maxlen=0)


def _past_hour(path: Path, seq: int) -> None:
    """Entries of an hour long ago, found by their time alone."""
    moment = NOON + timedelta(seconds=SECONDS_APART * seq)
    with LedgerReader(path) as reader:
        first = first_line_since(reader, moment)
        reader.lines_after(first - 1, 3600 // SECONDS_APART, 4 << 20)


def _timed(action: Callable[[], object]) -> float:
    """Seconds of the processor."""
    started = time.process_time()
    action()
    return time.process_time() - started


if __name__ == "__main__":
    run()
