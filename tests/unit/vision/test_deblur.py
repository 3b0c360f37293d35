"""Undoing known blur."""

import math

import cv2
import numpy as np
import pytest

from scanner.vision.deblur import Smear, focus, hold_still, smear_of
from scanner.vision.frames import Grey
from tests.vision_builders import a_picture, a_text


def a_code_moved(px_per_module: int, length_px: int, angle_deg: float) -> Grey:
    """A code that is turned by some degrees, then moved along x."""
    picture = a_picture(a_text(480), px_per_module * 2, ec_level="M")
    side = picture.shape[0]
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), angle_deg, 1.0)
    turned = cv2.warpAffine(picture, turn, (side, side), borderValue=255)
    half = cv2.resize(turned, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    moved = cv2.blur(half, (length_px, 1))
    return np.asarray(moved[40:-40, 40:-40], dtype=np.uint8)


@pytest.mark.parametrize("angle_deg", [0, 30, 60])
@pytest.mark.parametrize("length_px", [5, 9])
def test_a_movement_is_found_with_its_way_and_its_length(length_px: int, angle_deg: float) -> None:
    smear = smear_of(a_code_moved(3, length_px, angle_deg))
    assert smear is not None
    off = (math.degrees(smear.angle_rad) + 90) % 180 - 90
    assert abs(off) < 6
    assert smear.length_px == pytest.approx(length_px, rel=0.3)


def test_a_code_held_still_is_not_smeared_in_or_out_of_focus() -> None:
    sharp = a_picture(a_text(480), 3)
    assert smear_of(sharp) is None
    assert smear_of(np.asarray(cv2.GaussianBlur(sharp, (0, 0), 2.0), dtype=np.uint8)) is None


def test_focusing_brings_the_modules_back() -> None:
    sharp = a_picture(a_text(480), 3)
    soft = np.asarray(cv2.GaussianBlur(sharp, (0, 0), 1.6), dtype=np.uint8)
    again = focus(soft, 1.6, 0.003)
    assert again.shape == sharp.shape
    assert _likeness(again, sharp) > 0.9 > _likeness(soft, sharp)


def test_holding_still_brings_the_modules_back() -> None:
    sharp = a_picture(a_text(480), 4)
    moved = np.asarray(cv2.blur(sharp, (9, 1)), dtype=np.uint8)
    again = hold_still(moved, Smear(9.0, 0.0), 0.006)
    assert _likeness(again, sharp) > 0.85 > _likeness(moved, sharp)


@pytest.mark.parametrize("shape", [(24, 24), (24, 300), (301, 77)])
def test_any_size_comes_back_as_it_was(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    assert focus(noise, 1.0, 0.01).shape == shape
    assert hold_still(noise, Smear(5.0, 1.0), 0.01).shape == shape


def _likeness(one: Grey, other: Grey) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])
