"""The dials of V4L2 cameras: by the exposure bias, else by the exposure time, or not at all."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.vision.sources.v4l2_abi import Control
from scanner.vision.sources.v4l2_controls import Ioctl, set_controls
from scanner.vision.sources.v4l2_exposure import Opened, open_dial
from scanner.vision.wishes import CameraWishes, ControlReport, ExposureDial, Span
from tests.unit.vision.sources.v4l2_driver import Driver, Knob, a_webcam


def opened(driver: Driver) -> Opened:
    @contextmanager
    def device() -> Iterator[Ioctl]:
        yield driver

    return device


def dialled(
    driver: Driver, wishes: CameraWishes | None = None
) -> tuple[ExposureDial | None, ControlReport]:
    wishes = wishes or CameraWishes()
    set_controls(driver, wishes)
    return open_dial(opened(driver), wishes)


def a_dial(driver: Driver, wishes: CameraWishes | None = None) -> ExposureDial:
    dial, _ = dialled(driver, wishes)
    assert dial is not None
    return dial


def with_bias() -> Driver:
    camera = a_webcam()
    camera.knobs[Control.AUTO_EXPOSURE_BIAS] = Knob(0, 4, 1, 4)
    camera.menus[Control.AUTO_EXPOSURE_BIAS] = [-2000, -1000, 0, 1000, 2000]
    return camera


def test_a_camera_with_an_exposure_bias_is_steered_by_it_and_starts_at_none() -> None:
    camera = with_bias()
    dial, report = dialled(camera)
    assert dial is not None
    assert dial.span == Span(-2.0, 2.0)
    assert report.got == "by its exposure bias, -2.0 to +2.0 EV"
    assert camera.knobs[Control.AUTO_EXPOSURE_BIAS].value == 2
    assert dial.turn(-1.7) == -2.0
    assert camera.knobs[Control.AUTO_EXPOSURE_BIAS].value == 0
    assert camera.knobs[Control.EXPOSURE_AUTO].value == 3


def test_any_other_webcam_is_steered_by_its_exposure_time_and_gets_it_back() -> None:
    camera = a_webcam()
    dial, report = dialled(camera)
    assert dial is not None
    assert report.got.startswith("by its exposure time")
    assert dial.turn(-2.0) == pytest.approx(-2.0, abs=0.05)
    assert camera.knobs[Control.EXPOSURE_AUTO].value == 1
    assert camera.knobs[Control.EXPOSURE_ABSOLUTE].value == 62
    assert dial.turn(0.0) == 0.0
    assert camera.knobs[Control.EXPOSURE_AUTO].value == 3


def test_each_taking_over_begins_with_what_the_automatic_chose_last() -> None:
    camera = a_webcam()
    dial = a_dial(camera)
    dial.turn(-1.0)
    dial.turn(0.0)
    camera.knobs[Control.EXPOSURE_ABSOLUTE].value = 100
    dial.turn(-1.0)
    assert camera.knobs[Control.EXPOSURE_ABSOLUTE].value == 50


@given(st.floats(-12, 12), st.sampled_from([0, 50, 60]), st.sampled_from([5, 15, 30]))
def test_no_exposure_outlasts_a_frame_or_lets_lamps_make_bands(
    bias_ev: float, power_line_hz: int, fps: int
) -> None:
    camera = a_webcam()
    dial = a_dial(camera, CameraWishes(fps=fps, power_line_hz=power_line_hz))
    got_ev = dial.turn(bias_ev)
    knob = camera.knobs[Control.EXPOSURE_ABSOLUTE]
    assert knob.minimum <= knob.value <= knob.maximum
    if got_ev:
        assert knob.value <= 1e4 / fps
        half_period = 1e4 / (2 * power_line_hz) if power_line_hz else 0.0
        if half_period and knob.value > half_period:
            assert min(knob.value % half_period, -knob.value % half_period) <= 0.51


@pytest.mark.parametrize(
    "wishes", [CameraWishes(exposure_us=8_000), CameraWishes(steer_exposure=False)]
)
@pytest.mark.parametrize("make", [a_webcam, with_bias])
def test_what_the_settings_say_of_the_exposure_wins(
    wishes: CameraWishes, make: type[Driver]
) -> None:
    camera = make()
    dial, report = dialled(camera, wishes)
    assert dial is None
    assert report.got.startswith("off")
    assert report.granted
    if Control.AUTO_EXPOSURE_BIAS in camera.knobs:
        assert camera.knobs[Control.AUTO_EXPOSURE_BIAS].value == 4


def test_a_camera_without_either_says_so() -> None:
    dial, report = dialled(Driver())
    assert dial is None
    assert str(report) == "exposure by the code: asked on, got no such control"
    assert not report.granted


def test_a_bias_that_lists_no_numbers_is_not_believed() -> None:
    camera = with_bias()
    camera.menus.clear()
    _, report = dialled(camera)
    assert report.got.startswith("by its exposure time")


def test_a_camera_that_refuses_to_be_taken_over_stays_automatic() -> None:
    camera = a_webcam()
    dial = a_dial(camera)
    camera.knobs[Control.EXPOSURE_AUTO].stuck = True
    assert dial.turn(-2.0) == 0.0


def test_a_camera_that_is_gone_has_no_bias() -> None:
    dial, lost = a_dial(a_webcam()), a_dial(with_bias())

    def gone() -> AbstractContextManager[Ioctl]:
        raise OSError

    for one in (dial, lost):
        one._device = gone  # type: ignore[attr-defined]
        assert one.turn(-2.0) == 0.0
