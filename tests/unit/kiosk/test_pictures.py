from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from scanner.kiosk import shapes
from scanner.kiosk.palette import SCHEMES, Tone
from scanner.kiosk.pictures import (
    STEPS,
    Font,
    Picture,
    Size,
    load_font,
    text_picture,
    verdict_picture,
)
from scanner.kiosk.presentation import Shape

SCHEME = SCHEMES[Tone.CHECK]


@pytest.fixture(name="font")
def _font() -> Font:
    font = load_font()
    if font is None:
        pytest.skip("fonts-noto-cjk is not installed")
    return font


def ink_share(picture: Picture, columns: slice, rows: slice = slice(None)) -> float:
    return float((picture.pixels[rows, columns] == STEPS - 1).mean())


@pytest.mark.parametrize("size", [(1280, 364), (800, 246), (460, 300), (100, 24), (30, 8)])
def test_a_verdict_has_ink_left_and_right_on_its_ground(font: Font, size: Size) -> None:
    lines = ("黄码", "请人工复核", "Yellow code · Please see the guard")
    picture = verdict_picture(size, Shape.BANG_IN_TRIANGLE, "CHECK", lines, SCHEME, font)
    width, height = size
    assert picture.pixels.shape == (height, width)
    assert picture.palette[0] == SCHEME.ground
    assert picture.palette[-1] == SCHEME.ink
    assert picture.pixels[0, 0] == 0
    assert ink_share(picture, slice(0, width // 3)) > 0.02
    assert (picture.pixels[:, width // 2 :] > 0).any()


@pytest.mark.parametrize("text", ["请到一旁等候", "Please wait aside", "W" * 60, "健" * 40])
def test_no_text_touches_the_edges(font: Font, text: str) -> None:
    lines = (text, text, f"{text} · {text}")
    picture = verdict_picture((800, 240), Shape.CROSS_IN_OCTAGON, "STOP", lines, SCHEME, font)
    assert not picture.pixels[:, -1].any()
    assert not picture.pixels[0].any()
    assert not picture.pixels[-1].any()


def test_a_verdict_without_a_font_is_a_large_shape() -> None:
    shape = Shape.TICK_IN_DISC
    picture = verdict_picture((400, 200), shape, "PASS", ("绿码",), SCHEME, None)
    assert ink_share(picture, slice(100, 300)) > 0.4
    assert ink_share(picture, slice(0, 90)) == 0


def test_a_missing_font_is_no_error(tmp_path: Path) -> None:
    assert load_font(tmp_path / "none.ttc") is None


def test_long_lines_break_where_that_makes_them_larger(font: Font) -> None:
    narrow = text_picture((300, 100), ("Temperature · please",), SCHEME, font)
    rows_with_ink = np.flatnonzero(narrow.pixels.any(axis=1))
    assert np.diff(rows_with_ink).max() > 1, "two lines leave a gap"


def test_empty_text_draws_nothing(font: Font) -> None:
    assert not text_picture((100, 40), ("", " "), SCHEME, font).pixels.any()


@pytest.mark.parametrize("shape", Shape)
def test_every_shape_fills_its_square_and_has_a_sign_in_it(shape: Shape) -> None:
    drawn = np.asarray(shapes.draw(shape, 120)) > 127
    assert drawn.shape == (120, 120)
    assert 0.2 < drawn.mean() < 0.85
    middle = drawn[30:110, 40:80]
    assert middle.any()
    assert not middle.all()


def test_shapes_differ_without_colour() -> None:
    drawn = {shape: np.asarray(shapes.draw(shape, 60)) > 127 for shape in Shape}
    for one, other in combinations(Shape, 2):
        assert (drawn[one] != drawn[other]).mean() > 0.02, (one, other)


def test_outlines_of_the_three_decisions_differ_strongly() -> None:
    outlines = (Shape.TICK_IN_DISC, Shape.BANG_IN_TRIANGLE, Shape.CROSS_IN_OCTAGON)
    corners = {shape: np.asarray(shapes.draw(shape, 60))[:30] > 127 for shape in outlines}
    assert (corners[outlines[0]] != corners[outlines[1]]).mean() > 0.2
    assert (corners[outlines[1]] != corners[outlines[2]]).mean() > 0.2
