"""How a place in a frame is lit where a code may be, and how much more light it needs. Pure."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from scanner.vision.frames import Box, Grey

SATURATED: Final = 250
CRUSHED: Final = 4
WASHED: Final = 0.75
"""Share of a place that is saturated: half of a code is dark, so it has been swallowed."""
LIFTED: Final = 110
"""Grey level: where the dark modules of a saturated code are lighter, they are being swallowed."""
FAINT: Final = 60
"""Grey level: light modules that are darker are within reach of the noise."""
AIM: Final = 140
"""Grey level for the light modules of a faint code: far from `FAINT` and from saturation."""
STEP_EV: Final = 2.0

_MOST_SAMPLES: Final = 64  # of each side of a place


@dataclass(frozen=True, slots=True)
class CodeLight:
    """How a place is lit; grey levels from 0 to 255.

    Attributes:
        mean: of all of it.
        light, dark: of its light and dark modules.
        saturated, crushed: shares that are as light as the sensor goes, or as dark.
    """

    mean: float
    light: float
    dark: float
    saturated: float
    crushed: float

    @property
    def contrast(self) -> float:
        """Between light and dark modules, in grey levels."""
        return self.light - self.dark


def code_light(grey: Grey, box: Box) -> CodeLight | None:
    """Measure a place.

    Args:
        grey: the frame, `(H, W) uint8`.
        box: of the place; it may lie outside the frame.

    Returns:
        None when nothing of it is within the frame.
    """
    left, top, right, bottom = (max(value, 0) for value in box)
    part = grey[top:bottom, left:right]
    if not part.size:
        return None
    rows, columns = (max(side // _MOST_SAMPLES, 1) for side in part.shape)
    sample = part[::rows, ::columns]
    dark, light = np.percentile(sample, (10, 90))
    return CodeLight(
        mean=float(sample.mean()),
        light=float(light),
        dark=float(dark),
        saturated=float((sample >= SATURATED).mean()),
        crushed=float((sample <= CRUSHED).mean()),
    )


def correction_ev(light: CodeLight) -> float:
    """How much more light this place needs; 0 when it is not the light that is wrong with it.

    How far a saturated place is off cannot be seen, so that it gets whole steps down. A dark one
    is taken for linear in the light; cameras compress it, so that the step falls short of `AIM`
    and never passes it.
    """
    if light.saturated >= WASHED or (light.light >= SATURATED and light.dark >= LIFTED):
        return -STEP_EV
    if light.light < FAINT:
        return min(math.log2(AIM / max(light.light, 1.0)), STEP_EV)
    return 0.0
