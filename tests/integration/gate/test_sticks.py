"""Sticks of every kind are put into a watch: a table of mounts, real folders, a real store."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from scanner.gate import sticks
from scanner.gate.messages import StickState
from scanner.gate.sticks import FOLDER, StickWatch
from scanner.issuing.keys import IssuerKey
from scanner.peripherals.mounts import MountWatch
from scanner.publishing.pilot import PilotPublisher
from scanner.trust.bundle import layout
from scanner.trust.bundle.sources import FolderSource
from scanner.trust.bundle.store import BundleStore, Origin
from scanner.trust.bundle.update import update
from scanner.trust.bundle.verify import verify_repository
from tests.sync_builders import wait_until
from tests.trust_builders import NOW, a_record, a_repository

ZHEJIANG = IssuerKey.generate("33")
GUANGDONG = IssuerKey.generate("44")
LATER = NOW + timedelta(hours=1)


class Port:
    """Where sticks are put in, on a gate that holds bundle 1.1."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.published = folder / "published"
        self.publisher: PilotPublisher = a_repository(self.published, {"33": [ZHEJIANG]})
        (folder / "root.json").write_bytes(self.publisher.pinned_root)
        self.store = BundleStore(folder / "gate")
        update(self.store, FolderSource(self.published), self.publisher.pinned_root)
        self.table = folder / "mountinfo"
        self.table.write_text("")
        self.media = folder / "media"
        self.number = 40
        self.states: list[StickState] = []

    def publish_guangdong(self) -> None:
        self.publisher.set_keys("44", [a_record(GUANGDONG)], LATER)
        self.publisher.publish(self.published, LATER)

    def stick(self, name: str = "usb") -> Path:
        """A stick that carries what is published; not put in yet."""
        stick = self.media / name
        shutil.copytree(self.published, stick / FOLDER)
        return stick

    def put_in(self, stick: Path) -> None:
        self.number += 1
        line = f"{self.number} 22 8:1 / {stick} ro - vfat /dev/sda1 ro\n"
        with self.table.open("a") as table:  # never empty in between: that would be pulling it out
            table.write(line)

    def pull_out(self) -> None:
        self.table.write_text("")

    @property
    def version(self) -> str:
        source = FolderSource(self.store.candidates()[0])
        return verify_repository(source, self.publisher.pinned_root).version

    @contextmanager
    def watch(self, latest: Callable[[], datetime | None] = lambda: None) -> Iterator[StickWatch]:
        mounts = MountWatch([self.media], self.table)
        with StickWatch(mounts, self.store, self.folder / "root.json", latest) as watch:
            yield watch

    def told(self, watch: StickWatch, count: int = 1) -> list[StickState]:
        """The first states that are told."""
        wait_until(lambda: len(self.heard(watch)) >= count)
        return self.states

    def heard(self, watch: StickWatch) -> list[StickState]:
        """Everything that was told so far."""
        self.states += watch.taken()
        return self.states


@pytest.fixture
def port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Port:
    monkeypatch.setattr(sticks, "_POLL_S", 0.02)  # no kernel tells of a table that is a file
    monkeypatch.setattr(sticks, "_BUSY_AGAIN_S", 0.02)
    return Port(tmp_path)


def test_a_stick_with_a_newer_bundle_is_taken_in(port: Port) -> None:
    port.publish_guangdong()
    with port.watch() as watch:
        port.put_in(port.stick())
        assert port.told(watch, 2) == [StickState.READING, StickState.TAKEN]
    assert port.version == "1.2"
    assert port.store.origin() is Origin.STICK


def test_a_stick_may_be_the_repository_itself_and_be_in_at_the_start(port: Port) -> None:
    port.publish_guangdong()
    shutil.copytree(port.published, port.media / "usb")
    port.put_in(port.media / "usb")
    with port.watch() as watch:
        assert port.told(watch, 2)[-1] is StickState.TAKEN


def test_a_stick_with_the_bundle_in_force_is_told_as_such_once(port: Port) -> None:
    with port.watch() as watch:
        port.put_in(port.stick())
        assert port.told(watch) == [StickState.SAME]
        port.put_in(port.media / "another-without-a-bundle")
        port.put_in(port.stick("third"))
        assert port.told(watch, 2) == [StickState.SAME] * 2


