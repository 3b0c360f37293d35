"""A province joins while people queue: by the hub at one gate, by a stick at another.

Real processes: hub, sync, and two gates with simulated cameras. Neither gate is restarted. The
second gate has mounts of its own (unshare(1)), so that a stick can be put in without being root.
"""

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scanner.cli.demo.processes import Supervised, run_once, wait_for, wait_for_port
from scanner.cli.demo.setup import Deployment, deploy
from scanner.domain.entries import Entry, EntryType, TrustWay, decode_entry
from scanner.domain.passes import HEALTH_CODE, Colour, PassClaims, PassKind
from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Decision
from scanner.gate.sticks import FOLDER
from scanner.issuing.health_code import issue_health_code
from scanner.issuing.keys import IssuerKey
from scanner.issuing.pilot_repository import REPOSITORY, ROOT, key_record
from scanner.ledger.reader import LedgerReader
from scanner.publishing.pilot import PilotPublisher
from scanner.vision.sources.stage import EMPTY_GATE, Medium, Scene, write_stage

GUANGDONG = IssuerKey.generate("44")
UP_S = 40.0
HELD_S = 15.0


def can_mount() -> bool:
    command = ["unshare", "-Urm", "true"]
    return (
        shutil.which("nsenter") is not None and not subprocess.run(command, check=False).returncode
    )


def a_code(name: str) -> str:
    """The same person's code of this moment: a dynamic one is new each minute."""
    now = datetime.now(UTC).replace(microsecond=0)
    claims = PassClaims(
        format=HEALTH_CODE,
        kind=PassKind.DYNAMIC,
        issuer="44",
        colour=Colour.GREEN,
        issued_at=now,
        expires_at=now + timedelta(minutes=10),
        code_id=name.encode().ljust(8),
    )
    return issue_health_code(claims, GUANGDONG)


class Post:
    """One gate: its ledger, and what is held before its camera."""

    def __init__(self, folder: Path, publisher: PilotPublisher, now: datetime) -> None:
        self.place: Deployment = deploy(folder, [], now)
        (folder / ROOT).write_bytes(publisher.pinned_root)
        shutil.rmtree(folder / "trust")
        self.seen = 0

    def entries(self) -> list[Entry]:
        with LedgerReader(self.place.folder / "gate" / "ledger.db") as ledger:
            lines = ledger.lines_after(self.seen, 100, 1 << 20)
        return [decode_entry(line.line) for line in lines]

    def next(self, wanted: EntryType) -> Entry:
        """The next entry of this type."""
        deadline = time.monotonic() + HELD_S
        while time.monotonic() < deadline:
            for entry in self.entries():
                if entry.type is wanted:
                    self.seen = entry.seq
                    return entry
            time.sleep(0.05)
        raise AssertionError(f"no {wanted} came; {self.entries()}")

    def show(self, code: str) -> Entry:
        """Hold a code before the camera and take it away again."""
        write_stage(self.place.stage, Scene(text=code, medium=Medium.PHONE, seed=len(code)))
        entry = self.next(EntryType.SCAN)
        write_stage(self.place.stage, EMPTY_GATE)
        return entry


@pytest.fixture
def publisher(tmp_path: Path) -> PilotPublisher:
    now = datetime.now(UTC)
    publisher = PilotPublisher.create(now)
    publisher.set_keys("33", [key_record(IssuerKey.generate("33"))], now)
    publisher.publish(tmp_path / REPOSITORY, now)
    return publisher


@pytest.fixture
def posts(tmp_path: Path, publisher: PilotPublisher) -> Iterator[tuple[Post, Post]]:
    now = datetime.now(UTC)
    made = Post(tmp_path / "online", publisher, now), Post(tmp_path / "offline", publisher, now)
    yield made
    for post in made:
        post.place.remove_runtime()


