"""What is asked of a camera, and what it made of that."""

from dataclasses import dataclass
from typing import Final, Protocol

STEERING: Final = "exposure by the code"
"""Name of the control report that tells whether the exposure is steered."""


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
        steer_exposure: the place of a code may ask for more or less light than the camera would
            take; without effect where `exposure_us` is set.
        power_line_hz: lamps flicker with the mains, 50 or 60; 0 for daylight and direct current.
    """

    width: int = 1280
    height: int = 720
    fps: int = 15
    exposure_us: int | None = None
    gain: float | None = None
    focus: float | None = None
    steer_exposure: bool = True
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


@dataclass(frozen=True, slots=True)
class Span:
    """From the least to the most light that a camera can be asked for, in EV around its own."""

    lowest: float
    highest: float

    def __str__(self) -> str:
        return f"{self.lowest:+.1f} to {self.highest:+.1f} EV"


class ExposureDial(Protocol):
    """What lets a camera take more or less light than it would by itself."""

    @property
    def span(self) -> Span:
        """What it can be turned to; 0, the camera's own exposure, is always within."""
        ...

    def turn(self, bias_ev: float) -> float:
        """Ask for so many exposure values more light, each of which doubles it.

        Returns:
            What the camera has made of that, read back where it can be.
        """
        ...


def steered(by: str, span: Span) -> ControlReport:
    """The report of a source whose exposure is steered."""
    return ControlReport(STEERING, "on", f"by {by}, {span}", granted=True)


def not_steered(why: str, *, asked: str = "on", granted: bool = True) -> ControlReport:
    """The report of one that is not; granted where nothing is set wrong."""
    return ControlReport(STEERING, asked, why, granted)


def site_wishes_it_fixed(wishes: CameraWishes) -> ControlReport | None:
    """The report where the settings forbid steering; None where they allow it."""
    if wishes.exposure_us is not None:
        return not_steered("off: the settings fix the exposure", asked="off")
    return None if wishes.steer_exposure else not_steered("off", asked="off")
