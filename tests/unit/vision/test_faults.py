"""Pictures that arrive and yet show nobody."""

import numpy as np

from scanner.vision.faults import BLACK_AFTER, FROZEN_AFTER, Fault, Watch, observe
from scanner.vision.frames import Grey


def after(*frames: Grey) -> Watch:
    watch = Watch()
    for grey in frames:
        watch = observe(watch, grey)
    return watch


def noisy(level: int, number: int, spread: float = 3.0) -> Grey:
    noise = np.random.default_rng(number).normal(level, spread, (90, 160))
    return np.clip(noise, 0, 255).astype(np.uint8)


def test_a_live_picture_has_no_fault() -> None:
    assert after(*(noisy(120, number) for number in range(60))).fault is None


def test_a_picture_without_one_changed_pixel_is_frozen() -> None:
    still = noisy(120, 1)
    assert after(*[still] * FROZEN_AFTER).fault is None
    assert after(*[still] * (FROZEN_AFTER + 1)).fault is Fault.FROZEN


def test_one_new_picture_thaws_it() -> None:
    assert after(*[noisy(120, 1)] * (FROZEN_AFTER + 5), noisy(120, 2)).fault is None


def test_a_covered_lens_is_black_noise_or_not() -> None:
    covered = [noisy(8, number) for number in range(BLACK_AFTER)]
    assert after(*covered[1:]).fault is None
    assert after(*covered).fault is Fault.BLACK


def test_a_dark_hall_with_one_lamp_is_not_black() -> None:
    frames = [noisy(8, number) for number in range(BLACK_AFTER)]
    for grey in frames:
        grey[10:30, 40:60] = 200
    assert after(*frames).fault is None


def test_a_change_of_the_picture_size_is_no_fault() -> None:
    assert after(noisy(120, 1), noisy(120, 1)[:40, :40]).unchanged == 0
