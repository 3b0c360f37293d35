"""Bent sheets: found to be bent, and along which axis; flattened, read, and put in their place."""

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.vision.closer_look import Crop, Rung, box_around, cut_out
from scanner.vision.engines import ZxingEngine
from scanner.vision.frames import Grey
from scanner.vision.unbend import Axis, bend_of, bent_back, flattened
from tests.vision_builders import a_frame_with, a_picture, a_text

LEFT, TOP, PX = 420, 160, 4
TEXT = a_text(600)
SIDE = a_picture(TEXT, px_per_module=PX).shape[0]
ENGINE = ZxingEngine()


def around_a_cylinder(grey: Grey, half_angle: float, axis: Axis) -> Grey:
    """A sheet as it is seen from the front, its edges `half_angle` radians from the middle."""
    along = grey if axis is Axis.X else np.ascontiguousarray(grey.T)
    rows, columns = along.shape
    u = np.linspace(-1, 1, columns)
    x = (np.arcsin(u * math.sin(half_angle)) / half_angle + 1) / 2 * (columns - 1)
    map_x = np.repeat(x[None, :], rows, axis=0).astype(np.float32)
    map_y = np.repeat(np.arange(rows)[:, None], columns, axis=1).astype(np.float32)
    bent = cv2.remap(along, map_x, map_y, cv2.INTER_LINEAR)
    return np.asarray(bent if axis is Axis.X else bent.T, dtype=np.uint8)


def a_bent_code(half_angle: float, axis: Axis) -> Grey:
    bent = around_a_cylinder(a_picture(TEXT, px_per_module=PX), half_angle, axis)
    return a_frame_with(bent, LEFT, TOP)


def inner_part(text: str, half_angle: float, axis: Axis) -> Grey:
    margin = 5 * PX
    bent = around_a_cylinder(a_picture(text, px_per_module=PX), half_angle, axis)
    return bent[margin:-margin, margin:-margin]


@pytest.mark.parametrize("axis", Axis)
def test_bent_codes_are_told_from_most_flat_ones(axis: Axis) -> None:
    texts = [a_text(600, seed) for seed in range(8)]
    bent = [bend_of(inner_part(text, 0.8, axis)) for text in texts]
    flat = [bend_of(inner_part(text, 0.01, axis)) for text in texts]
    assert bent.count(axis) >= 6
    assert flat.count(axis) <= 3


@pytest.mark.parametrize("axis", Axis)
@pytest.mark.parametrize("half_angle", [0.7, 0.8])
def test_a_bent_code_is_read_once_it_is_flattened_and_found_where_it_is(
    half_angle: float, axis: Axis
) -> None:
    frame = a_bent_code(half_angle, axis)
    assert all(sighting.text is None for sighting in ENGINE.search(frame))
    quiet = 4 * PX
    box = (LEFT + quiet, TOP + quiet, LEFT + SIDE - quiet, TOP + SIDE - quiet)
    crop = cut_out(frame, box)
    assert crop is not None
    crop = replace(crop, bend=axis)
    prepared = crop.through(Rung.FLATTENED)
    (sighting,) = ENGINE.search(prepared)
    assert sighting.text == TEXT
    left, top, right, bottom = box_around(crop.to_frame(sighting.corners, prepared, Rung.FLATTENED))
    side = SIDE
    assert abs((left + right) / 2 - (LEFT + side / 2)) < 8
    assert abs((top + bottom) / 2 - (TOP + side / 2)) < 8
    assert 0.7 * side < min(right - left, bottom - top)


def test_what_does_not_seem_bent_is_not_flattened() -> None:
    smooth = Crop(np.zeros((100, 100), np.uint8), 0, 0, None, None)
    assert Rung.FLATTENED not in smooth.ladder
    assert Rung.FLATTENED in replace(smooth, bend=Axis.X).ladder


@given(
    x=st.floats(0.2, 0.8),
    y=st.floats(0.2, 0.8),
    axis=st.sampled_from(Axis),
    share=st.floats(0.6, 1),
)
def test_a_point_of_the_flat_picture_goes_back_to_where_it_came_from(
    x: float, y: float, axis: Axis, share: float
) -> None:
    ramp = np.add.outer(np.arange(120), np.arange(120)).astype(np.uint8)
    flat = flattened(ramp, axis, share, 2.0)
    column, row = int(x * 240), int(y * 240)
    back = bent_back(((column + 0.5) / 2, (row + 0.5) / 2), (120, 120), axis, share)
    assert abs(float(flat[row, column]) - (sum(back) - 1)) <= 1.5


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 255))
def test_any_picture_is_survived(rows: int, columns: int, level: int) -> None:
    assert bend_of(np.full((rows, columns), level, np.uint8)) is None
