"""Sync keeps the bundle as new as the hub's, and pushing never waits for it."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.issuing.keys import IssuerKey
from scanner.ledger.sync_status import HubTime, TrustTrouble, load_sync_status
from scanner.trust.bundle.bundle import load_bundle
from scanner.trust.bundle.sources import FolderSource
from scanner.trust.bundle.store import BundleStore, Origin
from scanner.trust.bundle.update import update
from sync.agent.client import HubClient, up_ms
from sync.agent.service import Agent, AgentPaths
from sync.agent.trust_source import HttpSource
from sync.agent.trust_updates import LONGEST_PAUSE_S, Rhythm, TrustUpdates
from tests.faults.sync.scripted import answer, scripted
from tests.relay import relay
from tests.sync_builders import a_device, a_ledger, identity_of, served, wait_until
from tests.trust_builders import NOW, a_record, a_repository

DEVICE = a_device()
GUANGDONG = IssuerKey.generate("44")


def updates_of(tmp_path: Path, url: str, interval_s: float = 900) -> TrustUpdates:
    return TrustUpdates(
        BundleStore(tmp_path / "gate"), HttpSource(url), tmp_path / "root.json", interval_s
    )


def test_a_refresh_brings_the_bundle_and_says_so(tmp_path: Path) -> None:
    publisher = a_repository(tmp_path / "repository", {"33": []})
    (tmp_path / "root.json").write_bytes(publisher.pinned_root)
    with served(tmp_path / "hub", [], tmp_path / "repository") as (_, port):
        told = updates_of(tmp_path, f"http://127.0.0.1:{port}/trust").refresh(NOW)
    store = BundleStore(tmp_path / "gate")
    assert (told.version, told.checked_at, told.trouble) == ("1.1", NOW, None)
    assert store.origin() is Origin.HUB
    assert load_bundle(store.candidates()[0], publisher.pinned_root).version == "1.1"


def test_each_trouble_has_its_word_and_the_last_success_stays(tmp_path: Path) -> None:
    publisher = a_repository(tmp_path / "repository", {"33": []})
    (tmp_path / "root.json").write_bytes(publisher.pinned_root)
    a_repository(tmp_path / "stranger", {"33": []})
    store = BundleStore(tmp_path / "gate")
    update(store, FolderSource(tmp_path / "repository"), publisher.pinned_root)

    def trouble_with(folder: Path | None) -> TrustTrouble | None:
        with served(tmp_path / "hub", [], folder) as (_, port):
            return updates_of(tmp_path, f"http://127.0.0.1:{port}/trust").refresh(NOW).trouble

    assert trouble_with(tmp_path / "repository") is None
    assert trouble_with(None) is TrustTrouble.UNREACHABLE
    assert trouble_with(tmp_path / "stranger") is TrustTrouble.REFUSED
    with store.updating():
        assert trouble_with(tmp_path / "repository") is TrustTrouble.BUSY
    with scripted(lambda *_: [answer("302 Found", location="/login")]) as portal:
        updates = updates_of(tmp_path, f"http://127.0.0.1:{portal.port}")
        assert updates.refresh(NOW).trouble is TrustTrouble.CAPTIVE
    publisher.publish(tmp_path / "newer", NOW)
    update(store, FolderSource(tmp_path / "newer"), publisher.pinned_root)
    assert trouble_with(tmp_path / "repository") is TrustTrouble.OLDER
    (tmp_path / "root.json").unlink()
    assert trouble_with(tmp_path / "repository") is TrustTrouble.REFUSED


def test_a_bundle_that_is_signed_in_the_hubs_future_is_refused(tmp_path: Path) -> None:
    """A stolen timestamp key would otherwise push every gate's floor of time ahead."""
    publisher = a_repository(tmp_path / "repository", {"33": []}, NOW + timedelta(days=3))
    (tmp_path / "root.json").write_bytes(publisher.pinned_root)
    with served(tmp_path / "hub", [], tmp_path / "repository") as (_, port):
        updates = updates_of(tmp_path, f"http://127.0.0.1:{port}/trust")

        def trouble_at(hub: datetime) -> TrustTrouble | None:
            told = HubTime(boot="b", up_ms=up_ms(), at=hub, error_ms=20)
            updates.hub_answered(None, was_away=False, hub_time=told)
            return updates.refresh(NOW).trouble

        assert trouble_at(NOW) is TrustTrouble.REFUSED
        assert trouble_at(NOW + timedelta(days=3)) is None


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_the_answer_to_a_push_brings_what_was_published_since(
    tmp_path: Path, stop: threading.Event
) -> None:
    """The interval is an hour; the hub's word makes it a heartbeat."""
    repository = tmp_path / "repository"
    publisher = a_repository(repository, {"33": []})
    (tmp_path / "root.json").write_bytes(publisher.pinned_root)
    a_ledger(tmp_path / "ledger.db", DEVICE, 1)
    paths = AgentPaths(tmp_path / "ledger.db", tmp_path / "outbox.json", tmp_path / "status.json")

    def version() -> str:
        status = load_sync_status(paths.status)
        return status.trust.version if status and status.trust else ""

    with served(tmp_path / "hub", [DEVICE], repository) as (hub, port):
        url = f"http://127.0.0.1:{port}"
        updates = updates_of(tmp_path, f"{url}/trust", interval_s=3600)
        agent = Agent(paths, DEVICE, identity_of(hub), HubClient(url, DEVICE), 60, updates)
        threads = [threading.Thread(target=work, args=(stop,)) for work in (agent.run, updates.run)]
        for thread in threads:
            thread.start()
        wait_until(lambda: version() == "1.1")
        publisher.set_keys("44", [a_record(GUANGDONG)], NOW + timedelta(hours=1))
        publisher.publish(repository, NOW + timedelta(hours=1))
        a_ledger(tmp_path / "ledger.db", DEVICE, 1)  # somebody passes, and sync pushes
        wait_until(lambda: version() == "1.2")
        stop.set()
        updates.wake()
        for thread in threads:
            thread.join()
    bundle = load_bundle(BundleStore(tmp_path / "gate").candidates()[0], publisher.pinned_root)
    assert bundle.knows("44")


