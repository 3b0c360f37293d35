"""Power that goes during an update, and cards that are full: the last good bundle stays."""

import multiprocessing
import random
import resource
import shutil
import time
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import BinaryIO, Final

import pytest

from scanner.domain.errors import TrustError
from scanner.trust.bundle.in_force import BundleVersion
from scanner.trust.bundle.sources import FolderSource
from scanner.trust.bundle.store import BundleStore
from scanner.trust.bundle.update import update
from tests.faults.trust.attacks import World

KILLS: Final = 25
PUBLISHED: Final = 10
_FORK: Final = multiprocessing.get_context("fork")
_NO_LIMIT: Final = resource.RLIM_INFINITY


def _update_all(folder: Path, size: int, told: Connection) -> None:
    """In a process of its own: take what was published, the oldest first.

    Args:
        folder: the world's.
        size: no file can become larger, as on a full card.
        told: gets a line for each refusal.
    """
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    store, root = BundleStore(folder / "gate"), (folder / "root.json").read_bytes()
    told.send("ready")
    for repository in sorted((folder / "published").iterdir()):
        try:
            update(store, FolderSource(repository), root)
        except TrustError as error:
            told.send(error.found)
    told.close()


def _updating(folder: Path, size: int = _NO_LIMIT) -> "tuple[BaseProcess, Connection]":
    here, there = _FORK.Pipe(duplex=False)
    process = _FORK.Process(target=_update_all, args=(folder, size, there))
    process.start()
    there.close()
    assert here.recv() == "ready"
    return process, here


def _told(folder: Path, size: int = _NO_LIMIT) -> list[str]:
    """What an update that is left alone says."""
    process, here = _updating(folder, size)
    lines: list[str] = []
    try:
        while True:
            lines.append(here.recv())
    except EOFError:
        process.join()
    return lines


def _published(world: World, count: int) -> None:
    """So many versions, each with a file that is larger than what a pipe or page holds."""
    for number in range(count):
        data = random.Random(number).randbytes(200_000)
        world.publisher.put("targets", "recognition/matrix.toml", data, world.later())
        world.publish()
        shutil.copytree(world.stick, world.folder / "published" / f"{number:03}")


def test_power_that_goes_at_any_moment_leaves_a_whole_bundle(tmp_path: Path) -> None:
    world = World(tmp_path)
    _published(world, PUBLISHED)
    before, moments = BundleVersion.of(world.bundle), random.Random(5)
    for _ in range(KILLS):
        process, _ = _updating(tmp_path)
        time.sleep(moments.uniform(0, 0.1))
        process.kill()
        process.join()
        after = BundleVersion.of(world.bundle)
        assert after >= before, "an older bundle after a power cut"
        before = after
    _told(tmp_path)
    assert BundleVersion.of(world.bundle).timestamp == PUBLISHED + 1
    assert len(list((world.store.folder / "bundles").iterdir())) == 2


@pytest.mark.parametrize("size", [0, 100, 3_000, 150_000])
def test_a_card_without_room_keeps_the_last_good_bundle(tmp_path: Path, size: int) -> None:
    world = World(tmp_path)
    _published(world, 1)
    (line,) = _told(tmp_path, size)
    assert "cannot be written" in line
    assert world.bundle.version == "1.1"
    assert not world.store.incoming.exists()
    assert _told(tmp_path) == []
    assert world.bundle.version == "1.2"


def test_attempts_that_fail_at_the_last_step_do_not_pile_up(tmp_path: Path) -> None:
    world = World(tmp_path)
    _published(world, 1)
    current = world.store.folder / "current"
    current.unlink()
    current.mkdir()  # nothing can be renamed over a folder
    (before,) = world.store.candidates()
    for _ in range(3):
        assert not world.take()
        assert world.store.candidates() == [before]
    current.rmdir()
    assert world.take()


def test_a_stick_that_is_pulled_out_leaves_what_came_for_the_next_time(tmp_path: Path) -> None:
    world = World(tmp_path)
    _published(world, 1)
    half = shutil.copytree(world.stick, tmp_path / "half")
    for file in (half / "targets/recognition").iterdir():
        file.unlink()
    assert not world.take(FolderSource(half))
    assert any((world.store.incoming / "metadata").iterdir())
    assert world.bundle.version == "1.1"
    assert world.take()


@pytest.mark.parametrize("spoilt", [False, True])
def test_what_had_come_of_a_file_is_gone_on_from_unless_it_is_spoilt(
    tmp_path: Path, spoilt: bool
) -> None:
    world = World(tmp_path)
    _published(world, 1)
    (file,) = (world.stick / "targets/recognition").iterdir()
    whole = file.read_bytes()
    half = shutil.copytree(world.stick, tmp_path / "half")
    (half / file.relative_to(world.stick)).unlink()
    world.take(FolderSource(half))
    part = world.store.incoming / f"{file.relative_to(world.stick)}.part"
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(b"\0" * 1000 if spoilt else whole[:1000])
    asked: list[int] = []

    class Watched(FolderSource):
        def open(self, name: str, offset: int = 0) -> BinaryIO | None:
            if name.endswith(file.name):
                asked.append(offset)
            return super().open(name, offset)

    assert world.take(Watched(world.stick))
    assert asked == ([1000, 0] if spoilt else [1000])
    assert world.bundle.small["recognition/matrix.toml"] == whole
