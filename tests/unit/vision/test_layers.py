"""Several pictures of one place laid over one another."""

import numpy as np
import pytest

from scanner.vision.frames import Grey
from scanner.vision.layers import LEAST_LAYERS, MAX_SIDE, laid_over
from tests.vision_builders import a_small_code, shaken, with_noise

PART = np.s_[170:370, 470:670]


def a_noisy_picture(number: int, sigma: float = 40.0) -> Grey:
    _, frame = a_small_code(2.0, noise=0.0, seed=7)
    return with_noise(shaken(frame, number), sigma, number)[PART]


def test_noise_averages_out_and_the_code_stays() -> None:
    pictures = tuple(a_noisy_picture(number) for number in range(6))
    mean = laid_over(pictures)
    assert mean is not None
    _, frame = a_small_code(2.0, noise=0.0, seed=7)
    truth = shaken(frame, 5)[PART]
    assert _error(mean, truth) < 0.6 * _error(pictures[-1], truth)


def test_too_few_pictures_tell_nothing() -> None:
    pictures = tuple(a_noisy_picture(number) for number in range(LEAST_LAYERS - 1))
    assert laid_over(pictures) is None


def test_pictures_of_other_things_do_not_go_together() -> None:
    noise = [with_noise(np.full((200, 200), 120, np.uint8), 40.0, number) for number in range(5)]
    assert laid_over(tuple(noise)) is None


@pytest.mark.parametrize("level", [0, 255])
def test_pictures_without_texture_are_no_fault(level: int) -> None:
    assert laid_over((np.full((100, 120), level, np.uint8),) * 4) is None


def test_pictures_may_differ_in_size() -> None:
    pictures = [a_noisy_picture(number, 5.0) for number in range(4)]
    pictures[0] = pictures[0][:180, :190]
    pictures[1] = np.pad(pictures[1], 9)
    mean = laid_over(tuple(pictures))
    assert mean is not None
    assert mean.shape == pictures[-1].shape


def test_large_pictures_are_left_alone() -> None:
    assert laid_over((np.zeros((MAX_SIDE + 1, 100), np.uint8),) * 4) is None


def _error(one: Grey, other: Grey) -> float:
    return float(np.mean(np.abs(one.astype(float) - other.astype(float))))
