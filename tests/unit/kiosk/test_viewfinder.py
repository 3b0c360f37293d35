import numpy as np
import pytest

from scanner.gate.messages import Preview
from scanner.kiosk.palette import AIM
from scanner.kiosk.widgets.viewfinder import GREYS, viewfinder_picture


def a_preview(
    width: int = 480, height: int = 270, code: tuple[tuple[float, float], ...] = ()
) -> Preview:
    grey = np.tile(np.linspace(0, 255, width).astype(np.uint8), (height, 1))
    return Preview(width=width, height=height, grey=grey.tobytes(), code=code)


@pytest.mark.parametrize(
    ("room", "size"),
    [((480, 360), (480, 270)), ((240, 300), (240, 132)), ((900, 700), (480, 270))],
)
def test_proportions_are_kept_and_the_height_is_whole_bands(
    room: tuple[int, int], size: tuple[int, int]
) -> None:
    height, width = viewfinder_picture(a_preview(), room).pixels.shape
    assert (width, height) == size


def test_dark_stays_dark_and_light_stays_light() -> None:
    pixels = viewfinder_picture(a_preview(), (480, 360)).pixels
    assert pixels[100, 0] == 0
    assert pixels[100, -1] == GREYS - 1


def test_the_code_is_framed() -> None:
    code = ((100.0, 50.0), (200.0, 50.0), (200.0, 150.0), (100.0, 150.0))
    picture = viewfinder_picture(a_preview(code=code), (480, 360))
    assert picture.palette[GREYS] == AIM
    assert (picture.pixels[50, 110:190] == GREYS).all()
    assert (picture.pixels[60:140, 200] == GREYS).all()
    assert GREYS not in picture.pixels[60:140, 110:190]


def test_nothing_is_framed_while_nothing_is_read() -> None:
    assert GREYS not in viewfinder_picture(a_preview(), (480, 360)).pixels


@pytest.mark.parametrize("corner", [float("nan"), float("inf"), -1e30, 1e9])
def test_wild_corners_break_nothing(corner: float) -> None:
    code = ((corner, 0.0), (10.0, corner), (20.0, 20.0))
    assert viewfinder_picture(a_preview(code=code), (480, 360)).pixels.shape == (270, 480)
