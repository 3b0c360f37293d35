"""A keyboard wedge behind its grab, fed with real event structs through a pipe.

The grab itself needs an input device, which neither a container nor a build machine has.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from scanner.domain.errors import ScannerError
from scanner.peripherals.attached import AttachedScanner
from scanner.peripherals.keys import NATIVE
from scanner.peripherals.layouts import US
from scanner.peripherals.wedge_scanner import WedgeScanner, open_wedge
from tests.scanner_builders import typed, until

CODE = ("JKM1:" + "6BF1A09C $%*+-./:Z" * 40)[:600]


@pytest.fixture
def pipe() -> Iterator[tuple[WedgeScanner, int]]:
    device, keys = os.pipe()
    with WedgeScanner(device, "/dev/input/event7", US) as scanner, os.fdopen(keys, "wb") as end:
        yield scanner, end.fileno()


def test_a_600_character_code_arrives_exactly(pipe: tuple[WedgeScanner, int]) -> None:
    scanner, keys = pipe
    events = typed(CODE, US)
    texts = []
    for start in range(0, len(events), 100 * NATIVE.size):
        os.write(keys, events[start : start + 100 * NATIVE.size])
        texts += scanner.read()
    assert [text.text for text in texts] == [CODE]
    assert scanner.dropped == 0


def test_reading_a_quiet_scanner_returns_soon(pipe: tuple[WedgeScanner, int]) -> None:
    scanner, _ = pipe
    assert scanner.read() == []


def test_a_device_that_goes_away_is_an_error_that_names_it() -> None:
    device, keys = os.pipe()
    os.close(keys)
    with (
        WedgeScanner(device, "/dev/input/event7", US) as scanner,
        pytest.raises(ScannerError, match="/dev/input/event7 is gone"),
    ):
        scanner.read()
    scanner.close()


def test_a_wedge_that_was_unplugged_comes_back() -> None:
    ends: list[int] = []

    def plug_in() -> WedgeScanner:
        device, keys = os.pipe()
        ends.append(keys)
        return WedgeScanner(device, "/dev/input/event7", US)

    def scans(text: str) -> None:
        opened = len(ends)
        os.write(ends[-1], typed(text, US))
        until(lambda: [scanned.text for scanned in scanner.take()] == [text])
        os.close(ends[-1])
        until(lambda: len(ends) > opened)

    with AttachedScanner(plug_in, first_pause_s=0.01) as scanner:
        until(lambda: scanner.is_open)
        scans("BEFORE")
        scans("AFTER")
    os.close(ends[-1])


def test_what_cannot_be_grabbed_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "event0"
    file.touch()
    with pytest.raises(ScannerError, match="cannot be taken for the gate alone"):
        open_wedge(str(file), US)
    with pytest.raises(ScannerError, match="cannot be opened"):
        open_wedge(str(tmp_path / "absent"), US)
