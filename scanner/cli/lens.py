"""From the settings' words about the camera to what is asked of it."""

from typing import TYPE_CHECKING

from scanner.vision.wishes import CameraWishes

if TYPE_CHECKING:
    from config.settings import Camera


def wishes_of(camera: "Camera") -> CameraWishes:
    """What the settings ask of the camera; `auto` is its own choice."""
    return CameraWishes(
        width=camera.width,
        height=camera.height,
        fps=camera.fps,
        exposure_us=None if camera.exposure_us == "auto" else camera.exposure_us,
        gain=None if camera.gain == "auto" else camera.gain,
        focus=None if camera.focus == "auto" else camera.focus,
        steer_exposure=camera.steer_exposure,
        power_line_hz=camera.power_line_hz,
    )