@pytest.mark.e2e
@pytest.mark.timeout(180)
@pytest.mark.skipif(not can_mount(), reason="unshare or nsenter is missing or not permitted")
def test_a_new_province_is_checked_then_admitted_without_a_restart(
    tmp_path: Path, publisher: PilotPublisher, posts: tuple[Post, Post]
) -> None:
    online, offline = posts
    sticks = tmp_path / "sticks"
    (sticks / "usb").mkdir(parents=True)
    hub_file, gate_file = online.place.hub_settings, online.place.gate_settings
    text = hub_file.read_text().replace("next_sync_s = 5", "next_sync_s = 1")
    hub_file.write_text(f'{text}trust = "{tmp_path / REPOSITORY}"\n')
    off_file = offline.place.gate_settings
    off_text = off_file.read_text()
    off_file.write_text(off_text.replace("[trust]", f'[trust]\nsticks = ["{sticks}"]'))
    token = run_once(["hub", "token", "--settings", str(hub_file)], "the token").strip()
    checkpoint = [sys.executable, "-m", "scanner.cli"]
    with ExitStack() as running:
        running.enter_context(Supervised("hub", ["hub", "--settings", str(hub_file)], tmp_path))
        arguments = ["run", "--headless", "--settings", str(gate_file)]
        running.enter_context(Supervised("gate", arguments, tmp_path))
        alone = subprocess.Popen(
            ["unshare", "-Urm", *checkpoint, "run", "--headless", "--settings", str(off_file)],
            stderr=running.enter_context((tmp_path / "offline.log").open("wb")),
        )
        running.callback(alone.wait)
        running.callback(alone.terminate)
        wait_for_port(online.place.port, UP_S, "the hub")
        enrol = ["sync", "enrol", "--token", token, "--settings", str(gate_file)]
        run_once(enrol, "the enrolment")
        arguments = ["sync", "--settings", str(gate_file)]
        running.enter_context(Supervised("sync", arguments, tmp_path))
        for post in posts:
            wait_for(post.place.runtime / "gate.sock", UP_S, "the gate")

        first = online.next(EntryType.TRUST)  # sync brings the bundle of today
        put_in(alone.pid, tmp_path / REPOSITORY, sticks / "usb")
        assert offline.next(EntryType.TRUST).trust_way is TrustWay.STICK
        pull_out(alone.pid, sticks / "usb")
        assert (first.trust, first.trust_way, first.trust_before) == ("1.1", TrustWay.HUB, None)
        before = at_once(posts, a_code("before"))
        assert [entry.decision for entry in before] == [Decision.CHECK] * 2
        assert all(Reason.UNKNOWN_ISSUER in entry.reasons for entry in before)

        now = datetime.now(UTC)
        publisher.set_keys("44", [key_record(GUANGDONG)], now)
        publisher.publish(tmp_path / REPOSITORY, now)
        put_in(alone.pid, tmp_path / REPOSITORY, sticks / "usb")
        for post, way in ((online, TrustWay.HUB), (offline, TrustWay.STICK)):
            changed = post.next(EntryType.TRUST)
            assert (changed.trust_before, changed.trust, changed.trust_way) == ("1.1", "1.2", way)
        after = at_once(posts, a_code("after"))
        assert [entry.decision for entry in after] == [Decision.ADMIT] * 2
        assert {entry.trust for entry in after} == {"1.2"}
    for post in posts:
        post.seen = 0
        assert [entry.type for entry in post.entries()].count(EntryType.START) == 1


def at_once(posts: tuple[Post, Post], code: str) -> list[Entry]:
    """The same person at both gates."""
    found: dict[int, Entry] = {}

    def pass_by(number: int) -> None:
        found[number] = posts[number].show(code)

    threads = [threading.Thread(target=pass_by, args=(number,)) for number in range(len(posts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [found[number] for number in range(len(posts))]


def put_in(gate: int, repository: Path, point: Path) -> None:
    """Mount a stick that carries the repository where this process sees it."""
    stick = point.parent.parent / "stick"
    shutil.rmtree(stick, ignore_errors=True)
    shutil.copytree(repository, stick / FOLDER)
    inside(gate, "mount", "--bind", str(stick), str(point))


def pull_out(gate: int, point: Path) -> None:
    inside(gate, "umount", "--lazy", str(point))


def inside(gate: int, *command: str) -> None:
    entry = ["nsenter", f"--target={gate}", "--user", "--mount", "--preserve-credentials"]
    subprocess.run([*entry, *command], check=True)
