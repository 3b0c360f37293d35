"""A V4L2 camera that goes bad, through OpenCV's own V4L2 backend and the real gate process.

Where the kernel's own test drivers cannot be loaded, `v4l2_device.c` answers the kernel's interface
inside the process.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest

from config.settings import load_gate_settings
from scanner.cli.demo.setup import deploy
from scanner.gate.status import CameraFault, Health, Part
from tests.faults.vision.played_camera import CHECKPOINT, Camera
from tests.faults.vision.statuses import RECOVERS_S, SAYS_SO_S, Statuses, listening


@pytest.fixture
def camera(library: Path, tmp_path: Path) -> Camera:
    frames = tmp_path / "frames"
    frames.mkdir()
    random = np.random.default_rng(5)
    for number in range(16):
        grey = np.clip(random.normal(120, 4, (360, 640)), 0, 255).astype(np.uint8)
        assert cv2.imwrite(str(frames / f"{number}.jpg"), grey)
        np.stack([grey, np.full_like(grey, 30)], axis=2).tofile(frames / f"{number}.yuyv")
    made = Camera.at(tmp_path, library, frames)
    made.plug_in()
    return made


@pytest.fixture
def gate(camera: Camera, tmp_path: Path) -> Iterator[Statuses]:
    deployment = deploy(tmp_path, [], datetime.now(UTC))
    options = ("--settings", str(deployment.gate_settings), "--camera", str(camera.path))
    with subprocess.Popen(
        [*CHECKPOINT, "run", "--headless", *options], env=camera.environment
    ) as process:
        try:
            with listening(load_gate_settings(deployment.gate_settings).socket) as statuses:
                yield statuses
        finally:
            process.terminate()
            assert process.wait(timeout=10) == 0
            deployment.remove_runtime()


def test_show_tells_what_the_camera_made_of_the_settings(camera: Camera) -> None:
    ended = subprocess.run(
        [*CHECKPOINT, "camera", "show", str(camera.path), "--seconds", "1", "--json"],
        env=camera.environment,
        capture_output=True,
        check=True,
        timeout=60,
    )
    found = json.loads(ended.stdout)
    assert (found["width"], found["height"], found["damaged"]) == (640, 360, 0)
    assert 2 < found["fps"] < 20
    controls = {control["name"]: control for control in found["controls"]}
    assert controls["picture"] == {
        "name": "picture",
        "asked": "1280x720",
        "got": "640x360",
        "granted": False,
    }
    assert controls["pixels"]["got"] == "MJPG"
    assert controls["exposure"]["granted"]
    assert controls["power line"]["got"] == "50 Hz"


def test_of_raw_pictures_the_grey_plane_is_taken(camera: Camera, tmp_path: Path) -> None:
    settings = tmp_path / "small.toml"
    settings.write_text("[camera]\nwidth = 640\nheight = 360\n")
    ended = subprocess.run(
        [
            *(*CHECKPOINT, "camera", "show", str(camera.path)),
            *("--settings", str(settings), "--seconds", "1", "--json"),
        ],
        env={**camera.environment, "PLAYED_RAW": "1"},
        capture_output=True,
        check=True,
        timeout=60,
    )
    found = json.loads(ended.stdout)
    assert (found["width"], found["height"], found["damaged"]) == (640, 360, 0)
    assert 118 < found["brightness"] < 122
    assert {c["name"]: c["got"] for c in found["controls"]}["pixels"] == "YUYV"


def test_the_device_lists_its_modes(camera: Camera) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from scanner.cli.camera.tables import as_json\n"
        "from scanner.vision.sources.v4l2_devices import list_cameras\n"
        "print(as_json(list_cameras(Path(sys.argv[1]))))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, camera.path.parent],
        env=camera.environment,
        capture_output=True,
        check=True,
        timeout=60,
    )
    (device,) = json.loads(ended.stdout)
    assert (device["name"], device["trouble"]) == ("Played camera", "")
    assert device["modes"] == [
        {"fourcc": "MJPG", "width": 640, "height": 360, "fps": [15], "up_to": False}
    ]


@pytest.mark.parametrize(
    ("mood", "fault"),
    [
        ("silent", CameraFault.LATE),
        ("frozen", CameraFault.FROZEN),
        ("cut", CameraFault.DAMAGED),
    ],
)
def test_the_gate_says_so_within_two_seconds_and_recovers(
    gate: Statuses, camera: Camera, mood: str, fault: CameraFault
) -> None:
    gate.until(None, RECOVERS_S)
    camera.mood(mood)
    told, took_s = gate.until(fault, RECOVERS_S)
    assert told.parts[Part.CAMERA] is Health.FAULT
    assert took_s < SAYS_SO_S
    camera.mood("live")
    again, _ = gate.until(None, RECOVERS_S)
    assert again.parts[Part.CAMERA] is Health.WELL


def test_a_camera_that_stays_silent_is_opened_anew(gate: Statuses, camera: Camera) -> None:
    gate.until(None, RECOVERS_S)
    camera.mood("silent")
    told, _ = gate.until(CameraFault.FAILED, RECOVERS_S)
    assert told.camera_failures == 1
    camera.mood("live")
    gate.until(None, RECOVERS_S)


def test_an_unplugged_camera_is_missed_and_comes_back(gate: Statuses, camera: Camera) -> None:
    gate.until(None, RECOVERS_S)
    for _ in range(2):
        camera.unplug()
        _, took_s = gate.until(CameraFault.FAILED, RECOVERS_S)
        assert took_s < SAYS_SO_S
        camera.plug_in()
        gate.until(None, RECOVERS_S)
