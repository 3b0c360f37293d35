"""The three verdicts stay apart in greyscale and for colour-blind guards."""

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.kiosk.palette import BUTTONS, RGB, SCHEMES, ButtonKind, Tone, ramp

VERDICTS = (Tone.ADMIT, Tone.CHECK, Tone.REFUSE)

# Machado, Oliveira and Fernandes 2009, severity 1.0, for linear RGB
VISION = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


def seen(colour: RGB, vision: str) -> NDArray[np.float64]:
    """Linear RGB as these eyes see it."""
    channels = np.array(colour) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.clip(VISION[vision] @ linear, 0, 1))


def contrast(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """WCAG 2 contrast ratio of two linear colours."""
    dark, light = sorted((float(LUMINANCE @ one), float(LUMINANCE @ other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize(("one", "other"), combinations(VERDICTS, 2))
def test_verdicts_differ_in_luminance_alone(vision: str, one: Tone, other: Tone) -> None:
    grounds = (seen(SCHEMES[tone].ground, vision) for tone in (one, other))
    assert contrast(*grounds) >= 1.6


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("tone", Tone)
def test_ink_is_readable_on_its_ground(vision: str, tone: Tone) -> None:
    scheme = SCHEMES[tone]
    assert contrast(seen(scheme.ground, vision), seen(scheme.ink, vision)) >= 7


@pytest.mark.parametrize("vision", VISION)
def test_button_labels_are_readable(vision: str) -> None:
    for scheme in BUTTONS.values():
        assert contrast(seen(scheme.ground, vision), seen(scheme.ink, vision)) >= 7


def test_ramp_begins_with_the_ground_and_ends_with_the_ink() -> None:
    scheme = SCHEMES[Tone.CHECK]
    steps = ramp(scheme, 8)
    assert (steps[0], steps[-1], len(steps)) == (scheme.ground, scheme.ink, 8)


def test_no_button_is_as_bright_as_a_verdict() -> None:
    brightest = max(float(LUMINANCE @ seen(scheme.ground, "normal")) for scheme in BUTTONS.values())
    assert brightest < 0.07
    reddest = seen(BUTTONS[ButtonKind.REFUSE].ground, "normal")[0]
    assert reddest < seen(SCHEMES[Tone.REFUSE].ground, "normal")[0] / 2
