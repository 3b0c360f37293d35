"""The gate as a whole: frame to durable verdict, process start to first verdict, memory."""

import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles

from scanner.cli.demo.setup import deploy
from scanner.domain.passes import HEALTH_CODE, Colour, Holder, IdKind, PassClaims, PassKind
from scanner.gate.instant import GateClock
from scanner.gate.pipeline import Pipeline
from scanner.gate.recorder import Recorder
from scanner.gate.visits import Timing
from scanner.issuing.health_code import issue_health_code
from scanner.issuing.keys import IssuerKey
from scanner.issuing.picture import qr_png
from scanner.ledger.store import Ledger
from scanner.policy.rules import RuleSet
from scanner.trust.aged_bundle import AgedBundle, Lamps
from scanner.trust.bundle.in_force import load_newest
from scanner.trust.bundle.store import BundleStore
from scanner.trust.staleness import Limits
from scanner.vision.frames import Grey
from scanner.vision.reader import QrReader
from scanner.vision.sources.rendering import SceneRenderer
from scanner.vision.sources.stage import Medium, Scene

PEOPLE = 300
STARTS = 9
WARM_UP_S = 6.0
_LIBRARIES = "import cv2, zxingcpp, cryptography.hazmat.primitives.asymmetric.ec"


def run() -> None:
    """Print all three; state lies on the disk that `var/` is on."""
    Path("var").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir="var", prefix="bench-") as folder:
        _frame_to_verdict(Path(folder))
    with tempfile.TemporaryDirectory(dir="var", prefix="bench-") as folder:
        _start_to_verdict(Path(folder))


def _code(key: IssuerKey, number: int) -> str:
    now = datetime.now(UTC).replace(microsecond=0)
    claims = PassClaims(
        format=HEALTH_CODE,
        kind=PassKind.DYNAMIC,
        issuer=key.issuer,
        colour=Colour.GREEN,
        issued_at=now,
        expires_at=now + timedelta(minutes=10),
        code_id=number.to_bytes(8, "big"),
        holder=Holder("张*三", IdKind.RESIDENT_CARD, "207X"),
    )
    return issue_health_code(claims, key)


def _frame_to_verdict(folder: Path) -> None:
    key = IssuerKey.generate("33")
    deployment = deploy(folder, [key], datetime.now(UTC))
    bundle = load_newest(BundleStore(folder / "trust"), folder / "root.json").bundle
    assert bundle is not None
    trust = AgedBundle(bundle, Limits(), Lamps())
    renderer = SceneRenderer(1280, 720)
    frames: list[Grey] = [
        renderer.render(Scene(text=_code(key, number), medium=Medium.PHONE), 2.0, number)
        for number in range(PEOPLE)
    ]
    reader, clock = QrReader(), GateClock(system_counts=True)
    clock.observe()
    decoding, whole = [], []
    with Ledger.open(folder / "ledger.db", "d-bench") as ledger:
        recorder = Recorder(ledger, deployment.runtime, sealing_key=None)
        pipeline = Pipeline(RuleSet(), trust, recorder, Timing())
        pipeline.start([], clock.read(), "bench")
        for grey in frames:
            began = time.perf_counter()
            codes = reader.read(grey)
            decoded = time.perf_counter()
            events = pipeline.codes(codes, (1280, 720), clock.read().mono_s, clock.read)
            done = time.perf_counter()
            if events:
                decoding.append((decoded - began) * 1000)
                whole.append((done - began) * 1000)
    deployment.remove_runtime()
    p99 = quantiles(whole, n=100)[98]
    print(f"decided {len(whole)} of {PEOPLE} sharp 720p frames, each one an entry on the disk")
    print(f"decode alone: median {median(decoding):.2f} ms")
    print(f"frame to durable verdict: median {median(whole):.2f} ms, p99 {p99:.2f} ms")
    print(f"p99 / decode alone: {p99 / median(decoding):.2f} (reach: <= 5)")


def _start_to_verdict(folder: Path) -> None:
    key = IssuerKey.generate("33")
    deployment = deploy(folder, [key], datetime.now(UTC))
    picture = folder / "code.png"
    picture.write_bytes(qr_png(_code(key, 1)))
    gate = [
        *(sys.executable, "-m", "scanner.cli", "run", "--headless"),
        *("--settings", str(deployment.gate_settings), "--camera", str(picture)),
    ]
    imports = [sys.executable, "-c", _LIBRARIES]
    once = [*gate, "--once"]
    _seconds(once)  # makes the ledger, its schema and the bytecode once, as an installation does
    rounds = [(_seconds(imports), *_seconds_to_verdict(once)) for _ in range(STARTS)]
    alone, verdict, end = (median(times) for times in zip(*rounds, strict=True))
    print(f"importing cv2, zxing-cpp, cryptography alone: {alone:.2f} s")
    print(f"start to first verdict: {verdict:.2f} s, {verdict / alone:.2f} x (reach: <= 2 x)")
    print(f"start, verdict, orderly end: {end:.2f} s, {end / alone:.2f} x")
    memory = _megabytes([*gate[:-1], f"simulated:{deployment.stage}"])
    deployment.remove_runtime()
    print(f"resident memory of a gate at 15 frames/s: {memory:.0f} MB (reach: <= 110 MB)")


def _seconds(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL, env=_installed())
    return time.perf_counter() - began


def _seconds_to_verdict(command: list[str]) -> tuple[float, float]:
    """Until the verdict's line in the log, and until the end."""
    began = time.perf_counter()
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=_installed()) as gate:
        assert gate.stderr is not None
        verdict = next(time.perf_counter() for line in gate.stderr if b'"verdict"' in line)
        gate.stderr.read()
    assert gate.returncode == 0
    return verdict - began, time.perf_counter() - began


def _installed() -> dict[str, str]:
    """This environment, with bytecode that is kept: `make setup` compiles it."""
    return {name: it for name, it in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _megabytes(command: list[str]) -> float:
    """Resident memory after some seconds of work (VmRSS of proc_pid_status(5))."""
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as gate:
        time.sleep(WARM_UP_S)
        status = Path(f"/proc/{gate.pid}/status").read_text("ascii")
        gate.terminate()
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
