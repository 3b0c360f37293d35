"""Revocation at one and ten million codes: size, building, loading, asking, updating, memory.

Beside the same questions to numpy and SQLite over the same hashes. Times are of the thread's own
processor time, because cores are shared; what waits for a disk is told by the wall clock as well.
Each size runs in a process of its own, so that the memory is its own.
"""

import gc
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np

from scanner.publishing.fuse import Numbers
from scanner.publishing.revocation import change, compact, publish_list, write_filter
from scanner.trust.bundle import layout
from scanner.trust.bundle.bundle import load_bundle
from scanner.trust.keys import NO_REVOCATIONS, Revoked
from scanner.trust.revocation.exact import ExactList
from scanner.trust.revocation.hashes import RevokedHash, code_hash
from scanner.trust.revocation.index import (
    FILTER_NAME,
    LIST_NAME,
    IssuerFiles,
    RevocationIndex,
    load_revocation,
    verify_revocation,
)
from tests.builders import NOW
from tests.trust_builders import a_repository

SIZES: Final = (1_000_000, 10_000_000)
ASKED: Final = 20_000
ROUNDS: Final = 7
DELTAS: Final = 14
CHANGES: Final = 5_000
ISSUER: Final = "33"
LOAD_GOAL_MS: Final = 20
QUERY_GOAL_US: Final = 10
_IDENTITY: Final = bytes(32)


def run() -> None:
    """Print the figures of both sizes."""
    for size in SIZES:
        subprocess.run([sys.executable, "-m", __name__, str(size)], check=True)


def _measure(size: int) -> None:
    state = Path("var")
    state.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=state, prefix="bench-") as name:
        folder = Path(name)
        print(f"{size:,} revoked codes")
        hashes = _random(size)
        codes = [f"code-{number}".encode() for number in range(ASKED)]
        hashes[:ASKED] = [code_hash(ISSUER, code) for code in codes]
        _build(folder, hashes)
        _load(folder)
        others = [f"other-{number}".encode() for number in range(ASKED)]
        _ask(folder, codes, others)
        _update(folder, others)
        nothing = _per_call_us(lambda code: NO_REVOCATIONS.check(ISSUER, code, _IDENTITY), codes)
        print(f"  {'ask where no lists are':34}{nothing:10.2f} us")
        _peers(folder, hashes, codes, others)


def _random(count: int) -> Numbers:
    """Different numbers, without hashing ten million ids first."""
    return np.random.default_rng(5).integers(0, 2**64 - 1, count, np.uint64, endpoint=True)


def _build(folder: Path, hashes: Numbers) -> None:
    with _timed("  make list, and filter above 2 m"):
        publish_list(folder, (RevokedHash(int(one)) for one in hashes))
    exact = ExactList(folder / LIST_NAME)
    with _timed("  make the filter alone"):
        write_filter(folder / FILTER_NAME, np.array(exact.hashes), exact.list_id)
    for name in (LIST_NAME, FILTER_NAME):
        print(f"  {name:34}{(folder / name).stat().st_size / 1e6:10.2f} MB")
    print(f"  {'peak memory of making them':34}{_status('VmHWM') / 1e3:10.0f} MB")


def _load(folder: Path) -> None:
    both = (LIST_NAME, FILTER_NAME)
    for what, names in (("list", both[:1]), ("filter", both[1:]), ("list and filter", both)):
        files = {ISSUER: IssuerFiles({name: folder / name for name in names}, NOW)}
        _report_load(f"load {what}", partial(load_revocation, files))
    files = {ISSUER: IssuerFiles({LIST_NAME: folder / LIST_NAME}, NOW)}
    _report_memory("memory of the loaded list", files)
    wall = []
    for _ in range(ROUNDS):
        _evict(folder / LIST_NAME)
        began = time.perf_counter()
        index = load_revocation(files)
        index.check(ISSUER, b"code-1", _IDENTITY)
        wall.append(time.perf_counter() - began)
        del index
    print(f"  {'load and first question, uncached':34}{median(wall) * 1e3:10.2f} ms by the wall")
    with _timed("  verify order and id, when published"):
        verify_revocation(files)
    _in_a_bundle(folder)


def _in_a_bundle(folder: Path) -> None:
    """Each start and each new bundle hash the whole list and look at its order, in a thread."""
    repository = folder / "repository"
    publisher = a_repository(repository, {ISSUER: []})
    path = f"{layout.revocation_folder(ISSUER)}/{LIST_NAME}"
    data = (folder / LIST_NAME).read_bytes()
    publisher.put(layout.issuer_role(ISSUER), path, data, NOW)
    publisher.publish(repository, NOW)
    with _timed("  load a bundle with the list"):
        bundle = load_bundle(repository, publisher.pinned_root)
    assert not bundle.faults
    assert ISSUER in bundle.revocations.issuers


def _report_memory(what: str, files: Mapping[str, IssuerFiles]) -> None:
    """Its own, and pages of the file that the kernel may drop whenever it likes."""
    gc.collect()
    own, mapped = _status("RssAnon"), _status("RssFile")
    index = load_revocation(files)
    own, mapped = _status("RssAnon") - own, _status("RssFile") - mapped
    assert len(index) == len(files)
    print(f"  {what:34}{own:10.0f} kB, and {mapped:.0f} kB of pages that can be dropped")


