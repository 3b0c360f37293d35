"""Media and servers that send too much, too slowly, or what is no file."""

import io
import os
import threading
from pathlib import Path
from typing import BinaryIO, Final

import pytest

from scanner.trust.bundle import layout, sources
from scanner.trust.bundle.sources import FolderSource, SourceError
from scanner.trust.bundle.store import BusyError
from tests.faults.trust.attacks import Attack, World, judge, parametrised

_MUCH: Final = 1 << 20


class _Endless(io.RawIOBase):
    """A file that never ends; it counts what was taken, and ends where nobody else does."""

    taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        view[:] = b" " * len(view)
        _Endless.taken += len(view)
        return len(view) if _Endless.taken < _MUCH else 0


class _EndlessFrom:
    """A repository in which one file never ends."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = FolderSource(folder)
        self._name = name

    def open(self, name: str, offset: int = 0) -> BinaryIO | None:
        if name.endswith(self._name):
            _Endless.taken = 0
            return io.BufferedReader(_Endless())
        return self._folder.open(name, offset)


def endless_timestamp(world: World) -> bool:
    world.publish()
    world.take(_EndlessFrom(world.stick, "timestamp.json"))
    return _Endless.taken >= _MUCH


def endless_target(world: World) -> bool:
    """The attacker wants the card full: more than was signed for is written to it."""
    world.publisher.set_keys("33", [], world.later())
    world.publish()
    world.take(_EndlessFrom(world.stick, ".keys.json"))
    return _Endless.taken >= _MUCH


def link_out(world: World) -> bool:
    """A folder of the stick is a link to a folder of the gate's."""
    world.publish()
    outside = world.folder / "outside"
    (world.stick / layout.METADATA).rename(outside)
    (world.stick / layout.METADATA).symlink_to(outside, target_is_directory=True)
    return world.take()


def _following(folder: Path, name: str) -> int:
    return os.open(folder / name, os.O_RDONLY)


def _unlimited(source: sources.RepositorySource, name: str, limit: int) -> bytes | None:
    del limit
    file = source.open(name)
    return None if file is None else file.read()


ATTACKS: Final = (
    Attack(
        "endless metadata",
        endless_timestamp,
        {"scanner.trust.bundle.verify.read_whole": _unlimited},
    ),
    Attack(
        "endless target",
        endless_target,
        {"scanner.trust.bundle.targets._is_too_much": lambda _: False},
    ),
    Attack("a link out of the stick", link_out, {f"{sources.__name__}._open_plain": _following}),
)


@parametrised(ATTACKS)
def test_a_medium_is_read_as_far_as_was_signed_for(
    attack: Attack, defended: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge(attack, tmp_path, monkeypatch, defended=defended)


@pytest.mark.parametrize("kind", ["pipe", "folder", "link", "device"])
def test_what_is_no_plain_file_is_refused_without_waiting_for_it(tmp_path: Path, kind: str) -> None:
    path = tmp_path / layout.TIMESTAMP_FILE
    path.parent.mkdir()
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("/dev/zero" if kind == "device" else __file__)
    with pytest.raises(SourceError):
        FolderSource(tmp_path).open(layout.TIMESTAMP_FILE)


def test_a_source_that_hangs_holds_up_no_reader_and_no_scan(tmp_path: Path) -> None:
    """It holds the lock of updates alone; the gate reads without one."""
    world = World(tmp_path)
    world.publish()
    asked, go_on = threading.Event(), threading.Event()

    class Hanging(FolderSource):
        def open(self, name: str, offset: int = 0) -> BinaryIO | None:
            asked.set()
            go_on.wait(30)
            return super().open(name, offset)

    updating = threading.Thread(target=world.take, args=(Hanging(world.stick),))
    updating.start()
    assert asked.wait(30)
    assert world.bundle.version == "1.1"
    assert not world.take()
    assert isinstance(world.refusal, BusyError)
    go_on.set()
    updating.join(30)
    assert world.bundle.version == "1.2"
