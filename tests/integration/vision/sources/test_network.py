"""Cameras on the network, over real HTTP and real RTSP on loopback."""

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from scanner.domain.errors import CameraError
from scanner.vision.faults import Fault
from scanner.vision.latest import LatestFrame
from scanner.vision.sources.network import NetworkSource, shown_address
from tests.integration.vision.sources.streams import (
    H264,
    JPEG,
    JpegCamera,
    jpeg_camera,
    missing_for,
    rtsp_camera,
)

USER = "guard:s3cret%40gate"


@pytest.fixture
def camera() -> Iterator[JpegCamera]:
    with jpeg_camera() as server:
        yield server


def address(camera: JpegCamera, user: str = "") -> str:
    return f"http://{user}127.0.0.1:{camera.server_port}/stream.mjpg?token=t0ken"


def test_frames_come_numbered_and_grey(camera: JpegCamera) -> None:
    with NetworkSource(address(camera)) as source:
        frames = [source.read() for _ in range(5)]
    assert [frame.number for frame in frames if frame] == [0, 1, 2, 3, 4]
    assert all(frame is not None and frame.grey.shape == (120, 320) for frame in frames)


def test_the_name_tells_the_host_only(camera: JpegCamera) -> None:
    with NetworkSource(address(camera, f"{USER}@")) as source:
        assert source.name == f"http://127.0.0.1:{camera.server_port}"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("rtsp://guard:secret@10.0.0.9:554/user=a&password=b", "rtsp://10.0.0.9:554"),
        ("rtsps://[fe80::1]/live?key=secret", "rtsps://[fe80::1]"),
        ("http://CAM.local/x", "http://cam.local"),
    ],
)
def test_user_password_path_and_query_are_never_shown(url: str, shown: str) -> None:
    assert shown_address(url) == shown


@pytest.mark.parametrize(
    "url", ["rtsp:///path", "file:///etc/passwd", "rtsp://h:99999/", "rtsp://[x/", "https://?a=b"]
)
def test_what_is_no_address_of_a_camera_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(CameraError) as caught:
        NetworkSource(url)
    assert url not in str(caught.value)


@pytest.mark.parametrize("place", ["127.0.0.1:9", "no-such-host.invalid"])
@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_no_password_reaches_the_error_or_the_terminal(scheme: str, place: str) -> None:
    """Also not from FFmpeg or OpenCV, which write to the process's own stderr."""
    program = (
        "from scanner.domain.errors import CameraError\n"
        "from scanner.vision.sources.network import NetworkSource\n"
        "try:\n"
        f"    NetworkSource('{scheme}://guard:s3cret@{place}/hallway?key=t0ken')\n"
        "except CameraError as error:\n"
        "    print(error)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert f"The camera at {scheme}://{place} delivers no pictures." in ended.stdout
    for secret in ("s3cret", "guard", "hallway", "t0ken"):
        assert secret not in ended.stdout + ended.stderr


def test_a_camera_that_falls_silent_is_late_and_comes_back(camera: JpegCamera) -> None:
    with LatestFrame(lambda: NetworkSource(address(camera)), first_pause_s=0.05) as latest:
        assert latest.wait(None, timeout_s=10) is not None
        camera.silent.set()
        limit_s = time.monotonic() + 5
        while latest.fault(time.monotonic()) is None:
            assert time.monotonic() < limit_s
            time.sleep(0.01)
        assert latest.fault(time.monotonic()) is Fault.LATE
        camera.silent.clear()
        while latest.fault(time.monotonic()) is not None:
            assert time.monotonic() < limit_s + 10
            time.sleep(0.01)


def with_encoder(encoder: str) -> str:
    """The encoder, or a skip that says what is missing."""
    if missing := missing_for(encoder):
        pytest.skip(
            f"no RTSP server with {', '.join(missing)}: apt install python3-gi "
            "gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-good gstreamer1.0-plugins-bad"
        )
    return encoder


def rtsp_address(port: int, user: str = "guard:s3cr%40t@", path: str = "gate") -> str:
    return f"rtsp://{user}127.0.0.1:{port}/{path}"


@pytest.mark.parametrize("encoder", [JPEG, H264], ids=["Motion JPEG", "H.264"])
def test_rtsp_frames_come_at_the_cameras_pace(encoder: str) -> None:
    with (
        rtsp_camera(with_encoder(encoder)) as (port, _),
        NetworkSource(rtsp_address(port)) as source,
    ):
        assert source.read() is not None
        began = time.monotonic()
        for _ in range(15):
            frame = source.read()
        took_s = time.monotonic() - began
    assert frame is not None
    assert frame.grey.shape == (240, 320)
    assert 0.7 < took_s < 5.0


def test_an_rtsp_camera_that_vanishes_has_failed() -> None:
    with rtsp_camera(with_encoder(JPEG)) as (port, server):
        latest = LatestFrame(lambda: NetworkSource(rtsp_address(port)))
        with latest:
            assert latest.wait(None, timeout_s=10) is not None
            server.kill()
            server.wait()
            limit_s = time.monotonic() + 5
            while latest.fault(time.monotonic()) is not Fault.FAILED:
                assert time.monotonic() < limit_s
                time.sleep(0.01)


@pytest.mark.parametrize(
    ("user", "path"),
    [("guard:s3cr%40t@", "elsewhere"), ("guard:wrong@", "gate"), ("", "gate")],
    ids=["wrong path", "wrong password", "no password"],
)
def test_what_an_rtsp_camera_refuses_is_told_by_its_host_only(user: str, path: str) -> None:
    with rtsp_camera(with_encoder(JPEG)) as (port, _), pytest.raises(CameraError) as caught:
        NetworkSource(rtsp_address(port, user, path))
    assert caught.value.found == f"The camera at rtsp://127.0.0.1:{port} delivers no pictures."
