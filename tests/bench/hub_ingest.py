"""Batches of 300 entries (240 KiB), beside bare `executemany` of the same rows."""

import sqlite3
import tempfile
import time
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from statistics import median

from scanner.domain.entries import encode_entry
from scanner.ledger.device import Device
from sync import signatures
from sync.hub.bodies import gunzip
from sync.hub.ingest import Push, read_push
from sync.hub.service import Hub
from sync.hub.travel import Place
from sync.protocol import MAX_BODY_BYTES
from tests.ledger_builders import NOON, an_entry
from tests.sync_builders import Log, a_device, a_hub, a_push

ROUNDS = 5
BATCHES = 60
PER_BATCH = 300
_DEVICE, _OTHER = a_device(), a_device(2)


def run() -> None:
    """Print entries a second of each layer, taken in turns on fresh databases, and the ratios."""
    log = Log(_DEVICE).record(BATCHES * PER_BATCH)
    requests = [a_push(log, number * PER_BATCH, PER_BATCH) for number in range(BATCHES)]
    pushes = [_read(request) for request in requests]
    marked = [_with_traces(device) for device in (_OTHER, _DEVICE)]
    rates: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            rows = _store(folder / "store", pushes, rates)
            _bare(folder / "store" / "hub.db", folder / "bare.db", rows, rates)
            _marked(folder / "marked", marked, rates)
            _whole(folder / "whole", requests, rates)
    bare = median(rates["bare executemany"])
    for layer, values in rates.items():
        print(f"{layer:32} {median(values):9,.0f} entries/s, {median(values) / bare:.2f} of bare")


def _read(request: signatures.Request, device: Device = _DEVICE) -> Push:
    body = gunzip(request.body, MAX_BODY_BYTES)
    key = device.private_key.public_key()
    return read_push(device.device_id, key, request.headers, body)


def _store(
    folder: Path, pushes: Sequence[Push], rates: dict[str, list[float]]
) -> list[tuple[object, ...]]:
    """The store alone; returns the rows that it wrote."""
    store = a_hub(folder, [_DEVICE]).store
    device = store.device(_DEVICE.device_id)
    assert device is not None
    began = time.perf_counter()
    for push in pushes:
        store.append(device, push.batch, push.report, push.checkpoint, NOON)
    _note(rates, "store, batches already checked", began)
    store.close()
    with sqlite3.connect(folder / "hub.db") as db:
        rows = db.execute("SELECT * FROM entries ORDER BY id").fetchall()
    db.close()
    return rows


def _with_traces(device: Device) -> list[Push]:
    """The same entries, each marked and of another person."""
    log = Log(device)
    for seq in range(1, BATCHES * PER_BATCH + 1):
        trace = sha256(str(seq).encode()).hexdigest()[:16]
        log.append(encode_entry(an_entry(seq, boot="b", trace=trace)))
    numbers = range(BATCHES)
    return [_read(a_push(log, n * PER_BATCH, PER_BATCH), device) for n in numbers]


def _marked(folder: Path, marked: Sequence[list[Push]], rates: dict[str, list[float]]) -> None:
    """The store, where each person was seen at another gate, too, and could have come from it."""
    store = a_hub(folder, [_OTHER, _DEVICE]).store
    for number, device in enumerate((_OTHER, _DEVICE)):
        assert store.set_place(device.device_id, Place(30.0, 120.0 + number / 1000))
    for device, pushes in zip((_OTHER, _DEVICE), marked, strict=True):
        known = store.device(device.device_id)
        assert known is not None
        began = time.perf_counter()
        for push in pushes:
            store.append(known, push.batch, push.report, push.checkpoint, NOON)
    _note(rates, "store, everybody compared", began)
    store.close()


def _bare(
    like: Path, path: Path, rows: list[tuple[object, ...]], rates: dict[str, list[float]]
) -> None:
    """The same rows, table, index, pragmas and commits, and nothing else."""
    with sqlite3.connect(like) as source:
        (schema,) = source.execute(
            "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'entries'"
        ).fetchone()
    source.close()
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute(schema)
    marks = ", ".join("?" * len(rows[0]))
    began = time.perf_counter()
    for start in range(0, len(rows), PER_BATCH):
        db.execute("BEGIN IMMEDIATE")
        db.executemany(
            f"INSERT INTO entries VALUES ({marks})",  # noqa: S608 - question marks
            rows[start : start + PER_BATCH],
        )
        db.execute("COMMIT")
    _note(rates, "bare executemany", began)
    db.close()


def _whole(
    folder: Path, requests: Sequence[signatures.Request], rates: dict[str, list[float]]
) -> None:
    """Signature, gzip, chain, entries, checkpoint and store; without the socket."""
    hub: Hub = a_hub(folder, [_DEVICE])
    began = time.perf_counter()
    for request in requests:
        hub.push(_DEVICE.device_id, request)
    _note(rates, "whole push, signature to commit", began)
    hub.store.close()


def _note(rates: dict[str, list[float]], layer: str, began: float) -> None:
    seconds = time.perf_counter() - began
    rates.setdefault(layer, []).append(BATCHES * PER_BATCH / seconds)