def test_pushing_never_waits_for_a_repository_that_hangs(
    tmp_path: Path, stop: threading.Event
) -> None:
    (tmp_path / "root.json").write_bytes(a_repository(tmp_path / "any", {}).pinned_root)
    a_ledger(tmp_path / "ledger.db", DEVICE, 3)
    paths = AgentPaths(tmp_path / "ledger.db", tmp_path / "outbox.json", tmp_path / "status.json")

    def hang(_path: str, _headers: dict[str, str]) -> Iterator[bytes]:
        while not stop.wait(0.05):
            yield b""

    with served(tmp_path / "hub", [DEVICE]) as (hub, port), scripted(hang) as slow:
        updates = updates_of(tmp_path, f"http://127.0.0.1:{slow.port}")
        threading.Thread(target=updates.run, args=(stop,), daemon=True).start()
        wait_until(lambda: slow.paths != [])
        client = HubClient(f"http://127.0.0.1:{port}", DEVICE)
        agent = Agent(paths, DEVICE, identity_of(hub), client, 60, updates)
        assert agent.run_once(stop, timeout_s=20)
        assert updates.told.at is None  # it still hangs
        stop.set()
        updates.wake()


@given(st.integers(0, 10_000), st.floats(0, 1, exclude_max=True))
def test_pauses_are_spread_and_never_longer_than_the_interval(failures: int, jitter: float) -> None:
    rhythm = Rhythm(interval_s=900, failures=failures)
    pause_s = rhythm.pause_s(jitter)
    assert 0.2 <= pause_s <= (LONGEST_PAUSE_S if failures else 990)


def test_a_repository_that_failed_brings_no_early_attempt_again() -> None:
    rhythm = Rhythm(900, checked="a" * 16, doubted="b" * 16)
    assert not rhythm.is_news(None)
    assert not rhythm.is_news("a" * 16)
    assert not rhythm.is_news("b" * 16)
    assert rhythm.is_news("c" * 16)


def test_a_hub_that_is_back_is_asked_at_once(tmp_path: Path, stop: threading.Event) -> None:
    publisher = a_repository(tmp_path / "repository", {})
    (tmp_path / "root.json").write_bytes(publisher.pinned_root)
    is_up = False

    def serve(path: str, _headers: dict[str, str]) -> list[bytes]:
        file = tmp_path / "repository" / path.lstrip("/")
        if not is_up:
            return [answer("503 Later")]
        return [answer("200 OK", file.read_bytes()) if file.is_file() else answer("404 No")]

    with scripted(serve) as hub:
        updates = updates_of(tmp_path, f"http://127.0.0.1:{hub.port}")
        updates.refresh(datetime.now(UTC))
        assert updates.told.trouble is TrustTrouble.UNREACHABLE
        is_up = True
        updates.hub_answered(None, was_away=True)
        thread = threading.Thread(target=updates.run, args=(stop,))
        thread.start()
        wait_until(lambda: updates.told.version == "1.1")
        stop.set()
        updates.wake()
        thread.join()


def test_sync_killed_in_the_middle_of_a_file_goes_on_where_it_was(tmp_path: Path) -> None:
    """SIGKILL while a large file comes; the next process fetches the rest."""
    size = 8 << 20
    repository = tmp_path / "repository"
    publisher = a_repository(repository, {"33": []})
    publisher.put("issuer-33", "revocation/33/base.bin", os.urandom(size), NOW)
    publisher.publish(repository, NOW)
    (tmp_path / "root.json").write_bytes(publisher.pinned_root)
    program = (
        "import sys; from pathlib import Path; from datetime import datetime, UTC\n"
        "from scanner.trust.bundle.store import BundleStore\n"
        "from sync.agent.trust_source import HttpSource\n"
        "from sync.agent.trust_updates import TrustUpdates\n"
        "folder = Path(sys.argv[1])\n"
        "TrustUpdates(BundleStore(folder / 'gate'), HttpSource(sys.argv[2]),"
        " folder / 'root.json', 900).refresh(datetime.now(UTC))\n"
    )

    def part_size() -> int:
        parts = (tmp_path / "gate" / "incoming").rglob("*.part")
        return sum(part.stat().st_size for part in parts)

    with served(tmp_path / "hub", [], repository) as (_, port), relay(port) as wire:
        url = f"http://127.0.0.1:{wire.port}/trust"
        wire.stall_after = 5 << 20
        process = subprocess.Popen([sys.executable, "-c", program, str(tmp_path), url])
        wait_until(lambda: part_size() > 4 << 20, timeout_s=20)
        process.send_signal(signal.SIGKILL)
        process.wait()
        come = part_size()
        wire.stall_after = None
        store = BundleStore(tmp_path / "gate")
        assert store.candidates() == []
        with relay(port) as second:
            source = HttpSource(f"http://127.0.0.1:{second.port}/trust")
            assert update(store, source, publisher.pinned_root).is_news
            source.close()
    assert second.received < size - come + 20_000
