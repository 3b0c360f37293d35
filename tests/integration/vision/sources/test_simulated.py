"""The demo's camera, with a director that changes the scene."""

import threading
from pathlib import Path

import pytest

from scanner.domain.errors import CameraError
from scanner.vision.frames import FrameSource
from scanner.vision.reader import QrReader
from scanner.vision.sources.simulated import SimulatedSource
from scanner.vision.sources.stage import EMPTY_GATE, STAGE_FILE, Medium, Scene, write_stage
from scanner.vision.wishes import CameraWishes


def a_camera(folder: Path, fps: int = 60) -> SimulatedSource:
    return SimulatedSource(folder, CameraWishes(fps=fps))


def texts_within(source: FrameSource, frames: int) -> set[str]:
    read: set[str] = set()
    for _ in range(frames):
        frame = source.read()
        assert frame is not None
        read |= {code.text for code in QrReader().read(frame.grey)}
    return read


def test_each_scene_is_seen_after_it_was_put_on_the_stage(tmp_path: Path) -> None:
    with a_camera(tmp_path) as source:
        assert texts_within(source, 3) == set()
        for text, medium in (("FIRST", Medium.PHONE), ("SECOND", Medium.PAPER)):
            write_stage(tmp_path, Scene(text=text, medium=medium))
            assert texts_within(source, 30) == {text}
        write_stage(tmp_path, EMPTY_GATE)
        assert texts_within(source, 3) == set()


def test_frames_come_at_the_asked_pace_and_are_counted(tmp_path: Path) -> None:
    with a_camera(tmp_path, fps=25) as source:
        frames = [source.read() for _ in range(6)]
    seen = [frame for frame in frames if frame is not None]
    assert [frame.number for frame in seen] == list(range(6))
    assert 0.15 < seen[-1].captured_s - seen[1].captured_s < 2


def test_a_stage_that_holds_no_scene_is_a_fault_of_the_camera(tmp_path: Path) -> None:
    (tmp_path / STAGE_FILE).write_text("{}}")
    with a_camera(tmp_path) as source, pytest.raises(CameraError, match="describes no scene"):
        source.read()


def test_closing_wakes_a_reader_that_waits_for_its_frame(tmp_path: Path) -> None:
    source = SimulatedSource(tmp_path, CameraWishes(width=64, height=48, fps=1))
    assert source.read() is not None
    threading.Timer(0.05, source.close).start()
    assert source.read() is None
