"""Pictures that arrive and yet show nobody."""

from collections.abc import Iterable

import numpy as np

from scanner.vision.faults import (
    BLACK_AFTER_S,
    DAMAGED_AFTER_S,
    FROZEN_AFTER_S,
    Fault,
    Watch,
)
from scanner.vision.frames import Grey

FPS = 15


def after(frames: Iterable[Grey | None], fps: float = FPS) -> Watch:
    """The watch after frames at that rate; None is a damaged one."""
    watch = Watch.begin(0.0)
    for number, grey in enumerate(frames, start=1):
        at_s = number / fps
        watch = watch.spoilt(at_s) if grey is None else watch.seen(grey, at_s)
    return watch


def lasting(seconds: float) -> int:
    """Frames, so that the last comes that long after the first."""
    return round(seconds * FPS) + 1


def noisy(level: int, number: int, spread: float = 3.0) -> Grey:
    noise = np.random.default_rng(number).normal(level, spread, (90, 160))
    return np.clip(noise, 0, 255).astype(np.uint8)


def test_a_live_picture_has_no_fault() -> None:
    assert after(noisy(120, number) for number in range(60)).fault is None


def test_a_picture_without_one_changed_pixel_is_frozen() -> None:
    still = noisy(120, 1)
    assert after([still] * (lasting(FROZEN_AFTER_S) - 1)).fault is None
    assert after([still] * lasting(FROZEN_AFTER_S)).fault is Fault.FROZEN


def test_one_changed_pixel_anywhere_is_life() -> None:
    still, alive = noisy(120, 1), noisy(120, 1)
    alive[3, 5] += 1
    frames = [still, alive] * lasting(FROZEN_AFTER_S)
    assert after(frames).fault is None


def test_one_new_picture_thaws_it() -> None:
    assert after([*[noisy(120, 1)] * 40, noisy(120, 2)]).fault is None


def test_the_one_colour_of_a_decoder_without_a_stream_is_frozen() -> None:
    green = np.full((90, 160), 79, np.uint8)  # grey of YUV (0, 0, 0) as a decoder leaves it
    assert after([green] * lasting(FROZEN_AFTER_S)).fault is Fault.FROZEN


def test_a_covered_lens_is_black_noise_or_not() -> None:
    covered = [noisy(8, number) for number in range(lasting(BLACK_AFTER_S))]
    assert after(covered[:-2]).fault is None
    assert after(covered).fault is Fault.BLACK
    assert after([np.zeros((90, 160), np.uint8)] * lasting(BLACK_AFTER_S)).fault is Fault.BLACK


def test_a_dark_hall_with_one_lamp_is_not_black() -> None:
    frames = [noisy(8, number) for number in range(40)]
    for grey in frames:
        grey[10:30, 40:60] = 200
    assert after(frames).fault is None


def test_damage_without_end_is_a_fault_and_one_whole_frame_ends_it() -> None:
    live = noisy(120, 1)
    assert after([live, *[None] * round(DAMAGED_AFTER_S * FPS)]).fault is Fault.DAMAGED
    assert after([live, *[None] * (round(DAMAGED_AFTER_S * FPS) - 1)]).fault is None
    assert after([live, *[None] * 40, noisy(120, 2)]).fault is None


def test_now_and_then_a_damaged_frame_is_no_fault() -> None:
    frames = [None if number % 3 == 0 else noisy(120, number) for number in range(60)]
    assert after(frames).fault is None


def test_a_slow_camera_is_given_a_few_frames_before_it_counts_as_frozen() -> None:
    still = noisy(120, 1)
    assert after([still] * 3, fps=1).fault is None
    assert after([still] * 4, fps=1).fault is Fault.FROZEN


def test_a_change_of_the_picture_size_is_no_fault() -> None:
    grey = noisy(120, 1)
    assert after([grey, grey[:40, :40]]).unchanged.count == 0
