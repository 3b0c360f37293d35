"""`checkpoint phone`, as a person types it, and what its terminal shows to a camera."""

import os
import pty
import re
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console, ConsoleDimensions
from typer.testing import CliRunner, Result

from scanner.cli.main import app
from scanner.cli.phone_screen import PhoneScreen
from scanner.domain.errors import SettingsError, TrustError
from scanner.domain.passes import VerifiedPass
from scanner.formats.registry import read_pass
from scanner.issuing.keys import load_issuer_keys
from scanner.vision.reader import QrReader
from tests.builders import a_ring
from tests.terminal import Terminal

ROOT = Path(__file__).parents[3]
INK = "\x1b[38;5;16;48;5;231m"
"""Black and white that no theme repaints."""

LARGE = ConsoleDimensions(120, 50)


def _run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """The reference issuer's folder, with a phone enrolled in `phone` beside it."""
    keys = tmp_path / "keys"
    assert _run("issue", "keys", "--folder", keys, "--issuer", "33").exit_code == 0
    assert _new(keys).exit_code == 0
    return keys


def _new(keys: Path, *options: str) -> Result:
    return _run("phone", "new", "--folder", keys, "--phone", keys.parent / "phone", *options)


@pytest.fixture
def phone(keys: Path) -> Path:
    """The phone's folder."""
    return keys.parent / "phone"


def seen(screen: str) -> list[str]:
    """What a camera before the terminal reads: its half blocks as a picture."""
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen)
    lines = [line for line in plain.splitlines() if not re.search(r"[A-Za-z$]", line)]
    width = max(map(len, lines))
    rows = []
    for line in (line.ljust(width) for line in lines):
        rows.append([cell in "▀█" for cell in line])
        rows.append([cell in "▄█" for cell in line])
    grey = np.where(np.array(rows), 0, 255).astype(np.uint8)
    return [code.text for code in QrReader().read(grey.repeat(4, 0).repeat(4, 1))]


def drawn(screen: PhoneScreen, now: datetime, size: ConsoleDimensions = LARGE) -> str:
    console = Console(
        width=size.width, height=size.height, force_terminal=True, color_system="256", record=True
    )
    with console.capture() as captured:
        console.print(screen.at(now, size))
    return captured.get()


def _is_genuine(text: str, keys: Path, now: datetime) -> bool:
    ring = a_ring(*load_issuer_keys(keys / "private" / "issuers"))
    return isinstance(read_pass(text, ring, now), VerifiedPass)


def test_a_shown_code_is_read_from_the_terminal_and_verified(keys: Path, phone: Path) -> None:
    shown = _run("phone", "show", "--phone", phone, "--once")
    assert shown.exit_code == 0
    (text,) = seen(shown.stdout)
    assert all(INK in line for line in shown.stdout.splitlines())
    verified = _run("verify", "--keys", keys, text)
    assert verified.exit_code == 0, verified.output
    assert "vouches for it now" in verified.stdout


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256"])
def test_a_picture_is_verified_from_its_file(keys: Path, tmp_path: Path, algorithm: str) -> None:
    phone, picture = tmp_path / algorithm, tmp_path / "me.png"
    made = _run("phone", "new", "--folder", keys, "--phone", phone, "--algorithm", algorithm)
    assert made.exit_code == 0, made.output
    assert _run("phone", "show", "--phone", phone, "--png", picture).exit_code == 0
    assert _run("verify", "--keys", keys, picture).exit_code == 0


def test_phones_do_not_sign_with_large_keys(keys: Path) -> None:
    assert _new(keys, "--algorithm", "PS256").exit_code == 2


def test_only_the_owner_can_read_a_phone(phone: Path) -> None:
    assert phone.stat().st_mode & 0o777 == 0o700
    assert {file.name: file.stat().st_mode & 0o777 for file in phone.iterdir()} == {
        "phone.pem": 0o600,
        "code.txt": 0o600,
    }


def test_the_bare_code_in_its_folder_is_no_pass(keys: Path, phone: Path) -> None:
    bare = (phone / "code.txt").read_text("ascii")
    verified = _run("verify", "--keys", keys, bare)
    assert verified.exit_code == 1
    assert "FAILED       holder" in verified.stdout


def test_the_next_days_code_is_for_the_same_key(keys: Path, phone: Path) -> None:
    before = {file.name: file.read_bytes() for file in phone.iterdir()}
    assert _new(keys, "--colour", "yellow").exit_code == 0
    after = {file.name: file.read_bytes() for file in phone.iterdir()}
    assert after["phone.pem"] == before["phone.pem"]
    assert after["code.txt"] != before["code.txt"]


