import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from scanner.kiosk import sixel
from tests.unit.kiosk.sixel_reader import NOTHING, read_sixel

PALETTE = ((0, 0, 0), (255, 255, 255), (255, 0, 51), (0, 128, 64))


@given(
    arrays.arrays(
        np.uint8,
        st.tuples(st.integers(1, 20), st.integers(1, 40)),
        elements=st.integers(0, len(PALETTE) - 1),
    )
)
def test_every_pixel_comes_back(pixels: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> None:
    read, _ = read_sixel(sixel.encode(pixels, PALETTE))
    height = pixels.shape[0]
    assert np.array_equal(read[:height], pixels)
    assert (read[height:] == NOTHING).all()


@pytest.mark.parametrize("width", [3, 4, 9, 10, 99, 100, 999, 1000, 1280, 12_000])
def test_long_runs_come_back(width: int) -> None:
    pixels = np.ones((6, width), np.uint8)
    pixels[:, -1] = 2
    read, _ = read_sixel(sixel.encode(pixels, PALETTE))
    assert np.array_equal(read, pixels)


def test_colours_are_sent_as_percentages() -> None:
    _, colours = read_sixel(sixel.encode(np.zeros((6, 1), np.uint8), PALETTE))
    assert colours == {0: (0, 0, 0), 1: (100, 100, 100), 2: (100, 0, 20), 3: (0, 50, 25)}


def test_a_plain_picture_is_small() -> None:
    assert len(sixel.encode(np.zeros((720, 1280), np.uint8), PALETTE)) < 2000


def test_an_empty_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be encoded"):
        sixel.encode(np.zeros((0, 5), np.uint8), PALETTE)


def test_too_many_colours_are_refused() -> None:
    with pytest.raises(ValueError, match="256 colours"):
        sixel.encode(np.zeros((6, 1), np.uint8), [(0, 0, 0)] * 256)
