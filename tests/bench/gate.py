"""The gate as a whole: frame to durable verdict."""

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


def run() -> None:
    """Print it; state lies on the disk that `var/` is on."""
    Path("var").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir="var", prefix="bench-") as folder:
        _frame_to_verdict(Path(folder))


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
