"""More and less light: doubled by each step, clipped, and spread by the lens."""

import numpy as np
import pytest

from scanner.vision.sources.light import exposed


def flat(level: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    return np.full((96, 128), level, np.uint8)


def test_no_step_changes_nothing() -> None:
    grey = flat(90)
    assert exposed(grey, 0.0) is grey


@pytest.mark.parametrize(
    ("level", "ev", "then"), [(60, 2.0, 120), (120, -2.0, 60), (120, 4.0, 255)]
)
def test_two_steps_double_the_grey_level_until_it_is_clipped(
    level: int, ev: float, then: int
) -> None:
    assert np.all(np.abs(exposed(flat(level), ev).astype(int) - then) <= 1)


def test_a_bright_part_glows_over_what_is_dark_beside_it() -> None:
    grey = flat(10)
    part = np.zeros_like(grey)
    part[:, :64] = 255
    grey[:, :64] = 230
    seen = exposed(grey, 0.0, 6.0, part)
    assert np.all(seen[:, :60] == 255)
    assert seen[48, 70] > seen[48, 100] > 100


def test_a_part_alone_is_left_as_it_is_without_a_step() -> None:
    grey = flat(10)
    assert exposed(grey, 0.0, 0.0, np.full_like(grey, 255)) is grey
