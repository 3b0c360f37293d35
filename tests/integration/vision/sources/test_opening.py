"""From one word in the settings to a source, or to an error that teaches."""

import socket
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from scanner.domain.errors import CameraError
from scanner.vision.frames import FrameSource
from scanner.vision.sources.files import ImageFilesSource, VideoFileSource
from scanner.vision.sources.opening import open_source
from scanner.vision.sources.simulated import SimulatedSource
from scanner.vision.wishes import CameraWishes
from tests.vision_builders import a_video_file, an_image_file


def opened(spec: str | Path) -> FrameSource:
    return open_source(str(spec), CameraWishes(width=640, height=480))


def refusal(spec: str | Path) -> str:
    with pytest.raises(CameraError) as caught:
        opened(spec)
    assert caught.value.remedy
    return str(caught.value)


def test_each_kind_of_file_finds_its_source(tmp_path: Path) -> None:
    image = an_image_file(tmp_path / "A.PNG", np.zeros((48, 64), np.uint8))
    video = a_video_file(tmp_path / "v.avi", [np.zeros((48, 64), np.uint8)])
    with opened(image) as one, opened(tmp_path) as folder, opened(video) as film:
        assert isinstance(one, ImageFilesSource)
        assert isinstance(folder, ImageFilesSource)
        assert isinstance(film, VideoFileSource)
        assert (one.name, folder.name, film.name) == ("A.PNG", tmp_path.name, "v.avi")


def test_the_simulated_camera_delivers_the_size_that_was_asked_for(tmp_path: Path) -> None:
    with opened(f"simulated:{tmp_path}") as source:
        frame = source.read()
    assert isinstance(source, SimulatedSource)
    assert frame is not None
    assert frame.grey.shape == (480, 640)


@pytest.mark.parametrize("spec", ["99", "/dev/video99", "/dev/v4l/by-id/none"])
def test_a_missing_camera_is_named_with_those_that_were_found(spec: str) -> None:
    message = refusal(spec)
    assert message.startswith(f"There is no camera {'/dev/video99' if '99' in spec else spec}.")
    assert "Found: /dev/video" in message or "No camera was found on this machine." in message


def test_another_device_is_no_camera() -> None:
    assert refusal("/dev/null").startswith("/dev/null is no camera: a V4L2 device")


def test_a_missing_file_lists_what_can_be_given(tmp_path: Path) -> None:
    message = refusal(tmp_path / "gone.png")
    assert "There is no file or folder" in message
    assert "0, /dev/video0" in message


def test_a_file_of_another_kind_lists_the_known_ones(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    assert "neither an image nor a video by its name. Known: .avi" in refusal(
        tmp_path / "notes.txt"
    )


def test_a_simulated_camera_needs_its_folder(tmp_path: Path) -> None:
    assert "There is no folder" in refusal(f"simulated:{tmp_path / 'gone'}")
    assert "There is no folder" in refusal("simulated:")


@pytest.mark.parametrize("spec", ["ftp://guard:secret@camera/x", "rtsp://[guard:secret", "://"])
def test_an_address_that_is_not_read_is_refused_without_repeating_it(spec: str) -> None:
    message = refusal(spec)
    assert "Give rtsp://USER:PASSWORD@HOST/PATH" in message
    assert "secret" not in message


def test_a_ribbon_camera_needs_picamera2_and_the_remedy_says_how_to_get_it() -> None:
    if find_spec("picamera2"):
        pytest.skip("picamera2 is here")
    assert "apt install python3-picamera2" in refusal("csi:0")
    assert "The first one is csi:0." in refusal("csi:")


def test_an_empty_word_is_refused() -> None:
    assert "Give a V4L2 index" in refusal("")


def test_a_socket_is_neither_image_nor_video(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        assert "neither an image nor a video" in refusal(tmp_path / "s")
