"""From the settings to what is asked of the camera."""

from config.settings import Camera
from scanner.cli.lens import wishes_of
from scanner.vision.wishes import CameraWishes


def test_the_settings_defaults_ask_for_what_a_camera_is_asked_by_default() -> None:
    assert wishes_of(Camera()) == CameraWishes()


def test_numbers_are_passed_on_and_auto_leaves_the_choice_to_the_camera() -> None:
    wishes = wishes_of(Camera(exposure_us=10_000, gain=4, focus="auto", power_line_hz=60))
    assert (wishes.exposure_us, wishes.gain, wishes.focus) == (10_000, 4, None)
    assert wishes.power_line_hz == 60
