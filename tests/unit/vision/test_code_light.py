"""How a place is lit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.vision.code_light import code_light
from scanner.vision.frames import Box

PLACE: Box = (400, 200, 760, 560)


def test_a_place_is_measured_by_its_light_and_dark_modules() -> None:
    grey = np.full((720, 1280), 90, np.uint8)
    grey[200:560:2, 400:760] = 255
    grey[201:560:2, 400:760] = 3
    light = code_light(grey, PLACE)
    assert light is not None
    assert (light.light, light.dark, light.contrast) == (255, 3, 252)
    assert light.saturated + light.crushed == pytest.approx(1.0)


@given(box=st.tuples(*[st.integers(-2_000, 2_000)] * 4), side=st.integers(0, 40))
def test_a_place_may_lie_anywhere(box: Box, side: int) -> None:
    light = code_light(np.full((side, side), 7, np.uint8), box)
    assert light is None or light.mean == 7
