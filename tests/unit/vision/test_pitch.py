"""Pixels per module from the texture alone: on rendered frames whose truth is known."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.vision.engines import ZxingEngine
from scanner.vision.evidence import Place
from scanner.vision.frames import Box, Frame, Grey
from scanner.vision.measures import glance, measure
from scanner.vision.pitch import module_pitch
from scanner.vision.reader import StreamReader
from tests.bench.vision.payloads import codes
from tests.bench.vision.scenes import Condition, Scene
from tests.vision_builders import a_frame_with, a_picture, a_text, with_noise


def turned(grey: Grey, degrees: float) -> Grey:
    rows, columns = grey.shape
    matrix = cv2.getRotationMatrix2D((columns / 2, rows / 2), degrees, 1.0)
    return np.asarray(
        cv2.warpAffine(grey, matrix, (columns, rows), borderValue=255), dtype=np.uint8
    )


def drawn(px_per_module: float, degrees: float = 0.0) -> tuple[Grey, Box]:
    """A code of that size in the middle of a frame, as a sensor averages it."""
    large = turned(a_picture(a_text(600), px_per_module=16), degrees)
    side = round(large.shape[0] * px_per_module / 16)
    small = cv2.resize(large, (side, side), interpolation=cv2.INTER_AREA)
    soft = np.asarray(cv2.GaussianBlur(small, (0, 0), 0.5), dtype=np.uint8)
    left, top = (1280 - side) // 2, (720 - side) // 2
    return a_frame_with(soft, left, top), (left, top, left + side, top + side)


@pytest.mark.parametrize("px_per_module", [2.0, 2.5, 3.0, 4.0, 6.0])
@pytest.mark.parametrize("degrees", [0, 8, 20, 45])
def test_it_is_told_within_a_seventh_at_any_angle(px_per_module: float, degrees: float) -> None:
    told = module_pitch(*drawn(px_per_module, degrees))
    assert told == pytest.approx(px_per_module, rel=0.15)


@pytest.mark.parametrize("px_per_module", [1.0, 1.5, 1.9])
def test_what_is_too_small_to_be_read_is_told_to_be_small(px_per_module: float) -> None:
    told = module_pitch(*drawn(px_per_module))
    assert told is not None
    assert told < 2.5


def test_noise_changes_it_little() -> None:
    grey, box = drawn(4.0)
    assert module_pitch(with_noise(grey, 15.0, 1), box) == pytest.approx(4.0, rel=0.15)


def test_a_patch_carries_the_estimate() -> None:
    grey, _ = drawn(4.0)
    patch = measure(grey, glance(grey, 1.0), None).patch
    assert patch is not None
    assert patch.px_per_module == pytest.approx(4.0, rel=0.15)
    assert not patch.is_located


def test_a_located_code_tells_its_modules_although_it_is_not_read() -> None:
    scene = Scene(codes()[0], 3.0, Condition.BLUR_15, 5)
    sightings = ZxingEngine().search(scene.render())
    assert {sighting.modules for sighting in sightings if sighting.text is None} == {57}


def test_what_was_located_is_the_patch_however_small() -> None:
    grey = np.full((720, 1280), 128, np.uint8)
    place = Place((600, 300, 640, 340), 1.0, px_per_module=1.6)
    patch = measure(grey, glance(grey, 1.0), None, (place,)).patch
    assert patch is not None
    assert (patch.px_per_module, patch.is_located) == (1.6, True)


def test_the_stream_reader_tells_what_it_could_not_read() -> None:
    reader = StreamReader(budget_s=0.0)
    scene = Scene(codes()[0], 3.0, Condition.BLUR_15, 5)
    assert reader.read(Frame(scene.render(), 1.0, 0)) == []
    assert reader.unread
    for place in reader.unread:
        assert place.px_per_module == pytest.approx(3.0, abs=0.1)
    reader.read(Frame(np.full((720, 1280), 128, np.uint8), 1.1, 1))
    assert reader.unread == ()


@given(
    box=st.tuples(*[st.integers(-500, 2_000)] * 4),
    rows=st.integers(1, 90),
    columns=st.integers(1, 90),
    seed=st.integers(0, 9),
)
def test_any_place_of_any_frame_is_taken(box: Box, rows: int, columns: int, seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (rows, columns), dtype=np.uint8)
    for grey in (noise, np.zeros_like(noise)):
        told = module_pitch(grey, box)
        assert told is None or told > 0
