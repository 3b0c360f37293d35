"""`make fuzz`: every target under libFuzzer for a while, some at a time, and what came of it.

`python -m tests.fuzz run [--seconds S] [--at-once N] [TARGET ...]`, `... list`,
`... replay TARGET FILE`.
"""

import argparse
import math
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

from tests.fuzz.originals import kept
from tests.fuzz.targets import targets

FOLDER: Final = Path("var/fuzz")
ORIGINALS: Final = FOLDER / "originals.json"
TIMEOUT_S: Final = 2.0
"""No input takes longer, by a process that has a core to itself."""

CORES: Final = os.cpu_count() or 1
PROGRESS_S: Final = 15.0
GRACE_S: Final = 10.0
STOPPED: Final = (-signal.SIGTERM, 72)
"""How a target ends that is told to, before libFuzzer has begun and after."""

_STATUS: Final = re.compile(r"cov: (\d+) ft: (\d+) corp: (\d+)/\S+ .*?exec/s: (\d+)")
_UNITS: Final = re.compile(r"stat::number_of_executed_units:\s*(\d+)")
_ARTIFACT: Final = re.compile(r"Test unit written to (\S+)")


@dataclass
class Campaign:
    """One target's run, as far as it got.

    Attributes:
        tail: the last lines that libFuzzer wrote.
    """

    name: str
    executions: int = 0
    coverage: int = 0
    features: int = 0
    corpus: int = 0
    seconds: float = 0.0
    code: int | None = None
    finding: str = ""
    tail: deque[str] = field(default_factory=lambda: deque(maxlen=60))

    def hear(self, line: str) -> None:
        """Take in one line of libFuzzer's report."""
        self.tail.append(line)
        if status := _STATUS.search(line):
            self.coverage, self.features, self.corpus = map(int, status.groups()[:3])
            self.executions = max(self.executions, int(line[1:].split("\t", maxsplit=1)[0]))
        elif units := _UNITS.search(line):
            self.executions = int(units[1])
        elif artifact := _ARTIFACT.search(line):
            self.finding = artifact[1]


def main() -> int:
    """Do what the arguments say; 1 when there is a finding."""
    arguments = _arguments()
    known = targets(kept(ORIGINALS))
    if unknown := set(arguments.targets if arguments.task == "run" else ()) - set(known):
        sys.exit(f"no target named {', '.join(sorted(unknown))}; known: {', '.join(known)}")
    match arguments.task:
        case "list":
            print("\n".join(known))
            return 0
        case "replay":
            known[arguments.target].check(arguments.file.read_bytes())
            print("no finding: the property holds for this input")
            return 0
        case _:
            return _run(arguments.targets or list(known), arguments.seconds, arguments.at_once)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    tasks = parser.add_subparsers(dest="task", required=True)
    run = tasks.add_parser("run", help="fuzz all targets, or those named")
    run.add_argument("--seconds", type=int, default=60, help="for each target")
    run.add_argument(
        "--at-once",
        type=int,
        default=CORES,
        help="processes side by side; more than the cores share them, and the limit for one "
        "input grows in proportion (default: the cores, %(default)s)",
    )
    run.add_argument("targets", nargs="*")
    tasks.add_parser("list", help="name the targets")
    replay = tasks.add_parser("replay", help="give one input to a target")
    replay.add_argument("target")
    replay.add_argument("file", type=Path)
    return parser.parse_args()


def _run(names: list[str], seconds: int, at_once: int) -> int:
    waiting: SimpleQueue[Campaign] = SimpleQueue()
    campaigns = [Campaign(name) for name in names]
    for campaign in campaigns:
        waiting.put(campaign)
    stop = threading.Event()
    limits = [
        f"-max_total_time={seconds}",
        f"-timeout={math.ceil(TIMEOUT_S * max(1.0, at_once / CORES))}",
    ]
    print(f"{len(names)} targets, {seconds} s each, {at_once} at a time", flush=True)
    workers = [threading.Thread(target=_work, args=(waiting, limits, stop)) for _ in range(at_once)]
    for worker in workers:
        worker.start()
    try:
        _watch(workers, campaigns)
    except KeyboardInterrupt:
        print("stopping; what was found is kept", flush=True)
        stop.set()
    for worker in workers:
        worker.join()
    return _summary(campaigns)


def _watch(workers: list[threading.Thread], campaigns: list[Campaign]) -> None:
    """A line for each running target now and then, until all are done."""
    told = time.monotonic()
    while any(worker.is_alive() for worker in workers):
        time.sleep(0.2)
        if time.monotonic() - told < PROGRESS_S:
            continue
        told = time.monotonic()
        for campaign in campaigns:
            if campaign.code is None and campaign.tail:
                print(
                    f"  {campaign.name:28} {campaign.executions:>10,} runs, "
                    f"coverage {campaign.coverage}, corpus {campaign.corpus}",
                    flush=True,
                )


def _work(waiting: "SimpleQueue[Campaign]", limits: list[str], stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            campaign = waiting.get_nowait()
        except Empty:
            return
        _fuzz(campaign, limits, stop)


def _fuzz(campaign: Campaign, limits: list[str], stop: threading.Event) -> None:
    """Run one target to its end; its process gets SIGTERM when everything is to stop."""
    command = [sys.executable, "-m", "tests.fuzz.engine", campaign.name, *limits]
    began = time.monotonic()
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,  # where the exception itself is told
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,  # Ctrl-C is for us alone
    ) as process:
        assert process.stdout is not None
        watchdog = threading.Thread(target=_end_on, args=(process, stop), daemon=True)
        watchdog.start()
        for line in process.stdout:
            campaign.hear(line.rstrip())
        process.wait()
    campaign.code = process.returncode
    campaign.seconds = time.monotonic() - began


def _end_on(process: "subprocess.Popen[str]", stop: threading.Event) -> None:
    while process.poll() is None:
        if stop.wait(0.2):
            process.terminate()
            try:
                process.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                process.kill()
            return


def _summary(campaigns: list[Campaign]) -> int:
    print(f"{'target':28}{'runs':>13}{'runs/s':>9}{'coverage':>10}{'corpus':>8}  finding")
    for campaign in campaigns:
        if campaign.code is None:
            print(f"{campaign.name:28}{'not run':>13}")
            continue
        rate = campaign.executions / campaign.seconds if campaign.seconds else 0.0
        print(
            f"{campaign.name:28}{campaign.executions:13,}{rate:9,.0f}{campaign.coverage:10,}"
            f"{campaign.corpus:8,}  {campaign.finding or '-'}"
        )
    failed = [campaign for campaign in campaigns if campaign.code]
    broken = [campaign for campaign in failed if campaign.finding or campaign.code not in STOPPED]
    for campaign in broken:
        print(f"== {campaign.name}")
        print("\n".join(_story(campaign)))
        if campaign.finding:
            print(f"replay: python -m tests.fuzz replay {campaign.name} {campaign.finding}")
    print(f"{sum(campaign.executions for campaign in campaigns):,} runs, {len(broken)} findings")
    return 1 if broken else 0


def _story(campaign: Campaign) -> list[str]:
    """What is worth reading of the last lines: libFuzzer's status lines are not."""
    return [
        line for line in campaign.tail if line and not line.startswith(("#", "stat::", "INFO:"))
    ]


if __name__ == "__main__":
    sys.exit(main())