def test_a_stick_with_an_older_bundle_is_refused(port: Port) -> None:
    stick = port.stick()
    port.publish_guangdong()
    update(port.store, FolderSource(port.published), port.publisher.pinned_root)
    with port.watch() as watch:
        port.put_in(stick)
        assert port.told(watch) == [StickState.OLDER]
    assert port.version == "1.2"


def of_a_stranger(stick: Path) -> None:
    shutil.rmtree(stick / FOLDER)
    a_repository(stick / FOLDER, {"33": [IssuerKey.generate("33")]}, LATER)


def with_other_keys(stick: Path) -> None:
    (file,) = (stick / FOLDER / "targets" / "keys" / "44").iterdir()
    file.write_bytes(file.read_bytes().replace(b"44", b"45", 1))


def with_a_huge_file(stick: Path) -> None:
    with (stick / FOLDER / layout.TIMESTAMP_FILE).open("r+b") as file:
        file.truncate(4 << 30)


def with_a_pipe(stick: Path) -> None:
    timestamp = stick / FOLDER / layout.TIMESTAMP_FILE
    timestamp.unlink()
    os.mkfifo(timestamp)


def with_a_link_out(stick: Path) -> None:
    timestamp = stick / FOLDER / layout.TIMESTAMP_FILE
    timestamp.unlink()
    timestamp.symlink_to("/etc/passwd")


def without_a_file(stick: Path) -> None:
    (file,) = (stick / FOLDER / "targets" / "keys" / "44").iterdir()
    file.unlink()


def with_ten_thousand_folders(stick: Path) -> None:
    for number in range(10_000):
        (stick / FOLDER / "targets" / f"d{number}").mkdir()


HOSTILE: dict[Callable[[Path], None], StickState] = {
    of_a_stranger: StickState.NOT_GENUINE,
    with_other_keys: StickState.NOT_GENUINE,
    with_a_huge_file: StickState.NOT_GENUINE,
    with_a_pipe: StickState.UNREADABLE,
    with_a_link_out: StickState.UNREADABLE,
    without_a_file: StickState.UNREADABLE,
    with_ten_thousand_folders: StickState.TAKEN,
}


@pytest.mark.parametrize("spoil", HOSTILE, ids=lambda spoil: spoil.__name__)
def test_a_hostile_stick_is_told_about_once_and_the_next_one_is_taken(
    port: Port, spoil: Callable[[Path], None]
) -> None:
    port.publish_guangdong()
    stick = port.stick("bad")
    spoil(stick)
    with port.watch() as watch:
        port.put_in(stick)
        is_over = HOSTILE[spoil]
        wait_until(lambda: is_over in port.heard(watch))
        assert port.states[-1] is is_over
        is_taken = is_over is StickState.TAKEN
        assert port.version == ("1.2" if is_taken else "1.1")
        before = len(port.states)
        port.put_in(port.stick("good"))
        good = [StickState.SAME] if is_taken else [StickState.READING, StickState.TAKEN]
        assert port.told(watch, before + len(good))[before:] == good
    assert port.version == "1.2"


@pytest.mark.parametrize("name", [FOLDER, f"{FOLDER}/metadata"])
def test_a_link_in_the_place_of_a_folder_is_no_bundle(port: Port, name: str) -> None:
    same = port.stick("same")
    port.publish_guangdong()
    stick = port.media / "usb"
    (stick / name).parent.mkdir(parents=True)
    (stick / name).symlink_to(port.published if name == FOLDER else port.published / "metadata")
    with port.watch() as watch:
        port.put_in(stick)
        port.put_in(same)
        assert port.told(watch) == [StickState.SAME]
    assert port.version == "1.1"


def test_a_stick_waits_for_sync_that_is_updating(port: Port) -> None:
    port.publish_guangdong()
    with port.watch() as watch:
        with port.store.updating():
            port.put_in(port.stick())
            threading.Event().wait(0.2)
            assert watch.taken() == []
        assert port.told(watch, 2)[-1] is StickState.TAKEN


def test_a_stick_from_the_future_is_refused_where_the_time_is_known(port: Port) -> None:
    port.publish_guangdong()
    with port.watch(latest=lambda: NOW) as watch:
        port.put_in(port.stick())
        assert port.told(watch) == [StickState.NOT_GENUINE]
    assert port.version == "1.1"
