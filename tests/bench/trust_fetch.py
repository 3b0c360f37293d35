"""What a trust bundle of 31 issuers with 10 keys each costs on the wire, counted in a relay."""

import tempfile
import time
from datetime import timedelta
from pathlib import Path

from scanner.issuing.keys import IssuerKey
from scanner.trust.bundle.store import BundleStore
from scanner.trust.bundle.update import update
from sync.agent.trust_source import HttpSource
from tests.relay import Wire, relay
from tests.sync_builders import served
from tests.trust_builders import NOW, PROVINCES, a_country, a_record, a_repository

KEYS = 10
_GOALS = {"first fetch": 150_000, "nothing new": 1_000}


def run() -> None:
    """Print requests, connections, bytes and time of each kind of refresh."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        repository = folder / "repository"
        publisher = a_repository(repository, a_country(KEYS))
        store = BundleStore(folder / "gate")
        with served(folder / "hub", [], repository) as (_, port), relay(port) as wire:
            source = HttpSource(f"http://127.0.0.1:{wire.port}/trust")

            def refresh(label: str) -> None:
                wire.reset()
                began = time.perf_counter()
                update(store, source, publisher.pinned_root)
                seconds = time.perf_counter() - began
                source.close()
                _print(label, wire, seconds)

            print(f"{PROVINCES} issuers, {KEYS} keys each; bytes above TCP, without TLS")
            refresh("first fetch")
            refresh("nothing new")
            source = HttpSource(f"http://127.0.0.1:{wire.port}/trust")
            refresh("nothing new, sync restarted")
            later = NOW + timedelta(hours=1)
            publisher.publish(repository, later)
            refresh("only the timestamp is newer")
            publisher.set_keys("33", [a_record(IssuerKey.generate("33"))], later)
            publisher.publish(repository, later)
            refresh("one province changed its keys")


def _print(label: str, wire: Wire, seconds: float) -> None:
    whole = wire.sent + wire.received
    goal = _GOALS.get(label)
    print(
        f"{label:32} {wire.requests:3} requests, {wire.connections} connection,"
        f" {whole:7,} bytes: {wire.sent:6,} up and {wire.answer_headers:6,} down are headers,"
        f" {wire.received - wire.answer_headers:7,} are files; {seconds * 1000:5.0f} ms"
        + (f" (goal {goal:,})" if goal else "")
    )
