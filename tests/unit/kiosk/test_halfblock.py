import numpy as np

from scanner.kiosk import halfblock

PALETTE = ((0, 0, 0), (255, 255, 255), (255, 0, 0))


def test_a_cell_shows_two_pixels() -> None:
    (strip,) = halfblock.strips(np.array([[1, 2], [0, 1]], np.uint8), PALETTE)
    first, second = strip
    assert (first.text, str(first.style)) == ("▀", "#ffffff on #000000")
    assert (second.text, str(second.style)) == ("▀", "#ff0000 on #ffffff")


def test_neighbours_of_the_same_colours_share_a_segment() -> None:
    (strip,) = halfblock.strips(np.zeros((2, 30), np.uint8), PALETTE)
    assert [segment.text for segment in strip] == ["▀" * 30]
    assert strip.cell_length == 30


def test_an_odd_last_row_is_left_out() -> None:
    assert len(halfblock.strips(np.zeros((5, 3), np.uint8), PALETTE)) == 2
