"""`checkpoint kiosk` in a real pseudo-terminal."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = (sys.executable, "-m", "scanner.cli", "kiosk")
START_S = 30


def read_until(terminal: int, expected: bytes) -> bytes:
    """What the terminal was sent, up to and including `expected`."""
    received, deadline = b"", time.monotonic() + START_S
    while expected not in received:
        ready, _, _ = select.select([terminal], [], [], deadline - time.monotonic())
        assert ready, received[-200:]
        received += os.read(terminal, 65536)
    return received


@pytest.mark.e2e
@pytest.mark.parametrize("end", [b"q", b"\x03", signal.SIGTERM], ids=["q", "Ctrl-C", "SIGTERM"])
def test_it_asks_for_sixel_shows_that_there_is_no_gate_and_ends(
    tmp_path: Path, end: bytes | signal.Signals
) -> None:
    terminal, program = pty.openpty()
    command = (*COMMAND, "--socket", str(tmp_path / "gate.sock"))
    environment = {**os.environ, "TERM": "xterm-256color"}
    with subprocess.Popen(
        command, stdin=program, stdout=program, stderr=program, env=environment
    ) as kiosk:
        read_until(terminal, b"\x1b[c")
        os.write(terminal, b"\x1b[?62;4c")
        read_until(terminal, b'\x1bP0;1q"1;1;')
        read_until(terminal, b"checkpoint-gate")
        if isinstance(end, bytes):
            os.write(terminal, end)
        else:
            kiosk.send_signal(end)
        read_until(terminal, b"\x1b[?1049l")  # the terminal's own screen is back
        read_until(terminal, b"\x1b]111\x1b\\")
        assert kiosk.wait(timeout=30) == 0
    os.close(terminal)
    os.close(program)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (*COMMAND, *arguments),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_without_a_terminal_it_says_what_to_do() -> None:
    ended = run()
    assert ended.returncode == 1
    assert "The kiosk needs a terminal." in ended.stderr


def test_an_unknown_language_is_answered_with_the_known_ones() -> None:
    ended = run("--language", "tlh")
    assert ended.returncode == 1
    assert "Known: en, zh_CN." in ended.stderr
