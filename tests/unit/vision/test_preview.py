"""The viewfinder's picture."""

import numpy as np
import pytest

from scanner.vision.preview import make_preview, scale_corners


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1280, 720), (480, 270)),
        ((640, 480), (480, 360)),
        ((720, 1280), (202, 360)),
        ((100, 60), (100, 60)),
        ((5000, 2), (480, 1)),
        ((1, 1), (1, 1)),
    ],
)
def test_it_keeps_its_proportions_within_480x360(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    preview = make_preview(np.zeros(size[::-1], np.uint8))
    assert preview.shape[::-1] == expected
    assert preview.dtype == np.uint8


def test_corners_follow_the_picture() -> None:
    frame = np.zeros((720, 1280), np.uint8)
    corners = scale_corners(((0, 0), (1280, 720), (640, 360)), frame, make_preview(frame))
    assert corners == ((0, 0), (480, 270), (240, 135))
