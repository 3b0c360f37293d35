"""Each measure on rendered frames, on both sides of what it is used for."""

import numpy as np
import pytest

from scanner.vision.frames import Grey
from scanner.vision.measures import Glance, Measures, Patch, glance, measure
from scanner.vision.sources.stage import Condition, Medium, Scene
from tests.hint_frames import (
    Holder,
    a_scene,
    an_empty_gate,
    in_the_dark,
    through_a_dirty_lens,
    with_glare,
)

SEEDS = (1, 2, 5)
MEDIA = (Medium.PHONE, Medium.PAPER)


def measured(grey: Grey, before: Grey | None = None, gap_s: float = 1 / 15) -> Measures:
    earlier = None if before is None else glance(before, 10.0 - gap_s)
    return measure(grey, glance(grey, 10.0), earlier)


def patch_of(grey: Grey, before: Grey | None = None) -> Patch:
    patch = measured(grey, before).patch
    assert patch is not None
    return patch


@pytest.mark.parametrize("seed", range(6))
def test_an_empty_gate_has_nothing_like_a_code(seed: int) -> None:
    assert measured(an_empty_gate(seed)).patch is None


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("medium", MEDIA)
@pytest.mark.parametrize("condition", Condition)
def test_the_code_is_found(seed: int, medium: Medium, condition: Condition) -> None:
    left, top, right, bottom = patch_of(Holder(a_scene(seed, medium, condition)).frame()).box
    assert left < 640 < right
    assert top < 360 < bottom
    assert 230 < min(right - left, bottom - top) < 470


@pytest.mark.parametrize("medium", MEDIA)
def test_a_smeared_and_a_soft_code_are_found_too(medium: Medium) -> None:
    holder = Holder(a_scene(1, medium))
    assert patch_of(holder.waving(0.8, 0, 800, 0.02)).side_px > 300
    assert patch_of(through_a_dirty_lens(holder.frame(), 4)).side_px > 300


@pytest.mark.parametrize(
    ("scale", "least", "most"), [(0.2, 96, 200), (1.0, 330, 420), (3, 700, 720)]
)
def test_its_side_follows_the_distance(scale: float, least: int, most: int) -> None:
    assert least <= patch_of(Holder(a_scene(2), scale).frame()).side_px <= most


@pytest.mark.parametrize("speed_px_s", [100, 200, 400, 800])
def test_speed_is_told_in_pixels_a_second(speed_px_s: float) -> None:
    holder = Holder(a_scene())
    now, before = (holder.waving(at_s, 0, speed_px_s, 0.02) for at_s in (0.8, 0.8 - 1 / 15))
    assert patch_of(now, before).speed_px_s == pytest.approx(speed_px_s, rel=0.15)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("since_s", [1.0, 1.3, 1.7, 2.2])
def test_a_calm_hand_has_little_speed(seed: int, since_s: float) -> None:
    holder = Holder(a_scene(seed))
    speed = patch_of(holder.frame(since_s, 1), holder.frame(since_s - 1 / 15, 2)).speed_px_s
    assert speed is not None
    assert speed < 70


@pytest.mark.parametrize("gap_s", [0.0, -1.0, 0.5])
def test_no_speed_without_a_recent_glance(gap_s: float) -> None:
    grey = Holder(a_scene()).frame()
    patch = measured(grey, grey, gap_s).patch
    assert patch is not None
    assert patch.speed_px_s is None
    assert patch_of(grey).speed_px_s is None


def test_no_speed_between_cameras_of_different_size() -> None:
    grey = Holder(a_scene()).frame()
    other = glance(np.zeros((480, 640), np.uint8), 9.9)
    patch = measure(grey, glance(grey, 10.0), other).patch
    assert patch is not None
    assert patch.speed_px_s is None


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("medium", MEDIA)
def test_glare_washes_a_part_out(seed: int, medium: Medium) -> None:
    clean = Holder(a_scene(seed, medium)).frame()
    washed = patch_of(with_glare(clean, (620, 330)))
    assert (washed.light, patch_of(clean).washed) == (255, 0)
    assert washed.washed >= 0.1


def test_light_levels_of_the_frame_and_of_the_code() -> None:
    clean = measured(Holder(a_scene()).frame())
    assert clean.light > 200
    assert measured(in_the_dark(Holder(a_scene()).frame(), 0.08)).light < 30
    dim = measured(Holder(a_scene(1, Medium.PAPER), screen=0.2).frame())
    assert dim.patch is not None
    assert (dim.patch.light < 60, dim.light > 150) == (True, True)


@pytest.mark.parametrize("medium", MEDIA)
def test_sharpness_falls_behind_a_dirty_lens(medium: Medium) -> None:
    grey = Holder(a_scene(1, medium)).frame()
    sharp, soft = measured(grey).sharpness, measured(through_a_dirty_lens(grey, 4)).sharpness
    assert sharp is not None
    assert soft is not None
    assert (sharp > 0.4, soft < 0.2) == (True, True)


def test_an_empty_hall_out_of_focus_says_nothing_about_the_lens() -> None:
    assert measured(an_empty_gate()).sharpness is None


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("medium", MEDIA)
def test_a_card_without_a_code_is_small_uneven_or_without_grain(seed: int, medium: Medium) -> None:
    patch = measured(Holder(Scene(seed=seed, medium=medium)).frame()).patch
    assert patch is None or patch.side_px <= 96 or patch.evenness < 0.75 or patch.grain < 0.06


@pytest.mark.parametrize("shape", [(0, 0), (1, 1), (3, 900), (900, 3), (52, 52), (103, 211)])
def test_any_size_of_frame_is_taken(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    for grey in (noise, np.zeros(shape, np.uint8), np.full(shape, 255, np.uint8)):
        now = glance(grey, 1.0)
        measure(grey, now, Glance(now.grey, 0.9))


def test_a_strided_frame_measures_as_its_copy() -> None:
    wide = np.repeat(Holder(a_scene()).frame(), 2, axis=1)
    strided = wide[:, ::2]
    assert measured(strided) == measured(strided.copy())
