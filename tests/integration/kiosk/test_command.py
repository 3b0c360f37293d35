"""`checkpoint kiosk` in a real pseudo-terminal."""

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.terminal import Terminal

COMMAND = (sys.executable, "-m", "scanner.cli", "kiosk")


@pytest.mark.e2e
@pytest.mark.parametrize("end", [b"q", b"\x03", signal.SIGTERM], ids=["q", "Ctrl-C", "SIGTERM"])
def test_it_asks_for_sixel_shows_that_there_is_no_gate_and_ends(
    tmp_path: Path, end: bytes | signal.Signals
) -> None:
    descriptor, program = pty.openpty()
    terminal = Terminal(descriptor)
    command = (*COMMAND, "--socket", str(tmp_path / "gate.sock"))
    environment = {**os.environ, "TERM": "xterm-256color"}
    with subprocess.Popen(
        command, stdin=program, stdout=program, stderr=program, env=environment
    ) as kiosk:
        terminal.until(b"\x1b[c")
        terminal.type(b"\x1b[?62;4c")
        terminal.until(b'\x1bP0;1q"1;1;')
        terminal.until(b"checkpoint-gate")
        if isinstance(end, bytes):
            terminal.type(end)
        else:
            kiosk.send_signal(end)
        terminal.until(b"\x1b[?1049l")  # the terminal's own screen is back
        terminal.until(b"\x1b]111\x1b\\")
        assert kiosk.wait(timeout=30) == 0
    terminal.close()
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
