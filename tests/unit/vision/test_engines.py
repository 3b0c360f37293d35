"""The two engines behind one interface, and what happens where one is missing."""

import sys

import numpy as np
import pytest

from scanner.domain.errors import CheckpointError
from scanner.vision.engines import Engine, EngineName, ZbarEngine, ZxingEngine, open_engine
from scanner.vision.frames import MAX_TEXT, Grey
from scanner.vision.reader import QrReader
from tests.vision_builders import a_frame_with, a_picture, a_small_code, a_text

try:
    ENGINES: list[Engine] = [ZxingEngine(), ZbarEngine()]
except ImportError:
    pytest.skip("pyzbar needs the package libzbar0", allow_module_level=True)
both = pytest.mark.parametrize("engine", ENGINES, ids=["zxing-cpp", "pyzbar"])


@both
@pytest.mark.parametrize("quarter_turns", [0, 1, 2, 3])
def test_corners_begin_where_the_code_itself_begins(engine: Engine, quarter_turns: int) -> None:
    upright = a_frame_with(a_picture(a_text(300), 6), 300, 150, (1000, 800))
    [straight] = engine.search(upright)
    [turned] = engine.search(np.rot90(upright, quarter_turns))
    height, width = upright.shape
    for (x, y), seen in zip(straight.corners, turned.corners, strict=True):
        expected = [(x, y), (y, width - x), (width - x, height - y), (height - y, x)][quarter_turns]
        assert seen == pytest.approx(expected, abs=5)
    assert turned.text == a_text(300)


@both
def test_a_light_code_on_dark_ground_is_read(engine: Engine) -> None:
    inverted = np.bitwise_not(a_frame_with(a_picture("DARK MODE"), 100, 100))
    assert [sighting.text for sighting in engine.search(inverted)] == ["DARK MODE"]


@both
@pytest.mark.parametrize(("length", "level"), [(20, "L"), (214, "M"), (480, "Q"), (900, "M")])
def test_the_number_of_modules_is_known_or_guessed_closely(
    engine: Engine, length: int, level: str
) -> None:
    picture = a_picture(a_text(length), 4, ec_level=level)
    [sighting] = engine.search(picture)
    assert sighting.modules == pytest.approx(picture.shape[0] / 4 - 8, abs=12)


@both
@pytest.mark.parametrize("shape", [(0, 0), (0, 9), (1, 1), (1, 500), (37, 11)])
def test_odd_pictures_hold_nothing(engine: Engine, shape: tuple[int, int]) -> None:
    assert engine.search(np.full(shape, 77, np.uint8)) == []


@both
def test_texts_over_the_cap_are_left_out(engine: Engine) -> None:
    assert engine.search(a_picture("7" * (MAX_TEXT + 1), 2, ec_level="L")) == []


@both
@pytest.mark.parametrize("kind", ["strided", "fortran"])
def test_memory_layout_does_not_matter(engine: Engine, kind: str) -> None:
    frame = a_frame_with(a_picture("LAYOUT", px_per_module=8), 200, 200)
    view: Grey = frame[:, 10:-10] if kind == "strided" else np.asfortranarray(frame)
    assert [sighting.text for sighting in engine.search(view)] == ["LAYOUT"]


def test_only_zxing_tells_of_a_code_that_it_cannot_decode() -> None:
    picture = a_picture(a_text(480), 4, ec_level="M")
    middle = np.s_[90:200, 90:200]
    picture[middle] = np.random.default_rng(1).integers(0, 2, (110, 110)) * 255
    assert [sighting.text for sighting in ZxingEngine().search(picture)] == [None]
    assert ZbarEngine().search(picture) == []


def test_pyzbar_serves_where_zxing_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zxingcpp", None)
    assert isinstance(open_engine(EngineName.ZXING), ZbarEngine)
    frame = a_frame_with(a_picture(a_text(300), 4), 300, 150)
    assert [code.text for code in QrReader().read(frame)] == [a_text(300)]


def test_pyzbar_is_taken_when_asked_for() -> None:
    assert isinstance(open_engine(EngineName.ZBAR), ZbarEngine)
    assert isinstance(open_engine(), ZxingEngine)


def test_without_any_engine_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zxingcpp", None)
    monkeypatch.setitem(sys.modules, "pyzbar", None)
    with pytest.raises(CheckpointError) as caught:
        open_engine()
    assert "libzbar0" in caught.value.remedy


def test_the_ladder_helps_pyzbar_too() -> None:
    text, frame = a_small_code(1.6, blur=0.8)
    assert ZbarEngine().search(frame) == []
    assert [code.text for code in QrReader(EngineName.ZBAR).read(frame)] == [text]
