"""The second look at codes that were located and not read."""

import cv2
import numpy as np
import pytest
import zxingcpp

from scanner.vision.closer_look import ENLARGEMENT, MAX_CROP_PIXELS, look_closer
from scanner.vision.frames import Corners, Grey
from scanner.vision.reader import QrReader
from scanner.vision.sources.rendering import SceneRenderer
from scanner.vision.sources.stage import Condition, Medium, Scene
from tests.vision_builders import a_frame_with, a_text

QR_CODES = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


def a_box(left: float, top: float, right: float, bottom: float) -> Corners:
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def a_small_blurred_frame(seed: int) -> tuple[str, Grey]:
    """A phone at the other end of the hall, out of focus: 2.2 pixels per module."""
    scene = Scene(text=a_text(560, seed), medium=Medium.PHONE, condition=Condition.CLEAN, seed=seed)
    small = SceneRenderer(640, 360).render(scene, 1.0, seed)
    assert scene.text is not None
    blurred = np.asarray(cv2.GaussianBlur(small, (0, 0), 0.85), dtype=np.uint8)
    return scene.text, a_frame_with(blurred, left=300, top=200)


def test_small_blurred_codes_are_read_at_a_second_look_and_placed_in_the_frame() -> None:
    read = 0
    for seed in range(8):
        text, frame = a_small_blurred_frame(seed)
        assert zxingcpp.read_barcodes(frame, formats=QR_CODES) == []
        for code in QrReader().read(frame):
            assert code.text == text
            assert all(300 < x < 940 and 200 < y < 560 for x, y in code.corners)
            assert code.px_per_module == pytest.approx(2.2, abs=0.3)
            read += 1
    assert read >= 6


def test_a_look_takes_the_quiet_zone_in_and_maps_back_to_the_frame() -> None:
    frame = np.zeros((720, 1280), np.uint8)
    look = look_closer(frame, a_box(400, 300, 500, 400))
    assert look is not None
    assert (look.left, look.top) == (385, 285)
    assert look.grey.shape == (130 * ENLARGEMENT, 130 * ENLARGEMENT)
    assert look.to_frame(a_box(30, 30, 230, 230)) == a_box(400, 300, 500, 400)


@pytest.mark.parametrize(
    "corners",
    [
        a_box(-500, -500, -400, -400),
        a_box(5000, 5000, 5100, 5100),
        a_box(0, 0, 1280, 720),
        a_box(100, 100, 100, 100),
        a_box(500, 400, 400, 300),
    ],
)
def test_odd_places_are_looked_at_safely_or_not_at_all(corners: Corners) -> None:
    look = look_closer(np.zeros((720, 1280), np.uint8), corners)
    assert look is None or 0 < look.grey.size <= MAX_CROP_PIXELS * ENLARGEMENT**2
