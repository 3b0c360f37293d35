"""A closer look: what each rung alone makes readable, and that odd places are safe."""

import math

import numpy as np
import pytest

from scanner.vision.closer_look import MAX_CROP_PIXELS, Rung, box_around, cut_out
from scanner.vision.engines import ZxingEngine
from scanner.vision.frames import Box, Corners, Grey
from tests.vision_builders import SMALL_CODE, a_frame_with, a_picture, a_small_code, a_text

ENGINE = ZxingEngine()
LEFT, TOP = SMALL_CODE


def reads(grey: Grey, text: str) -> bool:
    return any(sighting.text == text for sighting in ENGINE.search(grey))


def around_the_code(px_per_module: float) -> Box:
    side = round(73 * px_per_module)
    return LEFT, TOP, LEFT + side, TOP + side


@pytest.mark.parametrize(
    ("rung", "px_per_module", "options"),
    [
        (Rung.ENLARGED, 1.5, {"noise": 35.0}),
        (Rung.REFOCUSED, 2.5, {"blur": 1.7}),
        (Rung.REFOCUSED_FINELY, 1.5, {"blur": 1.0}),
        (Rung.STILLED, 3.2, {"motion": 9}),
    ],
)
def test_a_frame_that_only_this_rung_reads(
    rung: Rung, px_per_module: float, options: dict[str, float]
) -> None:
    text, frame = a_small_code(px_per_module, **options)  # type: ignore[arg-type]
    crop = cut_out(frame, around_the_code(px_per_module))
    assert crop is not None
    assert not reads(frame, text)
    assert [one for one in crop.ladder if reads(crop.through(one), text)] == [rung]


def test_another_turn_uses_other_figures() -> None:
    crop = cut_out(a_small_code(2.5, motion=7)[1], around_the_code(2.5))
    assert crop is not None
    assert crop.smear is not None
    for rung in (Rung.REFOCUSED, Rung.REFOCUSED_FINELY, Rung.STILLED, Rung.STILLED_ANEW):
        assert not np.array_equal(crop.through(rung, 0), crop.through(rung, 1))


def test_a_smeared_crop_is_stilled_first_and_a_steady_one_never() -> None:
    smeared = cut_out(a_small_code(3.0, motion=7)[1], around_the_code(3.0))
    steady = cut_out(a_small_code(3.0, blur=1.0)[1], around_the_code(3.0))
    assert smeared is not None
    assert steady is not None
    assert smeared.ladder[0] is Rung.STILLED
    assert Rung.STILLED not in steady.ladder


def test_a_crop_takes_the_quiet_zone_in_and_maps_back_to_the_frame() -> None:
    crop = cut_out(np.zeros((720, 1280), np.uint8), (400, 300, 500, 400))
    assert crop is not None
    assert (crop.left, crop.top) == (385, 285)
    assert crop.grey.shape == (130, 130)
    twice = crop.through(Rung.ENLARGED)
    assert twice.shape == (260, 260)
    found: Corners = ((30, 30), (230, 30), (230, 230), (30, 230))
    placed = crop.to_frame(found, twice)
    assert box_around(placed) == (400, 300, 500, 400)


@pytest.mark.parametrize(
    "box",
    [
        (-500, -500, -400, -400),
        (5000, 5000, 5100, 5100),
        (100, 100, 100, 100),
        (500, 400, 400, 300),
        (0, 0, 1280, 720),
    ],
)
def test_odd_places_are_left_alone(box: Box) -> None:
    assert cut_out(np.zeros((720, 1280), np.uint8), box) is None


@pytest.mark.parametrize("box", [(-50, -50, 60, 60), (1200, 650, 1400, 800)])
def test_a_place_at_the_edge_is_cut_off_there(box: Box) -> None:
    crop = cut_out(np.zeros((720, 1280), np.uint8), box)
    assert crop is not None
    assert 0 < crop.grey.size <= MAX_CROP_PIXELS


@pytest.mark.parametrize("rung", Rung)
@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_place_without_any_texture_is_prepared_without_fuss(rung: Rung, level: int) -> None:
    crop = cut_out(np.full((300, 300), level, np.uint8), (50, 50, 200, 200))
    assert crop is not None
    assert ENGINE.search(crop.through(rung)) == []


def test_enlarging_stops_where_only_the_time_would_grow() -> None:
    picture = a_frame_with(a_picture(a_text(600), px_per_module=6), 100, 50)
    crop = cut_out(picture, (100, 50, 600, 550))
    assert crop is not None
    assert max(crop.through(Rung.ENLARGED_MORE).shape) <= 900
    assert math.isclose(crop.grey.shape[0], 625, abs_tol=1)