def _report_load(what: str, load: Callable[[], RevocationIndex]) -> None:
    own, wall = [], []
    for _ in range(ROUNDS * 3):
        began, began_wall = time.thread_time(), time.perf_counter()
        index = load()
        own.append(time.thread_time() - began)
        wall.append(time.perf_counter() - began_wall)
        del index
    goal = f"goal <= {LOAD_GOAL_MS}"
    print(f"  {what:34}{median(own) * 1e3:10.2f} ms, wall {median(wall) * 1e3:.2f}   {goal}")


def _ask(folder: Path, codes: list[bytes], others: list[bytes]) -> None:
    for what, names, found in (
        ("list", (LIST_NAME,), Revoked.YES),
        ("filter", (FILTER_NAME,), Revoked.PROBABLY),
        ("list and filter", (LIST_NAME, FILTER_NAME), Revoked.YES),
    ):
        files = IssuerFiles({name: folder / name for name in names}, NOW)
        index = load_revocation({ISSUER: files})
        answers = {index.check(ISSUER, code, _IDENTITY) for code in codes}
        assert answers == {found}, "a revoked code was not found"
        _report_asking(f"ask {what}", index, codes, others)


def _report_asking(
    what: str, index: RevocationIndex, codes: list[bytes], others: list[bytes]
) -> None:
    hit = _per_call_us(lambda code: index.check(ISSUER, code, _IDENTITY), codes)
    miss = _per_call_us(lambda code: index.check(ISSUER, code, _IDENTITY), others)
    print(f"  {what:34}{hit:10.2f} us hit, {miss:.2f} us miss   goal <= {QUERY_GOAL_US}")


def _per_call_us(ask: Callable[[bytes], object], codes: list[bytes]) -> float:
    """The whole question, its SHA-256 included, in an order that no cache likes."""
    shuffled = random.Random(1).sample(codes, len(codes))
    times = []
    for _ in range(ROUNDS):
        began = time.thread_time()
        for code in shuffled:
            ask(code)
        times.append((time.thread_time() - began) / len(shuffled))
    return median(times) * 1e6


def _update(folder: Path, others: list[bytes]) -> None:
    made = []
    for day in range(DELTAS):
        revoke = [RevokedHash(int(one)) for one in _random(CHANGES) ^ np.uint64(day + 1)]
        began = time.thread_time()
        change(folder, revoke)
        made.append(time.thread_time() - began)
    print(f"  {f'make a delta of {CHANGES:,} codes':34}{median(made) * 1e3:10.1f} ms")
    paths = {path.name: path for path in folder.glob("*.bin") if path.name != FILTER_NAME}
    files = {ISSUER: IssuerFiles(paths, NOW)}
    _report_load(f"load list and {DELTAS} such deltas", partial(load_revocation, files))
    _report_memory("memory of list and deltas", files)
    index = load_revocation(files)
    _report_asking("ask list and deltas", index, others[:10], others)
    with _timed("  compact list and deltas"):
        compact(folder, folder / "next")


def _peers(folder: Path, hashes: Numbers, codes: list[bytes], others: list[bytes]) -> None:
    """The same hashes, asked in the two obvious other ways."""
    array = np.unique(hashes)

    def by_numpy(code: bytes) -> bool:
        wanted = np.uint64(code_hash(ISSUER, code))
        at = np.searchsorted(array, wanted)
        return bool(at < len(array) and array[at] == wanted)

    connection = sqlite3.connect(folder / "peer.db")
    connection.execute("CREATE TABLE revoked (hash INTEGER PRIMARY KEY)")
    with _timed("  SQLite, making"), connection:
        rows = ((one,) for one in np.sort(array.view(np.int64)).tolist())
        connection.executemany("INSERT INTO revoked VALUES (?)", rows)
    print(f"  {'SQLite, size':34}{(folder / 'peer.db').stat().st_size / 1e6:10.2f} MB")

    def by_sqlite(code: bytes) -> bool:
        signed = (code_hash(ISSUER, code) ^ 1 << 63) - (1 << 63)
        query = "SELECT 1 FROM revoked WHERE hash = ?"
        return connection.execute(query, (signed,)).fetchone() is not None

    for what, ask in (("numpy searchsorted", by_numpy), ("SQLite integer primary key", by_sqlite)):
        assert all(map(ask, codes[:100])), "the peer does not know the list"
        hit, miss = _per_call_us(ask, codes), _per_call_us(ask, others)
        print(f"  {'ask ' + what:34}{hit:10.2f} us hit, {miss:.2f} us miss")
    connection.close()


@contextmanager
def _timed(what: str) -> Iterator[None]:
    began, began_wall = time.thread_time(), time.perf_counter()
    yield
    own, wall = time.thread_time() - began, time.perf_counter() - began_wall
    print(f"{what:36}{own:10.2f} s, wall {wall:.2f}")


def _evict(path: Path) -> None:
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _status(name: str) -> float:
    """One line of proc(5) `status`, in kB."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith(name + ":"):
            return float(line.split()[1])
    raise RuntimeError(f"/proc/self/status has no {name}")


if __name__ == "__main__":
    _measure(int(sys.argv[1]))
