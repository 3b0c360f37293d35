"""The ribbon camera's adapter, on a camera that is played at picamera2's own edge."""

from collections.abc import Mapping

import numpy as np
import pytest

from scanner.domain.errors import CameraError
from scanner.vision.frames import DamagedFrameError, Grey
from scanner.vision.sources.picamera import RibbonCameraSource, Value, wanted_controls
from scanner.vision.wishes import CameraWishes, Span

LIMITS = {
    "FrameDurationLimits": (11_000.0, 120_000.0, 33_000.0),
    "ExposureTime": (9.0, 60_000.0, 20_000.0),
    "AnalogueGain": (1.0, 16.0, 1.0),
    "LensPosition": (0.0, 15.0, 1.0),
    "AfMode": (0.0, 2.0, 0.0),
    "AeFlickerMode": (0.0, 1.0, 0.0),
    "ExposureValue": (-8.0, 8.0, 0.0),
}
FIXED_FOCUS = {key: LIMITS[key] for key in ("FrameDurationLimits", "ExposureTime", "AnalogueGain")}


class PlayedRibbonCamera:
    """Delivers a ramp in the first plane of YUV 4:2:0, in rows that are longer than the picture."""

    def __init__(self, size: tuple[int, int] = (64, 48), stride: int = 128) -> None:
        self.camera_controls = LIMITS
        self.size = size
        self.stride = stride
        self.silent = False
        self.started = self.closed = 0
        self.told: Mapping[str, Value] = {}
        self.told_later: dict[str, Value] = {}

    def create_video_configuration(
        self, main: Mapping[str, object], buffer_count: int, controls: Mapping[str, Value]
    ) -> object:
        assert main["format"] == "YUV420"
        assert buffer_count > 1
        self.told = controls
        return main

    def configure(self, config: object) -> None:
        assert config

    def camera_configuration(self) -> Mapping[str, Mapping[str, tuple[int, int]]]:
        return {"main": {"size": self.size}}

    def start(self) -> None:
        self.started += 1

    def set_controls(self, controls: Mapping[str, Value]) -> None:
        assert self.started
        self.told_later.update(controls)

    def capture_array(self, name: str, *, wait: float) -> Grey:
        assert (name, wait > 0) == ("main", True)
        if self.silent:
            raise TimeoutError
        planar = np.full((self.size[1] * 3 // 2, self.stride), 128, np.uint8)
        planar[: self.size[1], : self.size[0]] = np.arange(self.size[0])
        return planar

    def stop(self) -> None:
        self.started -= 1

    def close(self) -> None:
        self.closed += 1


def a_source(camera: PlayedRibbonCamera, wishes: CameraWishes | None = None) -> RibbonCameraSource:
    return RibbonCameraSource(camera, 0, wishes or CameraWishes(width=64, height=48))


def test_the_luminance_plane_is_the_frame_without_the_padding_of_its_rows() -> None:
    with a_source(PlayedRibbonCamera()) as source:
        frames = [source.read(), source.read()]
        assert source.name == "csi:0"
    for number, frame in enumerate(frames):
        assert frame is not None
        assert frame.number == number
        assert frame.grey.flags.c_contiguous
        assert np.array_equal(frame.grey, np.tile(np.arange(64, dtype=np.uint8), (48, 1)))


def test_the_size_is_the_one_that_the_camera_agreed_to() -> None:
    with a_source(PlayedRibbonCamera(size=(96, 40))) as source:
        frame = source.read()
    assert frame is not None
    assert frame.grey.shape == (40, 96)


def test_a_buffer_that_is_too_short_is_a_damaged_frame() -> None:
    camera = PlayedRibbonCamera()
    with a_source(camera) as source:
        camera.size, camera.stride = (32, 48), 32
        with pytest.raises(DamagedFrameError):
            source.read()


def test_a_camera_that_falls_silent_has_failed() -> None:
    camera = PlayedRibbonCamera()
    with a_source(camera) as source:
        camera.silent = True
        with pytest.raises(CameraError, match="csi:0 has stopped delivering"):
            source.read()


def test_it_is_stopped_and_given_back_once_and_then_ends() -> None:
    camera = PlayedRibbonCamera()
    source = a_source(camera)
    source.close()
    source.close()
    assert (camera.started, camera.closed) == (0, 1)
    assert source.read() is None


def test_left_alone_it_focuses_by_itself_and_no_exposure_outlasts_a_frame() -> None:
    controls, reports = wanted_controls(CameraWishes(fps=20), LIMITS)
    assert controls == {
        "FrameDurationLimits": (50_000, 50_000),
        "AfMode": 2,
        "AeFlickerMode": 1,
        "AeFlickerPeriod": 10_000,
    }
    assert all(report.granted for report in reports)


def test_wishes_are_kept_within_the_cameras_limits_and_told() -> None:
    wishes = CameraWishes(exposure_us=90_000, gain=4, focus=2.5, power_line_hz=0)
    controls, reports = wanted_controls(wishes, LIMITS)
    assert controls["ExposureTime"] == 60_000
    assert (controls["AnalogueGain"], controls["LensPosition"]) == (4, 2.5)
    assert (controls["AfMode"], controls["AeFlickerMode"]) == (0, 0)
    assert [str(report) for report in reports if not report.granted] == [
        "exposure: asked 90000 us, got 60000 us"
    ]


def test_a_fixed_lens_is_told_only_where_a_focus_was_asked_for() -> None:
    controls, reports = wanted_controls(CameraWishes(focus=2.0, power_line_hz=0), FIXED_FOCUS)
    assert "LensPosition" not in controls
    assert "AfMode" not in controls
    assert {report.name for report in reports if not report.granted} == {"focus", "power line"}


def test_its_exposure_is_steered_by_the_exposure_value_within_its_limits() -> None:
    camera = PlayedRibbonCamera()
    with a_source(camera) as source:
        assert source.dial is not None
        assert source.dial.span == Span(-8.0, 8.0)
        assert source.dial.turn(-2.0) == -2.0
        assert camera.told_later == {"ExposureValue": -2.0}
        assert source.dial.turn(20.0) == 8.0
        assert source.controls[-1].got == "by its exposure value, -8.0 to +8.0 EV"


@pytest.mark.parametrize(
    "wishes", [CameraWishes(exposure_us=8_000), CameraWishes(steer_exposure=False)]
)
def test_what_the_settings_say_of_the_exposure_wins(wishes: CameraWishes) -> None:
    with a_source(PlayedRibbonCamera(), wishes) as source:
        assert source.dial is None
        assert source.controls[-1].got.startswith("off")


def test_a_camera_without_an_exposure_value_says_that_it_is_not_steered() -> None:
    camera = PlayedRibbonCamera()
    camera.camera_controls = FIXED_FOCUS
    with a_source(camera) as source:
        assert source.dial is None
        assert str(source.controls[-1]) == "exposure by the code: asked on, got no such control"
