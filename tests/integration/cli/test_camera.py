"""`checkpoint camera` on files and on the simulated camera, in a terminal and without one."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from scanner.vision.sources.stage import Medium, Scene, write_stage
from tests.terminal import Terminal
from tests.vision_builders import a_frame_with, a_picture, a_text, a_video_file

COMMAND = (sys.executable, "-m", "scanner.cli", "camera")


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "COLUMNS": "120"},
    )


@pytest.fixture
def stage(tmp_path: Path) -> str:
    """A simulated camera with a phone before it."""
    write_stage(tmp_path, Scene(text=a_text(200), medium=Medium.PHONE))
    return f"simulated:{tmp_path}"


def test_list_says_what_is_there_or_that_nothing_is() -> None:
    ended = run("list")
    assert ended.returncode == 0
    assert "/dev/v" in ended.stdout or "No camera was found on this machine" in ended.stdout


def test_list_speaks_json() -> None:
    assert set(json.loads(run("list", "--json").stdout)) == {"v4l2", "csi"}


def test_show_measures_a_live_source(stage: str) -> None:
    ended = run("show", stage, "--seconds", 2, "--json")
    found = json.loads(ended.stdout)
    assert (found["width"], found["height"]) == (1280, 720)
    assert 1 < found["fps"] < 20
    assert 60 < found["brightness"] < 200
    assert found["px_per_module"] > 4
    assert found["fault"] is None
    assert found["noise"] > 1


def test_show_prints_a_table_of_a_video(tmp_path: Path) -> None:
    grey = a_frame_with(a_picture(a_text(100)), 300, 200, (1280, 720))
    film = a_video_file(tmp_path / "film.avi", [grey] * 20, fps=30)
    ended = run("show", film)
    assert re.search(r"picture +1280x720", ended.stdout)
    assert re.search(r"frames +20 whole, 0 damaged", ended.stdout)
    assert re.search(r"pixels per module +[34]\.\d", ended.stdout)


def test_show_names_a_covered_lens(tmp_path: Path) -> None:
    film = a_video_file(tmp_path / "dark.avi", [np.zeros((48, 64), np.uint8)] * 40, fps=30)
    assert json.loads(run("show", film, "--json").stdout)["fault"] == "black"


def test_show_takes_size_and_rate_from_the_settings(stage: str, tmp_path: Path) -> None:
    settings = tmp_path / "gate.toml"
    settings.write_text(f'[camera]\nsource = "{stage}"\nwidth = 640\nheight = 480\nfps = 5\n')
    found = json.loads(run("show", "--settings", settings, "--seconds", 2, "--json").stdout)
    assert (found["width"], found["height"]) == (640, 480)
    assert 1 < found["fps"] < 7


@pytest.mark.parametrize("command", ["show", "aim"])
def test_a_camera_that_is_not_there_is_one_sentence_and_a_remedy(command: str) -> None:
    ended = run(command, "/dev/video99")
    assert ended.returncode == 1
    assert ended.stderr.startswith("checkpoint: There is no camera /dev/video99.\n  Check its plug")
    assert "Traceback" not in ended.stderr


def test_an_address_is_never_repeated_whole() -> None:
    ended = run("show", "rtsp://guard:s3cret@127.0.0.1:9/hallway")
    assert ended.returncode == 1
    assert "rtsp://127.0.0.1:9" in ended.stderr
    for secret in ("guard", "s3cret", "hallway"):
        assert secret not in ended.stdout + ended.stderr


def test_aim_without_a_terminal_prints_a_line_a_second(stage: str) -> None:
    ended = run("aim", stage, "--seconds", 3.5)
    assert ended.returncode == 0
    lines = ended.stdout.splitlines()
    assert 2 <= len(lines) <= 5
    for line in lines:
        assert re.match(r"(-|\d+\.\d) px/module  focus \d+ \(peak \d+\)  light \d+  ", line)
    assert re.match(r"\d+\.\d px/module .*/s  (good|farther)", lines[-1])


def test_aim_ends_with_a_finite_source(tmp_path: Path) -> None:
    grey = a_frame_with(a_picture(a_text(100)), 300, 40)
    film = a_video_file(tmp_path / "film.avi", [grey] * 5, fps=30)
    ended = run("aim", film)
    assert ended.returncode == 0
    assert ended.stdout.splitlines()[-1].endswith("good")


@contextmanager
def in_a_terminal(*arguments: object) -> Iterator[tuple[Terminal, "subprocess.Popen[bytes]"]]:
    descriptor, program = pty.openpty()
    terminal = Terminal(descriptor)
    termios.tcsetwinsize(program, (24, 80))
    with subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdin=program,
        stdout=program,
        stderr=program,
        start_new_session=True,
        env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
    ) as process:
        os.close(program)
        try:
            yield terminal, process
        finally:
            process.kill()
            terminal.close()


@pytest.mark.parametrize("end", ["q", "Ctrl-C"])
def test_aim_in_a_terminal_is_a_live_picture_and_leaves_no_trace(stage: str, end: str) -> None:
    with in_a_terminal("aim", stage) as (terminal, process):
        received = terminal.until(b"px/module")
        assert b"\x1b[?1049h" in received
        assert "▀".encode() in received
        terminal.until("█".encode())
        if end == "q":
            terminal.type(b"xq")
        else:
            process.send_signal(signal.SIGINT)
        terminal.until(b"\x1b[?1049l")
        assert process.wait(timeout=10) == 0
        assert b"Traceback" not in terminal.shown
        assert termios.tcgetattr(terminal.descriptor)[3] & termios.ICANON


def test_aim_in_a_terminal_ends_by_itself(stage: str) -> None:
    with in_a_terminal("aim", stage, "--seconds", 1) as (terminal, process):
        terminal.until(b"\x1b[?1049l")
        assert process.wait(timeout=10) == 0
