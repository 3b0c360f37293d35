"""The gate as a whole: frame to durable verdict."""

import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles

from scanner.cli.demo.setup import deploy
from scanner.gate.instant import GateClock
from scanner.gate.pipeline import Pipeline
from scanner.gate.recorder import Recorder
from scanner.gate.visits import Timing
from scanner.issuing.keys import IssuerKey
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
from tests.bench.codes import a_green_code

PEOPLE = 300


def run() -> None:
    """Print it; state lies on the disk that `var/` is on."""
    Path("var").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir="var", prefix="bench-") as folder:
        _frame_to_verdict(Path(folder))


def _frame_to_verdict(folder: Path) -> None:
    key = IssuerKey.generate("33")
    deployment = deploy(folder, [key], datetime.now(UTC))
    bundle = load_newest(BundleStore(folder / "trust"), folder / "root.json").bundle
    assert bundle is not None
    trust = AgedBundle(bundle, Limits(), Lamps())
    renderer = SceneRenderer(1280, 720)
    frames: list[Grey] = [
        renderer.render(Scene(text=a_green_code(key, number), medium=Medium.PHONE), 2.0, number)
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
