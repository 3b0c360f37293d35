"""The ladder as a whole: when it is climbed, how long, and what frames together show."""

import time
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from scanner.vision.cascade import Budget, Look, look
from scanner.vision.engines import Engine, Sighting, ZxingEngine
from scanner.vision.evidence import FORGOTTEN_AFTER_S, MAX_PLACES, Evidence
from scanner.vision.frames import Grey
from scanner.vision.sources.rendering import SceneRenderer
from scanner.vision.sources.stage import Scene
from tests.vision_builders import a_frame_with, a_picture, a_small_code, a_text, shaken, with_noise

ENGINE = ZxingEngine()
PLENTY = Budget(60.0, time.monotonic)
FRAME_S = 1 / 15


class Counting:
    """An engine that counts its searches."""

    def __init__(self) -> None:
        self.searches = 0

    def search(self, grey: Grey) -> list[Sighting]:
        self.searches += 1
        return ENGINE.search(grey)


def looked(grey: Grey, evidence: Evidence | None = None, at_s: float = 0.0) -> Look:
    return look(grey, ENGINE, evidence or Evidence(), at_s, PLENTY)


def texts(seen: Look) -> list[str]:
    return [code.text for code in seen.codes]


def a_clock(step_s: float) -> Callable[[], float]:
    """Every reading is `step_s` later than the one before."""
    readings = iter(range(1_000_000))
    return lambda: next(readings) * step_s


def searches(grey: Grey, budget: Budget, evidence: Evidence | None = None) -> int:
    engine = Counting()
    look(grey, engine, evidence or Evidence(), 0.0, budget)
    return engine.searches


@pytest.mark.parametrize(
    ("px_per_module", "options"),
    [(1.5, {"noise": 35.0}), (2.5, {"blur": 1.7}), (1.5, {"blur": 1.0}), (3.2, {"motion": 9})],
)
def test_small_and_blurred_codes_are_read_and_placed_in_the_frame(
    px_per_module: float, options: dict[str, float]
) -> None:
    text, frame = a_small_code(px_per_module, **options)  # type: ignore[arg-type]
    assert not any(sighting.text for sighting in ENGINE.search(frame))
    [code] = looked(frame).codes
    assert code.text == text
    assert code.px_per_module == pytest.approx(px_per_module, rel=0.06)
    left, top = code.corners[0]
    assert (left, top) == pytest.approx((500 + 4 * px_per_module, 200 + 4 * px_per_module), abs=4)


def test_a_sharp_code_takes_one_search() -> None:
    sharp = a_frame_with(a_picture(a_text(600), 4), 300, 100)
    assert searches(sharp, PLENTY) == 1


def test_an_empty_gate_takes_one_search() -> None:
    assert searches(SceneRenderer(1280, 720).render(Scene(seed=2), 5.0, 0), PLENTY) == 1


def test_without_budget_the_frame_is_searched_and_nothing_more() -> None:
    assert searches(a_small_code(1.5, blur=1.4)[1], Budget(0.0, time.monotonic)) == 1


def test_no_rung_begins_once_the_time_is_over() -> None:
    hopeless = a_small_code(1.5, blur=1.6)[1]
    assert searches(hopeless, PLENTY) in (5, 6)  # it may seem bent
    assert [searches(hopeless, Budget(2.5, a_clock(1.0))) for _ in range(2)] == [3, 3]


def test_what_time_did_not_suffice_for_is_tried_on_the_next_frames() -> None:
    text, frame = a_small_code(2.5, blur=1.7)
    hurried = Budget(1.5, a_clock(1.0))
    seen = look(frame, ENGINE, Evidence(), 0.0, hurried)
    assert seen.codes == []
    for number in (1, 2, 3):
        now = shaken(frame, number)
        seen = look(now, ENGINE, seen.evidence, number * FRAME_S, Budget(1.5, a_clock(1.0)))
        if seen.codes:
            break
    assert texts(seen) == [text]


def test_a_picture_that_stays_the_same_goes_up_its_ladder_once() -> None:
    hopeless = a_small_code(1.5, blur=1.6)[1]
    evidence = looked(hopeless).evidence
    assert searches(with_noise(hopeless, 2.0, 5), PLENTY, evidence) == 1


def test_frames_too_noisy_each_are_read_together() -> None:
    text, clean = a_small_code(1.5, noise=0.0, seed=3)
    frames = [with_noise(shaken(clean, number), 50.0, number) for number in range(8)]
    assert [texts(looked(frame)) for frame in frames] == [[]] * 8
    evidence, read = Evidence(), []
    for number, frame in enumerate(frames):
        seen = looked(frame, evidence, number * FRAME_S)
        evidence = seen.evidence
        read += texts(seen)
    assert set(read) == {text}


def test_where_a_code_was_read_is_looked_at_though_nothing_points_there() -> None:
    text, near = a_small_code(3.0)
    evidence = looked(near).evidence
    [place] = evidence.places
    assert place.was_read
    wall = with_noise(np.full((720, 1280), 120, np.uint8), 2.0, 1)
    stripes = wall.copy()
    left, top, right, bottom = place.box
    stripes[top:bottom, left:right] = np.where(
        np.indices((bottom - top, right - left))[1] % 8 < 4, 40, 200
    )
    assert searches(stripes, PLENTY) == 1
    assert searches(stripes, PLENTY, evidence) > 1
    assert text not in texts(looked(stripes, evidence, FRAME_S))


def test_evidence_is_bounded_and_forgotten() -> None:
    evidence = Evidence()
    for number in range(12):
        frame = np.roll(a_small_code(1.5, blur=1.4)[1], 150 * number, axis=1)
        evidence = looked(frame, evidence, number * FRAME_S).evidence
        assert 1 <= len(evidence.places) <= MAX_PLACES
    empty = np.full((720, 1280), 120, np.uint8)
    later_s = 12 * FRAME_S + FORGOTTEN_AFTER_S
    assert looked(empty, evidence, later_s).evidence.places == ()


def test_evidence_survives_a_change_of_the_frame_size() -> None:
    evidence = looked(a_small_code(1.5, blur=1.4)[1]).evidence
    assert texts(looked(np.zeros((90, 160), np.uint8), evidence, FRAME_S)) == []


@pytest.mark.parametrize("sigma", [1.0, 10.0, 60.0])
def test_nothing_is_read_on_noise(sigma: float) -> None:
    evidence = Evidence()
    for number in range(6):
        grey = with_noise(np.full((720, 1280), 120, np.uint8), sigma, number)
        seen = looked(grey, evidence, number * FRAME_S)
        evidence = seen.evidence
        assert seen.codes == []


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        hnp.arrays(
            np.uint8,
            hnp.array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=128),
            elements=st.integers(0, 255),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_no_frames_in_any_order_make_it_raise(frames: list[Grey]) -> None:
    engine: Engine = ENGINE
    evidence = looked(a_small_code(2.0, blur=2.0)[1]).evidence
    for number, grey in enumerate(frames):
        seen = look(grey, engine, evidence, number * FRAME_S, PLENTY)
        evidence = seen.evidence
        assert seen.codes == []
