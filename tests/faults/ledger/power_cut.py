"""A thousand power cuts: `python -m tests.faults.ledger.power_cut [CUTS]`.

A gate writes under strace; `disk_model` replays what the kernel was asked for and, at random
moments, makes one of the states that a power cut may leave. Each must open, hold every entry that
was reported as recorded, verify from the first entry to the last, and take the next one.
"""

import random
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

from scanner.ledger.store import Ledger
from scanner.ledger.verify import verify_log
from tests.faults.ledger.disk_model import Image, VolatileDisk, put
from tests.faults.ledger.traced import Call, UntraceableError, Written, trace
from tests.ledger_builders import DEVICE_ID, an_entry

NAME = "ledger.db"
RUNS = (600, 500, 400)
"""Entries of three runs of the gate: the WAL is begun anew, copied back and removed within them."""


def record(folder: Path, runs: tuple[int, ...]) -> list[Call]:
    """What several runs of a gate asked for, one after the other.

    Raises:
        UntraceableError: strace is missing or not allowed.
    """
    disk = folder / "disk"
    disk.mkdir()
    return [call for count in runs for call in trace(disk / NAME, count)]


def cut_points(calls: list[Call], cuts: int, chance: random.Random) -> Counter[int]:
    """How often the power goes after which call; a third of them while the WAL is copied back."""
    copying = [i for i, c in enumerate(calls) if isinstance(c, Written) and c.name == NAME]
    chosen = chance.choices(range(len(calls)), k=cuts - cuts // 3)
    return Counter([*chosen, *chance.choices(copying, k=cuts // 3)])


def survives(image: Image, folder: Path) -> str:
    """Empty when the gate goes on after the cut with everything that it had reported."""
    folder.mkdir()
    try:
        put(image, folder)
        path = folder / NAME
        with Ledger.open(path, DEVICE_ID) as ledger:
            there = ledger.position.seq
            if there < image.acked:
                return f"{image.acked} was reported, {there} is there"
            ledger.append(an_entry(ledger.next_seq))
        report = verify_log(path)
        if report.fault or report.entries != there + 1:
            return f"of {there + 1} entries {report.entries} hold: {report.fault}"
    except Exception as error:  # noqa: BLE001 - whatever it is, the gate did not come back
        return f"unreadable: {error}"
    finally:
        shutil.rmtree(folder)
    return ""


def cut_power(calls: list[Call], cuts: int, folder: Path, seed: int) -> tuple[list[str], int]:
    """What went wrong, and in how many of the images something was missing that was under way."""
    chance = random.Random(seed)
    points = cut_points(calls, cuts, chance)
    disk = VolatileDisk()
    failures, incomplete = [], 0
    for index, call in enumerate(calls):
        disk.take(call)
        for _ in range(points[index]):
            image = disk.cut(chance)
            incomplete += image.lost_sectors > 0
            if failure := survives(image, folder / "image"):
                failures.append(f"after call {index} ({type(call).__name__}): {failure}")
    return failures, incomplete


def main() -> None:
    """Record, cut, and say what came of it."""
    cuts = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory(prefix="power-") as name:
        folder = Path(name)
        try:
            calls = record(folder, RUNS)
        except UntraceableError as error:
            sys.exit(str(error))
        print(f"{sum(RUNS)} entries in {len(RUNS)} runs: {len(calls)} calls that change the disk")
        failures, incomplete = cut_power(calls, cuts, folder, seed=20261125)
    print(f"{cuts} power cuts, in {incomplete} of them sectors were missing or torn")
    print(f"{len(failures)} lost an entry that was reported as recorded, or could not be read")
    print(*failures, sep="\n", end="")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