def test_the_screen_makes_a_new_code_every_half_minute(keys: Path, phone: Path) -> None:
    screen, start = PhoneScreen(phone), datetime.now(UTC)
    texts = []
    for second in range(0, 91, 10):
        now = start + timedelta(seconds=second)
        picture = drawn(screen, now)
        assert f"New code in {30 - second % 30:2} s" in picture
        texts += seen(picture)
        assert _is_genuine(texts[-1], keys, now)
    assert len(texts) == 10
    assert len(set(texts)) == 4


def test_a_clock_that_is_set_back_makes_a_new_code(keys: Path, phone: Path) -> None:
    screen, now = PhoneScreen(phone), datetime.now(UTC)
    drawn(screen, now + timedelta(hours=1))
    (text,) = seen(drawn(screen, now))
    assert _is_genuine(text, keys, now)


def test_a_screen_says_when_the_days_code_has_ended_and_takes_up_the_next(
    keys: Path, phone: Path
) -> None:
    screen, tomorrow = PhoneScreen(phone), datetime.now(UTC) + timedelta(days=1, seconds=1)
    ended = drawn(screen, tomorrow)
    assert "The code of the day ended at" in ended
    assert "checkpoint phone new --folder KEYS" in ended
    assert "▀" not in ended
    assert _new(keys, "--valid-for", "48h").exit_code == 0
    (text,) = seen(drawn(screen, tomorrow + timedelta(seconds=30)))
    assert text.startswith("JKM1:")


def test_once_says_when_the_days_code_has_ended(keys: Path, phone: Path) -> None:
    assert _new(keys, "--valid-for", "0s").exit_code == 0
    shown = _run("phone", "show", "--phone", phone, "--once")
    assert isinstance(shown.exception, TrustError)
    assert "phone new" in shown.exception.remedy


def test_a_window_that_is_too_small_is_told_so(phone: Path) -> None:
    for size in (ConsoleDimensions(60, 50), ConsoleDimensions(120, 24)):
        told = drawn(PhoneScreen(phone), datetime.now(UTC), size)
        assert f"this window has {size.width}" in told.replace("\n", " ")
        assert "▀" not in told


def test_without_a_phone_it_says_how_to_make_one(tmp_path: Path) -> None:
    for options in (("--once",), ("--png", tmp_path / "x.png")):
        shown = _run("phone", "show", "--phone", tmp_path / "none", *options)
        assert isinstance(shown.exception, TrustError)
        assert "checkpoint phone new" in shown.exception.remedy


def test_a_pipe_cannot_be_refreshed(phone: Path) -> None:
    shown = _run("phone", "show", "--phone", phone)
    assert isinstance(shown.exception, SettingsError)
    assert "--once" in shown.exception.remedy


@contextmanager
def shown_on_a_terminal(phone: Path) -> Iterator[tuple[Terminal, "subprocess.Popen[bytes]"]]:
    """`checkpoint phone show` on a pseudo-terminal of 100 columns and 45 lines."""
    descriptor, child = pty.openpty()
    termios.tcsetwinsize(child, (45, 100))
    terminal = Terminal(descriptor)
    # an exported size would hide the terminal's own
    inherited = {key: os.environ[key] for key in os.environ.keys() - {"COLUMNS", "LINES"}}
    environment = inherited | {"TERM": "xterm-256color", "NO_COLOR": "1"}
    environment["PYTHONPATH"] = str(ROOT)
    with subprocess.Popen(
        [sys.executable, "-m", "scanner.cli", "phone", "show", "--phone", phone],
        stdin=child, stdout=child, stderr=child, start_new_session=True, cwd=ROOT, env=environment,
    ) as process:  # fmt: skip
        os.close(child)
        try:
            yield terminal, process
        finally:
            process.kill()
            terminal.close()


ALTERNATE_ON, ALTERNATE_OFF = b"\x1b[?1049h", b"\x1b[?1049l"
CURSOR_OFF, CURSOR_ON = b"\x1b[?25l", b"\x1b[?25h"


def test_a_real_terminal_shows_it_and_is_left_as_it_was(phone: Path, keys: Path) -> None:
    with shown_on_a_terminal(phone) as (terminal, process):
        output = terminal.until(b"Ctrl-C ends.")
        assert output.index(ALTERNATE_ON) < output.index("▀".encode())
        assert INK.encode() in output
        screen = output.partition(ALTERNATE_ON)[2].decode().partition("Ctrl-C ends.")[0]
        (text,) = seen(screen)
        assert _is_genuine(text, keys, datetime.now(UTC))
        process.send_signal(signal.SIGINT)
        terminal.until(ALTERNATE_OFF)
        assert process.wait(10) == 0
        assert terminal.shown.rindex(CURSOR_ON) > terminal.shown.rindex(CURSOR_OFF)
        assert b"Traceback" not in terminal.shown
