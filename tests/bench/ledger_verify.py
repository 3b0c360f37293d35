"""How many entries a second `checkpoint entries verify` walks through, and what each step takes."""

import hashlib
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from scanner.domain.entries import decode_entry, encode_entry
from scanner.ledger.reader import LedgerReader
from scanner.ledger.verify import verify_log
from tests.bench._bulk_ledger import grow
from tests.ledger_builders import an_entry

COUNT = 100_000
REPEATS = 3
GOAL = 100_000


def run() -> None:
    """Print entries per second, and microseconds an entry of the parts."""
    state = Path("var")
    state.mkdir(exist_ok=True)
    lines = [encode_entry(an_entry(seq)) for seq in range(1, COUNT + 1)]
    with tempfile.TemporaryDirectory(dir=state, prefix="bench-") as folder:
        path = Path(folder) / "ledger.db"
        end = grow(path, COUNT)
        whole = median(_timed(lambda: verify_log(path, end)) for _ in range(REPEATS))
        reading = median(_timed(lambda: _read(path)) for _ in range(REPEATS))
    decoding = _timed(lambda: [decode_entry(line) for line in lines])
    hashing = _timed(lambda: [_hash(line) for line in lines])
    print(f"verify: {COUNT / whole:.0f} entries a second      goal >= {GOAL}")
    for name, seconds in (
        ("in all", whole),
        ("reading rows", reading),
        ("two SHA-256", hashing),
        ("decoding the entry", decoding),
    ):
        print(f"  {name:22}{seconds / COUNT * 1e6:8.2f} us an entry")


def _hash(line: bytes) -> bytes:
    return hashlib.sha256(bytes(32) + hashlib.sha256(line).digest()).digest()


def _read(path: Path) -> None:
    with LedgerReader(path) as reader:
        seq = 0
        while page := reader.lines_after(seq, 1000, 4 << 20):
            seq = page[-1].seq


def _timed(action: Callable[[], object]) -> float:
    """Seconds of the processor: what others do on the machine is not in them."""
    started = time.process_time()
    action()
    return time.process_time() - started


if __name__ == "__main__":
    run()
