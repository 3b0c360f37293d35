"""The trust bundle: loading 31 issuers with 10 keys each, and how large it is."""

import cProfile
import pstats
import tempfile
import threading
import time
from pathlib import Path
from statistics import median

from scanner.domain.passes import Algorithm
from scanner.trust.bundle import layout
from scanner.trust.bundle.bundle import load_bundle
from scanner.trust.bundle.sources import FolderSource
from scanner.trust.bundle.store import BundleStore
from scanner.trust.bundle.update import update
from tests.trust_builders import a_country, a_repository

KEYS = 10
LOADS = 40


def run() -> None:
    """Print times of the processor beside those of the wall: the machine is shared."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        root = a_repository(folder / "hub", a_country(KEYS, Algorithm.ES256)).pinned_root
        _sizes(folder / "hub")
        store = BundleStore(folder / "gate")
        began = time.perf_counter()
        update(store, FolderSource(folder / "hub"), root)
        print(f"first update from a folder, fsync included: {_ms(began):.0f} ms")
        began = time.perf_counter()
        update(store, FolderSource(folder / "hub"), root)
        print(f"update without news: {_ms(began):.0f} ms")
        _loads(store.candidates()[0], root)
        longest = _longest_wait(store.candidates()[0], root)
        print(f"longest pause of the gate's loop while a thread loads: {longest:.0f} ms")


def _sizes(repository: Path) -> None:
    for part in (layout.METADATA, layout.TARGETS):
        files = [path for path in (repository / part).rglob("*") if path.is_file()]
        size = sum(path.stat().st_size for path in files)
        print(f"{part}: {len(files)} files, {size / 1000:.1f} kB")
    timestamp = (repository / layout.TIMESTAMP_FILE).stat().st_size
    print(f"no news: 1 file, {timestamp} bytes, and a root that is not there")


def _loads(folder: Path, root: bytes) -> None:
    wall, processor = [], []
    load_bundle(folder, root)
    for _ in range(LOADS):
        began, busy = time.perf_counter(), time.thread_time()
        load_bundle(folder, root)
        wall.append(_ms(began))
        processor.append((time.thread_time() - busy) * 1000)
    print(
        f"load, every signature and hash checked: {min(processor):.1f} ms of one core at best, "
        f"median {median(processor):.1f} ms (reach: <= 20 ms); on the wall {min(wall):.1f} and "
        f"{median(wall):.1f} ms"
    )
    profile = cProfile.Profile()
    profile.runcall(lambda: [load_bundle(folder, root) for _ in range(LOADS)])
    stats = pstats.Stats(profile)
    whole = sum(row[2] for row in stats.stats.values())  # type: ignore[attr-defined]
    for name, needle in (("Ed25519", "Ed25519PublicKey"), ("canonical JSON", "_encode_canonical")):
        share = sum(
            row[3] if needle == "_encode_canonical" else row[2]
            for key, row in stats.stats.items()  # type: ignore[attr-defined]
            if needle in key[2]
        )
        print(f"  of it {name}: {100 * share / whole:.0f} %")


def _longest_wait(folder: Path, root: bytes) -> float:
    """The longest pause of a loop that wants to run every millisecond while bundles are loaded."""
    loading = threading.Thread(target=lambda: [load_bundle(folder, root) for _ in range(LOADS)])
    loading.start()
    longest = 0.0
    while loading.is_alive():
        began = time.perf_counter()
        time.sleep(0.001)
        longest = max(longest, _ms(began))
    return longest


def _ms(began: float) -> float:
    return (time.perf_counter() - began) * 1000
