"""A gate fed by a file at 30 frames a second, with the kiosk beside it, all on one core."""

import os
import pty
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2

from config.settings import load_gate_settings
from scanner.cli.demo.setup import deploy
from scanner.cli.gate import gate_options
from scanner.gate.service import GateService
from scanner.issuing.health_code import issue_health_code
from scanner.issuing.keys import IssuerKey
from scanner.ledger.device import load_or_create_device
from scanner.ledger.store import Ledger
from scanner.vision.frames import Frame, QrText
from scanner.vision.reader import StreamReader
from scanner.vision.sources.rendering import SceneRenderer
from scanner.vision.sources.stage import Medium, Scene
from tests.builders import a_pass
from tests.vision_builders import a_video_file

FPS = 30
PEOPLE = 6
SHOWN, EMPTY = 45, 30  # frames that each code is held up, and the gap after it
_KIOSK_STARTS_S = 4.0


def run() -> None:
    """Print how many of the frames were looked at and how many people were decided."""
    Path("var").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir="var", prefix="bench-") as name:
        folder = Path(name)
        key = IssuerKey.generate("33")
        deployment = deploy(folder, [key], datetime.now(UTC))
        frames = _film(folder / "people.avi", key)
        command = [sys.executable, "-m", "tests.bench.keeps_up", str(folder)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        deployment.remove_runtime()
    looked, processor_s, entries = done.stdout.split()[-3:]
    seconds = frames / FPS
    print(
        f"{frames} frames of 1280x720 at {FPS} a second, {PEOPLE} people, one core, kiosk running"
    )
    print(f"looked at {looked}, dropped {frames - int(looked)} ({1 - int(looked) / frames:.1%})")
    print(f"entries for people: {entries} of {PEOPLE}")
    print(f"gate's processor time: {float(processor_s) / seconds:.0%} of the core, film included")


def _film(path: Path, key: IssuerKey) -> int:
    renderer, frames = SceneRenderer(1280, 720), []
    now = datetime.now(UTC).replace(microsecond=0)
    for person in range(PEOPLE):
        claims = a_pass(
            code_id=person.to_bytes(8, "big"),
            issued_at=now - timedelta(minutes=1),
            expires_at=now + timedelta(minutes=10),
        )
        shown = Scene(text=issue_health_code(claims, key), medium=Medium.PHONE, seed=person)
        for scene, count in ((shown, SHOWN), (Scene(seed=person), EMPTY)):
            frames += [renderer.render(scene, n / FPS, n) for n in range(count)]
    a_video_file(path, frames, FPS)
    return len(frames)


class _Counting(StreamReader):
    """The gate's reader, counting the frames that it is given."""

    frames = 0

    def read(self, frame: Frame) -> list[QrText]:
        self.frames += 1
        return super().read(frame)


def _gate(folder: Path) -> None:
    """One gate and one kiosk on one core; prints frames, processor seconds and entries."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    cv2.setNumThreads(1)
    settings = folder / "gate.toml"
    tree = load_gate_settings(settings)
    tree.paths.state.mkdir(parents=True, exist_ok=True)
    kiosk = _kiosk(settings)
    time.sleep(_KIOSK_STARTS_S)  # starting is not keeping up; it connects once there is a gate
    device = load_or_create_device(tree.device_key)
    try:
        with Ledger.open(tree.ledger, device.device_id) as ledger:
            before = ledger.next_seq
            options = gate_options(tree, str(folder / "people.avi"), keep_running=False)
            service, reader = GateService(options, ledger), _Counting()
            service._reader = reader
            began = time.process_time()
            service.run(threading.Event())
            spent_s = time.process_time() - began
            print(reader.frames, spent_s, ledger.next_seq - before - 1)  # one entry is the start
    finally:
        kiosk.terminate()
        kiosk.wait()


def _kiosk(settings: Path) -> subprocess.Popen[bytes]:
    """The guard's screen in a terminal that nobody sees, but that is read."""
    ours, its = pty.openpty()
    command = [sys.executable, "-m", "scanner.cli", "kiosk", "--settings", str(settings)]
    program = subprocess.Popen(
        command, stdin=its, stdout=its, stderr=its, env={**os.environ, "TERM": "xterm-256color"}
    )
    os.close(its)
    threading.Thread(target=_drain, args=(ours,), daemon=True).start()
    return program


def _drain(terminal: int) -> None:
    try:
        while os.read(terminal, 65536):
            pass
    except OSError:
        return  # the program has ended


if __name__ == "__main__":
    _gate(Path(sys.argv[1]))
