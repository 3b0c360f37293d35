"""A serial scanner over a pseudo-terminal: a real device file, real hang-ups."""

import os
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scanner.domain.errors import ScannerError
from scanner.peripherals.attached import AttachedScanner
from scanner.peripherals.serial_scanner import SerialScanner
from tests.scanner_builders import Cable, until

CODE = ("JKM1:" + "6BF1A09C $%*+-./:Z" * 40)[:600]


@pytest.fixture
def cable(tmp_path: Path) -> Iterator[Cable]:
    cable = Cable(tmp_path / "ttyACM0")
    yield cable
    cable.unplug()


@contextmanager
def attached(cable: Cable) -> Iterator[AttachedScanner]:
    """A scanner that is read; what came before the port was opened is stale and dropped."""
    with AttachedScanner(
        lambda: SerialScanner(str(cable.path), 115_200), first_pause_s=0.01, longest_pause_s=0.02
    ) as scanner:
        until(lambda: scanner.is_open or scanner.failure is not None)
        yield scanner


def wait_for(scanner: AttachedScanner, count: int) -> list[str]:
    texts: list[str] = []

    def arrived() -> bool:
        texts.extend(text.text for text in scanner.take())
        return len(texts) >= count

    until(arrived)
    return texts


def test_a_code_in_one_burst_and_one_in_pieces_arrive_whole(cable: Cable) -> None:
    with attached(cable) as scanner:
        cable.send(CODE.encode() + b"\r\n" + b"]Q1SECOND\r\n")
        for start in range(0, 600, 64):  # the packets of full-speed USB
            cable.send(CODE.encode()[start : start + 64])
        cable.send(b"\r\n")
        assert wait_for(scanner, 3) == [CODE, "SECOND", CODE]


def test_a_scanner_without_a_terminator_is_read_too(cable: Cable) -> None:
    with attached(cable) as scanner:
        cable.send(CODE.encode())
        assert wait_for(scanner, 1) == [CODE]


def test_garbage_spoils_nothing_that_follows_it(cable: Cable) -> None:
    with attached(cable) as scanner:
        cable.send(bytes(range(256)).replace(b"\r", b"") + b"\xff" * 5000 + b"\r")
        cable.send(b"AFTER\r")
        assert wait_for(scanner, 1) == ["AFTER"]
        assert scanner.is_open


def test_a_scanner_that_was_unplugged_comes_back(cable: Cable) -> None:
    with attached(cable) as scanner:
        cable.send(b"BEFORE\r")
        assert wait_for(scanner, 1) == ["BEFORE"]
        cable.send(b"HALF OF")
        cable.unplug()
        until(lambda: scanner.failure is not None)
        assert not scanner.is_open
        cable.plug_in()
        until(lambda: scanner.is_open)
        assert scanner.failure is None
        cable.send(b"AFTER\r")
        assert wait_for(scanner, 1) == ["AFTER"]


def test_a_scanner_may_be_plugged_in_later(cable: Cable) -> None:
    cable.unplug()
    with attached(cable) as scanner:
        until(lambda: scanner.failure is not None)
        cable.plug_in()
        until(lambda: scanner.is_open)


def test_a_device_that_floods_the_gate_displaces_its_own(cable: Cable) -> None:
    with attached(cable) as scanner:
        for number in range(200):
            cable.send(f"TEXT {number}\r".encode())
        cable.send(b"LAST\r")
        until(lambda: any(text.text == "LAST" for text in scanner.take()))
        assert scanner.is_open


def test_a_port_that_is_missing_or_no_port_is_explained(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for path in (tmp_path / "absent", file):
        with pytest.raises(ScannerError, match="cannot be opened") as caught:
            SerialScanner(str(path), 115_200)
        assert "dialout" in caught.value.remedy


def test_two_gates_do_not_share_a_scanner(cable: Cable) -> None:
    with (
        SerialScanner(str(cable.path), 115_200),
        pytest.raises(ScannerError, match="cannot be opened"),
    ):
        SerialScanner(str(cable.path), 115_200)
    SerialScanner(str(cable.path), 115_200).close()


def test_closing_twice_is_fine() -> None:
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    scanner = SerialScanner(os.ttyname(theirs), 9600)
    assert scanner.name == os.ttyname(theirs)
    scanner.close()
    scanner.close()
    for end in (ours, theirs):
        os.close(end)
