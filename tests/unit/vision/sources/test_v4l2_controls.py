"""Exposure, focus and the rest: asked, set, read back, told in words."""

import pytest

from scanner.vision.sources.v4l2_abi import Control
from scanner.vision.sources.v4l2_controls import set_controls
from scanner.vision.wishes import CameraWishes, ControlReport
from tests.unit.vision.sources.v4l2_driver import Driver, Knob, a_webcam


def reports(driver: Driver, wishes: CameraWishes) -> dict[str, ControlReport]:
    return {report.name: report for report in set_controls(driver, wishes)}


def test_left_alone_a_webcam_chooses_by_itself_but_keeps_its_frame_rate() -> None:
    camera = a_webcam()
    told = reports(camera, CameraWishes())
    assert all(report.granted for report in told.values())
    assert camera.knobs[Control.EXPOSURE_AUTO].value == 3
    assert camera.knobs[Control.EXPOSURE_AUTO_PRIORITY].value == 0
    assert camera.knobs[Control.FOCUS_AUTO].value == 1
    assert camera.knobs[Control.POWER_LINE_FREQUENCY].value == 1


def test_what_is_asked_for_is_set_in_the_drivers_units() -> None:
    camera = a_webcam()
    told = reports(camera, CameraWishes(exposure_us=8_000, gain=20, focus=40, power_line_hz=60))
    assert all(report.granted for report in told.values())
    assert camera.knobs[Control.EXPOSURE_AUTO].value == 1
    assert camera.knobs[Control.EXPOSURE_ABSOLUTE].value == 80
    assert camera.knobs[Control.GAIN].value == 20
    assert camera.knobs[Control.FOCUS_AUTO].value == 0
    assert camera.knobs[Control.FOCUS_ABSOLUTE].value == 40
    assert camera.knobs[Control.POWER_LINE_FREQUENCY].value == 2


def test_a_value_that_is_out_of_reach_becomes_the_nearest_one_and_is_told() -> None:
    told = reports(a_webcam(), CameraWishes(exposure_us=500_000, focus=12))
    assert str(told["exposure"]) == (
        "exposure: asked 500000 us, got 204700 us (it can do 300 to 204700 us)"
    )
    assert str(told["focus"]) == "focus: asked 12, got 10 (it can do 0 to 250)"
    assert not told["exposure"].granted
    assert not told["focus"].granted


def test_a_control_that_is_not_there_is_told_only_where_it_was_asked_for() -> None:
    bare = Driver()
    told = reports(bare, CameraWishes(focus=30))
    assert not told["focus"].granted
    assert told["focus"].got == "no such control"
    assert told["exposure"].granted
    assert not told["power line"].granted


def test_a_camera_that_keeps_its_own_mind_is_believed_by_what_it_reads() -> None:
    camera = a_webcam()
    camera.knobs[Control.POWER_LINE_FREQUENCY].stuck = True
    camera.knobs[Control.EXPOSURE_AUTO].stuck = True
    told = reports(camera, CameraWishes())
    assert str(told["power line"]) == "power line: asked 50 Hz, got 60 Hz"
    assert str(told["exposure"]) == "exposure: asked automatic, got manual"


def test_fully_automatic_exposure_is_taken_where_aperture_priority_is_refused() -> None:
    camera = a_webcam()
    camera.knobs[Control.EXPOSURE_AUTO] = Knob(0, 3, 1, 1, refuses=(2, 3))
    assert reports(camera, CameraWishes())["exposure"].granted
    assert camera.knobs[Control.EXPOSURE_AUTO].value == 0


@pytest.mark.parametrize("flags", [0x1, 0x4], ids=["disabled", "read only"])
def test_a_control_that_cannot_be_set_counts_as_absent(flags: int) -> None:
    camera = a_webcam()
    camera.knobs[Control.FOCUS_ABSOLUTE].flags = flags
    assert reports(camera, CameraWishes(focus=40))["focus"].got == "no such control"


def test_a_driver_that_lists_nonsense_limits_is_survived() -> None:
    camera = a_webcam()
    camera.knobs[Control.GAIN] = Knob(10, 5, 0, 7)
    camera.knobs[Control.FOCUS_ABSOLUTE] = Knob(0, 250, 0, 7)
    told = reports(camera, CameraWishes(gain=3, focus=4))
    assert told["gain"].got == "no such control"
    assert told["focus"].granted


def test_a_driver_that_answers_with_an_unknown_menu_entry_is_survived() -> None:
    camera = a_webcam()
    camera.knobs[Control.POWER_LINE_FREQUENCY] = Knob(-9, 9, 1, -7, stuck=True)
    assert reports(camera, CameraWishes())["power line"].got == "something else"
