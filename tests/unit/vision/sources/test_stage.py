"""The director's file."""

from pathlib import Path

import pytest

from scanner.domain.errors import CameraError
from scanner.vision.frames import MAX_TEXT
from scanner.vision.sources.stage import (
    EMPTY_GATE,
    STAGE_FILE,
    Condition,
    Medium,
    Scene,
    read_stage,
    write_stage,
)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    scene = Scene(text="健康码", medium=Medium.PAPER, condition=Condition.DIM, seed=7)
    write_stage(tmp_path, scene)
    assert read_stage(tmp_path) == scene


def test_before_the_first_scene_the_gate_is_empty(tmp_path: Path) -> None:
    assert read_stage(tmp_path) == EMPTY_GATE


def test_nothing_but_the_scene_stays_in_the_folder(tmp_path: Path) -> None:
    for seed in range(3):
        write_stage(tmp_path, Scene(seed=seed))
    assert [path.name for path in tmp_path.iterdir()] == [STAGE_FILE]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"text": 5}',
        b'{"text": ""}',
        b'{"medium": "tablet"}',
        b'{"secret": 1}',
        b'{"seed": -1}',
        b'{"text": "' + b"A" * (MAX_TEXT + 1) + b'"}',
        b'{"text": "' + b"A" * 100_000 + b'"}',
    ],
)
def test_anything_else_is_refused_without_quoting_it(tmp_path: Path, content: bytes) -> None:
    (tmp_path / STAGE_FILE).write_bytes(content)
    with pytest.raises(CameraError, match=r"describes no scene\. Start the demo again\.") as caught:
        read_stage(tmp_path)
    assert caught.value.__cause__ is None
