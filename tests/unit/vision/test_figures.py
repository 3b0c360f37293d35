"""Brightness, focus and noise of a picture."""

import cv2
import numpy as np
import pytest

from scanner.vision.figures import brightness, focus, noise
from scanner.vision.frames import Grey
from tests.vision_builders import a_frame_with, a_picture, a_text


def a_scene(blur: float = 0.0, contrast: float = 1.0) -> Grey:
    sharp = a_frame_with(a_picture(a_text(300)), 400, 200).astype(np.float32)
    toned = 128 + (sharp - 128) * contrast
    blurred = cv2.GaussianBlur(toned, (0, 0), blur) if blur else toned
    return np.clip(blurred, 0, 255).astype(np.uint8)


def with_noise(grey: Grey, sigma: float) -> Grey:
    spread = np.random.default_rng(3).normal(0, sigma, grey.shape)
    return np.clip(grey + spread, 0, 255).astype(np.uint8)


def test_brightness_is_the_mean() -> None:
    assert brightness(np.array([[0, 100], [100, 200]], np.uint8)) == 100


def test_focus_falls_with_every_step_of_blur() -> None:
    values = [focus(a_scene(blur)) for blur in (0.0, 1.0, 2.0, 4.0, 8.0)]
    assert values == sorted(values, reverse=True)
    assert values[0] > 3 * values[3]


def test_focus_hardly_depends_on_contrast() -> None:
    assert focus(a_scene(contrast=0.4)) == pytest.approx(focus(a_scene()), rel=0.05)


def test_a_picture_without_contrast_has_no_focus() -> None:
    assert focus(np.full((48, 64), 90, np.uint8)) == 0


@pytest.mark.parametrize("sigma", [2.0, 5.0, 10.0])
def test_noise_is_measured_in_spite_of_edges(sigma: float) -> None:
    assert noise(with_noise(a_scene(), sigma)) == pytest.approx(sigma, rel=0.2)


def test_a_still_picture_has_hardly_any_noise() -> None:
    assert noise(a_scene()) < 0.5
    assert noise(np.zeros((2, 2), np.uint8)) == 0
