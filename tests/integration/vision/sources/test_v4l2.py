"""The part of the camera that can be tested without one: checks, and modes read back.

The modes are set on and read from a real `cv2.VideoCapture`, of a video file.
"""

from pathlib import Path

import cv2
import numpy as np
import pytest

from scanner.domain.errors import CameraError
from scanner.vision.sources.v4l2 import CaptureMode, ask_for, check_device, read_back, wanted_mode
from tests.vision_builders import a_video_file


@pytest.fixture
def capture(tmp_path: Path) -> cv2.VideoCapture:
    path = a_video_file(tmp_path / "v.avi", [np.zeros((48, 64), np.uint8)] * 3, fps=12)
    return cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)


def test_the_real_mode_is_read_back(capture: cv2.VideoCapture) -> None:
    assert read_back(capture) == CaptureMode("MJPG", 64, 48, 12.0)


def test_what_the_driver_refuses_to_set_is_no_error(capture: cv2.VideoCapture) -> None:
    actual = ask_for(capture, CaptureMode("YUYV", 1280, 720, 30))
    assert (actual.width, actual.height) == (64, 48)


def test_a_closed_capture_has_no_mode(capture: cv2.VideoCapture) -> None:
    capture.release()
    assert read_back(capture) == CaptureMode("", 0, 0, 0)


@pytest.mark.parametrize(
    ("size", "fps", "fourcc"),
    [((640, 480), 30, "YUYV"), ((1280, 720), 10, "YUYV"), ((1280, 720), 15, "MJPG")],
)
def test_raw_pictures_are_asked_for_where_usb_2_carries_them(
    size: tuple[int, int], fps: int, fourcc: str
) -> None:
    assert wanted_mode(*size, fps).fourcc == fourcc


def test_a_missing_device_is_named() -> None:
    with pytest.raises(CameraError, match=r"There is no camera /dev/video9"):
        check_device(Path("/dev/video9"))


def test_a_file_with_the_name_of_a_camera_is_none(tmp_path: Path) -> None:
    (tmp_path / "video0").write_bytes(b"")
    with pytest.raises(CameraError, match="is no camera: a V4L2 device"):
        check_device(tmp_path / "video0")
