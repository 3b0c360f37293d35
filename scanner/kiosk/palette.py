"""Colours that stay apart in sunlight, in greyscale and for colour-blind guards.

The three verdicts differ first in luminance (relative, WCAG 2: red 0.05, green 0.34, amber 0.68)
and only then in hue; `tests/unit/kiosk/test_palette.py` measures them through simulated
protanopia, deuteranopia and tritanopia.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

RGB = tuple[int, int, int]


class Tone(StrEnum):
    """What a whole screen says at a glance."""

    ADMIT = "admit"
    CHECK = "check"
    REFUSE = "refuse"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Scheme:
    """Two colours of a picture: what it is painted on, and what it is painted with."""

    ground: RGB
    ink: RGB

    @property
    def css_ground(self) -> str:
        """The ground as Textual and terminals write it."""
        return css(self.ground)

    @property
    def css_ink(self) -> str:
        """The ink as Textual and terminals write it."""
        return css(self.ink)


class ButtonKind(StrEnum):
    """What a button does."""

    PLAIN = "plain"
    ADMIT = "admit"
    REFUSE = "refuse"


BLACK: Final = (0, 0, 0)
WHITE: Final = (255, 255, 255)
NIGHT: Final = (14, 18, 24)
"""Ground of everything that is not a verdict; `kiosk.tcss` calls it $night."""

SCHEMES: Final = {
    Tone.ADMIT: Scheme((24, 178, 84), BLACK),
    Tone.CHECK: Scheme((255, 208, 0), BLACK),
    Tone.REFUSE: Scheme((148, 0, 24), WHITE),
    Tone.FAULT: Scheme((38, 50, 176), WHITE),
}
PLAIN: Final = Scheme(NIGHT, WHITE)
HINT: Final = Scheme(NIGHT, (140, 208, 255))
"""Light blue on the ground of the idle screen: nobody takes advice for a verdict."""
BUTTONS: Final = {
    ButtonKind.PLAIN: Scheme((58, 71, 86), WHITE),
    ButtonKind.ADMIT: Scheme((14, 70, 38), WHITE),
    ButtonKind.REFUSE: Scheme((82, 18, 28), WHITE),
}
"""Dark on purpose: a bright red button on a green screen would be a second verdict."""
AIM: Final = (64, 255, 128)
"""The frame round a code in the viewfinder."""


def ramp(scheme: Scheme, steps: int) -> tuple[RGB, ...]:
    """`steps` colours from the ground to the ink, both included."""
    return tuple(
        (
            _between(scheme.ground[0], scheme.ink[0], step, steps - 1),
            _between(scheme.ground[1], scheme.ink[1], step, steps - 1),
            _between(scheme.ground[2], scheme.ink[2], step, steps - 1),
        )
        for step in range(steps)
    )


def css(colour: RGB) -> str:
    """The colour as Textual and terminals write it, `#rrggbb`."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _between(low: int, high: int, step: int, last: int) -> int:
    return round(low + (high - low) * step / last)
