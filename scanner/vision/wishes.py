"""What is asked of a camera, and what it made of that."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraWishes:
    """What is asked of a camera; files and streams are as they are and ignore most of it.

    Attributes:
        width, height: of the picture, in pixels.
        fps: frames a second.
        exposure_us: microseconds of light a picture; None for the camera's own choice, which then
            may not lower the frame rate.
        gain: in the driver's units; None for the camera's own choice.
        focus: in the driver's units, at a ribbon camera in dioptres (1 / metres); None for
            autofocus.
        power_line_hz: lamps flicker with the mains, 50 or 60; 0 for daylight and direct current.
    """

    width: int = 1280
    height: int = 720
    fps: int = 15
    exposure_us: int | None = None
    gain: float | None = None
    focus: float | None = None
    power_line_hz: int = 50


@dataclass(frozen=True, slots=True)
class ControlReport:
    """One wish and its answer.

    Attributes:
        name: of the control, such as `exposure`.
        asked, got: in words with units.
        granted: the camera does what was asked, or has nothing that could be set wrong.
    """

    name: str
    asked: str
    got: str
    granted: bool

    def __str__(self) -> str:
        return f"{self.name}: asked {self.asked}, got {self.got}"
