"""The gate's process: its start up to the first verdict, and its memory.

Wall time tells what a queue waits for, processor time what the start itself costs: on a machine
with other work only the second is steady. Both are told over importing the libraries alone.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import IO, NamedTuple

import cv2

from scanner.cli.demo.setup import Deployment, deploy
from scanner.issuing.keys import IssuerKey
from scanner.issuing.picture import qr_png
from scanner.vision.sources.rendering import SceneRenderer
from scanner.vision.sources.stage import Medium, Scene
from tests.bench.codes import a_green_code

STARTS = 15
SCANS = 60
FRAMES_EACH = 3
_LIBRARIES = "import cv2, zxingcpp, cryptography.hazmat.primitives.asymmetric.ec"
_UNIT = Path(__file__).parents[2] / "systemd" / "checkpoint-gate.service"
_ALLOCATOR = "Environment=MALLOC_"


class _Cost(NamedTuple):
    """Of a process up to some moment, in milliseconds."""

    wall_ms: float
    cpu_ms: float


def run() -> None:
    """Print both; state lies on the disk that `var/` is on."""
    Path("var").mkdir(exist_ok=True)
    key = IssuerKey.generate("33")
    with tempfile.TemporaryDirectory(dir="var", prefix="bench-") as folder:
        deployment = deploy(Path(folder), [key], datetime.now(UTC))
        _start(deployment, key)
        _memory(deployment, key)
        deployment.remove_runtime()


def _start(deployment: Deployment, key: IssuerKey) -> None:
    picture = deployment.folder / "code.png"
    picture.write_bytes(qr_png(a_green_code(key, 0)))
    once = [*_gate(deployment, str(picture)), "--once"]
    libraries = [sys.executable, "-c", _LIBRARIES]
    _cost(once)  # makes the ledger, its schema and the bytecode once, as an installation does
    rounds = [(_cost(libraries)[1], *_cost(once)) for _ in range(STARTS)]
    _tell("importing cv2, zxing-cpp, cryptography", [alone for alone, *_ in rounds])
    for name, at in (("start to the first verdict", 1), ("start, verdict, orderly end", 2)):
        _tell(name, [costs[at] for costs in rounds])
        for kind in (0, 1):
            ratios = sorted(costs[at][kind] / costs[0][kind] for costs in rounds)
            label = ("wall", "processor")[kind]
            print(
                f"  {label} time over the libraries': {median(ratios):.2f} x, "
                f"half of the rounds {ratios[STARTS // 4]:.2f} to {ratios[-1 - STARTS // 4]:.2f}"
            )
    print("  (reach: first verdict <= 2 x)")


def _tell(name: str, costs: list[_Cost]) -> None:
    wall, cpu = (median(values) for values in zip(*costs, strict=True))
    print(f"{name}: {wall:.0f} ms, {cpu:.0f} ms of a processor")


def _cost(command: list[str]) -> tuple[_Cost, _Cost]:
    """Up to the verdict's line in the log (the end where there is none), and up to the end."""
    began = time.perf_counter()
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=_as_installed()) as process:
        assert process.stderr is not None
        verdict = _until_verdict(process.stderr, process.pid, began)
        process.stderr.read()
        _pid, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    cpu_s = used.ru_utime + used.ru_stime
    end = _Cost((time.perf_counter() - began) * 1000, cpu_s * 1000)
    return verdict or end, end


def _until_verdict(log: IO[bytes], pid: int, began: float) -> _Cost | None:
    for line in log:
        if b'"verdict"' in line:
            wall_s = time.perf_counter() - began
            return _Cost(wall_s * 1000, _processor_s(pid) * 1000)
    return None


def _processor_s(pid: int) -> float:
    """What a process has used so far; the clock's number as clock_getcpuclockid(3) makes it."""
    return time.clock_gettime((~pid << 3) | 2)


def _memory(deployment: Deployment, key: IssuerKey) -> None:
    """Before pictures, not the simulated camera: rendering takes more memory than the gate."""
    pictures = _pictures(deployment.folder / "pictures", key)
    command = [*_gate(deployment, str(pictures)), "--once"]
    for name, environment in (
        ("as its unit starts it", _as_installed() | _allocator()),
        ("without the unit's allocator setting", _as_installed()),
    ):
        with subprocess.Popen(command, stderr=subprocess.PIPE, env=environment) as gate:
            assert gate.stderr is not None
            figures = [_memory_of(gate.pid) for line in gate.stderr if b'"verdict"' in line]
        print(f"memory at 15 frames/s, {name}: first verdict {figures[0]} (reach: <= 110 MB RSS)")
        print(f"  after {len(figures)} verdicts: {figures[-1]}")


def _pictures(folder: Path, key: IssuerKey) -> Path:
    """People one after the other, as a camera of 1280x720 sees them."""
    folder.mkdir()
    renderer = SceneRenderer(1280, 720)
    for number in range(SCANS * FRAMES_EACH):
        person, frame = divmod(number, FRAMES_EACH)
        scene = Scene(text=a_green_code(key, person), medium=Medium.PHONE, seed=person)
        cv2.imwrite(str(folder / f"{number:04}.png"), renderer.render(scene, frame / 15, number))
    return folder


def _memory_of(pid: int) -> str:
    """From proc_pid_status(5)."""
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    kilobytes = {name: int(value.split()[0]) for name, value in _numbers(lines)}
    return f"{kilobytes['VmRSS'] / 1024:.0f} MB RSS, {kilobytes['RssAnon'] / 1024:.0f} MB its own"


def _numbers(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        name, _, value = line.partition(":")
        if name in {"VmRSS", "RssAnon"}:
            yield name, value


def _gate(deployment: Deployment, camera: str) -> list[str]:
    return [
        *(sys.executable, "-m", "scanner.cli", "run", "--headless"),
        *("--settings", str(deployment.gate_settings), "--camera", camera),
    ]


def _as_installed() -> dict[str, str]:
    """This environment, with bytecode that is kept: `make setup` compiles it."""
    return {name: it for name, it in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _allocator() -> dict[str, str]:
    """What the gate's unit tells malloc."""
    lines = _UNIT.read_text("utf-8").splitlines()
    settings = (line.removeprefix("Environment=") for line in lines if line.startswith(_ALLOCATOR))
    return dict(setting.split("=", 1) for setting in settings)
