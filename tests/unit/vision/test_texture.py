"""Where a code could be although none was located."""

import cv2
import numpy as np
import pytest

from scanner.vision.evidence import overlap
from scanner.vision.texture import MAX_HINTS, looks_like_a_code, texture_boxes
from tests.vision_builders import (
    SMALL_CODE,
    a_frame_with,
    a_picture,
    a_small_code,
    a_text,
    with_noise,
)

LEFT, TOP = SMALL_CODE


@pytest.mark.parametrize("px_per_module", [1.5, 2.0, 3.0, 4.0])
@pytest.mark.parametrize("blur", [0.0, 1.2])
def test_a_dense_code_is_pointed_at(px_per_module: float, blur: float) -> None:
    _, frame = a_small_code(px_per_module, blur=blur)
    [box] = texture_boxes(frame)
    quiet, side = round(4 * px_per_module), round(69 * px_per_module)
    code = (LEFT + quiet, TOP + quiet, LEFT + side, TOP + side)
    assert overlap(box, code) > 0.7
    assert looks_like_a_code(frame, box)


def test_it_is_pointed_at_in_the_noise_of_a_dark_hall() -> None:
    _, frame = a_small_code(2.5, noise=40.0)
    assert len(texture_boxes(frame)) == 1


@pytest.mark.parametrize("sigma", [0.0, 3.0, 30.0])
def test_nothing_is_pointed_at_on_noise_alone(sigma: float) -> None:
    assert texture_boxes(with_noise(np.full((720, 1280), 110, np.uint8), sigma, 1)) == []


def test_lines_of_text_and_stripes_are_no_code() -> None:
    wall = np.full((720, 1280), 220, np.uint8)
    for line in range(60, 400, 14):
        cv2.putText(
            wall, "OPEN FROM NINE TO FIVE", (80, line), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 20, 1
        )
    wall[450:700, 100:500:6] = 20
    assert texture_boxes(wall) == []


def test_of_many_codes_the_largest_are_pointed_at() -> None:
    frame = a_frame_with(a_picture(a_text(600), 4), 20, 20)
    for index in range(3):
        small = a_picture(a_text(480, index), 2)
        frame[500 : 500 + small.shape[0], 100 + 300 * index :][:, : small.shape[1]] = small
    boxes = texture_boxes(np.asarray(cv2.GaussianBlur(frame, (0, 0), 0.8), dtype=np.uint8))
    assert len(boxes) == MAX_HINTS
    assert overlap(boxes[0], (36, 36, 312, 312)) > 0.7


@pytest.mark.parametrize("shape", [(0, 0), (1, 1), (8, 2000), (63, 63), (65, 67), (721, 1283)])
def test_frames_of_odd_sizes_are_no_fault(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    assert texture_boxes(noise) == []
    assert looks_like_a_code(noise, (-5, -5, 3, 3)) is False
