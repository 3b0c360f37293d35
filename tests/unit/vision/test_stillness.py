"""The motion gate: what wakes it, what does not, and that it never sleeps long."""

import numpy as np
import pytest

from scanner.vision.frames import Grey
from scanner.vision.sources.rendering import SceneRenderer
from scanner.vision.sources.stage import Condition, Medium, Scene
from scanner.vision.stillness import LOOK_EVERY_S, has_stirred, looked_at
from scanner.vision.stillness import Scene as Seen
from tests.vision_builders import a_text, with_noise

EMPTY = SceneRenderer(1280, 720).render(Scene(seed=3), 5.0, 0)


def seen_empty(grey: Grey = EMPTY) -> Seen:
    return looked_at(grey, 10.0, is_empty=True)


def test_an_empty_gate_where_nobody_stirs_is_not_searched() -> None:
    renderer = SceneRenderer(1280, 720)
    frames = [renderer.render(Scene(seed=3), 5.0, number) for number in range(1, 30)]
    assert not any(has_stirred(seen_empty(), grey, 10.2) for grey in frames)


def test_the_noise_of_a_dark_hall_does_not_stir() -> None:
    dark = (EMPTY * 0.2).astype(np.uint8)
    seen = seen_empty(with_noise(dark, 8.0, 1))
    assert not has_stirred(seen, with_noise(dark, 8.0, 2), 10.2)


@pytest.mark.parametrize("medium", [Medium.PHONE, Medium.PAPER])
@pytest.mark.parametrize("condition", Condition)
def test_any_card_that_is_held_up_stirs_even_in_a_dark_hall(
    medium: Medium, condition: Condition
) -> None:
    renderer = SceneRenderer(1280, 720)
    empty = renderer.render(Scene(seed=3, condition=condition), 5.0, 0)
    scene = Scene(text=a_text(480), medium=medium, condition=condition, seed=3)
    assert has_stirred(seen_empty(empty), renderer.render(scene, 1.0, 1), 10.2)


def test_one_small_dim_thing_is_enough() -> None:
    with_card = EMPTY.copy()
    with_card[300:380, 600:680] = np.clip(with_card[300:380, 600:680].astype(int) + 12, 0, 255)
    assert has_stirred(seen_empty(), with_noise(with_card, 2.5, 1), 10.2)


def test_slow_changes_add_up_until_they_stir() -> None:
    seen, brighter = seen_empty(), [EMPTY.astype(int) + step for step in range(12)]
    frames = [np.clip(grey, 0, 255).astype(np.uint8) for grey in brighter]
    assert [has_stirred(seen, grey, 10.2) for grey in frames].count(True) >= 5


def test_it_looks_now_and_then_however_still_it_is() -> None:
    assert not has_stirred(seen_empty(), EMPTY, 10.0 + 0.9 * LOOK_EVERY_S)
    assert has_stirred(seen_empty(), EMPTY, 10.0 + LOOK_EVERY_S)


def test_the_first_frame_and_those_after_something_was_found_are_always_searched() -> None:
    assert has_stirred(Seen(), EMPTY, 10.0)
    assert has_stirred(looked_at(EMPTY, 10.0, is_empty=False), EMPTY, 10.01)


def test_a_clock_that_jumps_back_and_odd_frames_are_searched() -> None:
    assert has_stirred(seen_empty(), EMPTY, 3.0)
    assert has_stirred(seen_empty(), np.zeros((0, 0), np.uint8), 10.1)
    assert has_stirred(looked_at(np.zeros((0, 5), np.uint8), 10.0, is_empty=True), EMPTY, 10.1)
    assert has_stirred(seen_empty(), np.zeros((3, 5), np.uint8), 10.1)
