"""Cameras as a table and as JSON."""

import json
from pathlib import Path

from rich.console import Console

from scanner.cli.camera.tables import as_json, cameras_table
from scanner.vision.sources.v4l2_devices import CameraDevice, DeliveredMode

WEBCAM = CameraDevice(
    path=Path("/dev/video0"),
    stable="/dev/v4l/by-id/usb-HD_Webcam-video-index0",
    name="HD Webcam",
    bus="usb-1.2",
    modes=(
        DeliveredMode("MJPG", 1280, 720, (30, 7.5)),
        DeliveredMode("YUYV", 1920, 1080, (), up_to=True),
    ),
)
HELD = CameraDevice(Path("/dev/video2"), trouble="another program holds it")


def printed(devices: list[CameraDevice], ribbons: list[str]) -> str:
    console = Console(width=120)
    with console.capture() as capture:
        console.print(cameras_table(devices, ribbons))
    return capture.get()


def test_the_name_that_survives_a_new_plug_is_listed_with_all_modes() -> None:
    text = printed([WEBCAM], [])
    assert "/dev/v4l/by-id/usb-HD_Webcam-video-index0" in text
    assert "MJPG 1280x720 at 30, 7.5/s" in text
    assert text.rstrip().endswith("YUYV up to 1920x1080")


def test_a_camera_that_cannot_be_asked_is_listed_with_the_reason() -> None:
    assert "another program holds it" in printed([HELD], [])


def test_ribbon_cameras_are_named_as_the_settings_name_them() -> None:
    row = printed([], ["imx219", "imx708"]).splitlines()[2]
    assert row.split()[:2] == ["csi:1", "imx708"]


def test_json_holds_the_same() -> None:
    first = json.loads(as_json({"v4l2": [WEBCAM, HELD]}))["v4l2"][0]
    assert first["path"] == "/dev/video0"
    assert first["modes"][0] == {
        "fourcc": "MJPG",
        "width": 1280,
        "height": 720,
        "fps": [30, 7.5],
        "up_to": False,
    }
