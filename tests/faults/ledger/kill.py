"""A thousand times kill -9: `python -m tests.faults.ledger.kill [KILLS]`.

A parent that has everything imported forks gates, one after the other on one ledger, and kills each
at a random moment: a third while they open the file, the others while they write. The next one must
find every entry that the one before it had reported, and at most the one that was under way; now
and then the whole log is verified.
"""

import os
import random
import select
import signal
import sys
import tempfile
import time
from pathlib import Path

from msgspec import Struct, field

from scanner.ledger.store import Ledger
from scanner.ledger.verify import verify_log
from tests.faults.ledger.writer import say
from tests.ledger_builders import DEVICE_ID, an_entry

LONGEST_S = 0.03
"""From the start, or from the first entry on."""
PATIENCE_S = 10.0


class Tally(Struct):
    """What came of the kills.

    Attributes:
        unreported: entries that the next gate found and that nobody had been told of: killed
            between the write and the end of its sync.
        failures: one sentence each.
    """

    entries: int = 0
    unreported: int = 0
    failures: list[str] = field(default_factory=list)


def kill_gates(path: Path, kills: int, seed: int, *, verify_every: int = 100) -> Tally:
    """Kill `kills` gates that write the ledger at `path`."""
    chance = random.Random(seed)
    tally = Tally()
    acked = 0
    Ledger.open(path.with_name("warm.db"), DEVICE_ID).close()  # imports what a new file needs
    for number in range(1, kills + 1):
        is_writing = chance.random() < 2 / 3
        said = _gate_killed(path, chance.uniform(0, LONGEST_S), is_writing=is_writing)
        opened = _last(said, "opened")
        if opened is not None:
            if not acked <= opened <= acked + 1:
                tally.failures.append(f"kill {number}: {acked} was reported, {opened} is there")
            tally.unreported += opened - acked
            acked = opened
        acked = _last(said, "acked") or acked
        if "failed" in said:
            tally.failures.append(f"kill {number}: {said}")
        if number % verify_every == 0 or number == kills:
            report = verify_log(path)
            if report.fault or not acked <= report.entries <= acked + 1:
                tally.failures.append(f"kill {number}: {acked} was reported, {report}")
    tally.entries = acked
    return tally


def _gate_killed(path: Path, after_s: float, *, is_writing: bool) -> str:
    """Everything that a gate said until it was killed, so long after its start or first word."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _write_on(path, writing)
    os.close(writing)
    if is_writing:
        select.select([reading], [], [], PATIENCE_S)
    time.sleep(after_s)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as pipe:
        return pipe.read().decode()


def _write_on(path: Path, descriptor: int) -> None:
    """The child: it never returns into its parent's code, whatever happens."""
    try:
        with Ledger.open(path, DEVICE_ID) as ledger:
            say(f"opened {ledger.position.seq}", descriptor)
            while True:
                say(f"acked {ledger.append(an_entry(ledger.next_seq)).seq}", descriptor)
    except BaseException as error:  # noqa: BLE001 - reported, then counted as a failure
        say(f"failed {error}", descriptor)
    finally:
        os._exit(1)


def _last(said: str, word: str) -> int | None:
    """The last number after `word`; the file must have been made whole before a gate says so."""
    numbers = [line.split()[1] for line in said.splitlines() if line.startswith(word)]
    return int(numbers[-1]) if numbers else None


def main() -> None:
    """Kill, and say what came of it."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory(prefix="kill-") as folder:
        tally = kill_gates(Path(folder) / "ledger.db", kills, seed=20261125)
    print(f"{kills} gates killed while they wrote {tally.entries} entries")
    print(f"{tally.unreported} were killed after the write and before they could report it")
    print(f"{len(tally.failures)} lost an entry that was reported as recorded, or broke the log")
    print(*tally.failures, sep="\n", end="")
    sys.exit(1 if tally.failures else 0)


if __name__ == "__main__":
    main()
