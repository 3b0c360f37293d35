"""The exposure follows the code: towards what can be read, in few steps, and home again."""

import math
from collections import deque
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.vision.code_light import (
    FAINT,
    LIFTED,
    SATURATED,
    STEP_EV,
    CodeLight,
    correction_ev,
)
from scanner.vision.exposure import (
    DARK_LINGER_S,
    GONE_AFTER_S,
    IN_VAIN_S,
    LINGER_S,
    SETTLE_FRAMES,
    Sight,
    Steering,
    steer,
)
from scanner.vision.frames import Box
from scanner.vision.wishes import Span

FPS = 15
SPAN = Span(-6.0, 6.0)
PLACE: Box = (400, 200, 760, 560)
ELSEWHERE: Box = (40, 40, 240, 240)
WELL = CodeLight(mean=125, light=230, dark=20, saturated=0.0, crushed=0.0)
WASHED = CodeLight(mean=250, light=255, dark=240, saturated=0.85, crushed=0.0)
FAINTLY = CodeLight(mean=12, light=20, dark=3, saturated=0.0, crushed=0.6)


@dataclass
class Lens:
    """A camera whose pictures follow the exposure some frames later, compressed by its gamma."""

    card_ev: float
    gamma: float = 2.0
    latency: int = 3
    span: Span = SPAN
    steering: Steering = field(default_factory=Steering)
    now_s: float = 100.0
    number: int = 0
    asked: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.on_their_way = deque([0.0] * self.latency, maxlen=max(self.latency, 1))

    def light(self, reflects: float, bias_ev: float) -> float:
        arrives = reflects * math.pow(2.0, self.card_ev + bias_ev)
        return min(255 * math.pow(arrives, 1 / self.gamma), 255.0)

    def sees(self, seconds: float, *, reads: bool = True) -> bool:
        """Frames of a code in this light; True once one of them could be read, if any may be."""
        for _ in range(round(seconds * FPS)):
            bias_ev = self.on_their_way[0] if self.latency else self.steering.bias_ev
            light, dark = self.light(0.8, bias_ev), self.light(0.012, bias_ev)
            seen = CodeLight(
                mean=(light + dark) / 2,
                light=light,
                dark=dark,
                saturated=0.5 * (light >= SATURATED) + 0.5 * (dark >= SATURATED),
                crushed=0.0,
            )
            is_readable = light >= FAINT and dark < LIFTED
            if reads and is_readable:
                self.takes(Sight(self.now_s, self.number, was_read=True))
                return True
            self.takes(Sight(self.now_s, self.number, places=((PLACE, seen),)))
        return False

    def shows_nothing(self, seconds: float, frame_light: float = 200.0) -> None:
        for _ in range(round(seconds * FPS)):
            self.takes(Sight(self.now_s, self.number, frame_light=frame_light))

    def shows(self, seconds: float, *places: tuple[Box, CodeLight]) -> None:
        for _ in range(round(seconds * FPS)):
            self.takes(Sight(self.now_s, self.number, places=places))

    def takes(self, sight: Sight) -> None:
        self.steering = steer(self.steering, sight, self.span)
        self.asked.append(self.steering.bias_ev)
        self.on_their_way.append(self.steering.bias_ev)
        self.now_s += 1 / FPS
        self.number += 1

    @property
    def changes(self) -> list[float]:
        return [b - a for a, b in zip([0.0, *self.asked], self.asked, strict=False) if b != a]


@pytest.mark.parametrize(
    ("light", "way"), [(WELL, 0), (WASHED, -1), (FAINTLY, 1), (replace(WELL, light=255), 0)]
)
def test_only_what_is_washed_out_or_faint_calls_for_a_change(light: CodeLight, way: int) -> None:
    assert np.sign(correction_ev(light)) == way


@pytest.mark.parametrize("card_ev", [7.0, 8.0, -6.0, -7.0])
def test_a_code_far_too_bright_or_too_dark_becomes_readable(card_ev: float) -> None:
    lens = Lens(card_ev)
    assert lens.sees(2.0)
    assert lens.changes
    assert {math.copysign(1, change) for change in lens.changes} == {-math.copysign(1, card_ev)}


def test_what_can_be_read_changes_nothing() -> None:
    for card_ev in (0.0, 2.0, -2.0):
        lens = Lens(card_ev)
        for _ in range(20):
            assert lens.sees(0.1)
        assert lens.changes == []


def test_a_glimpse_changes_nothing() -> None:
    lens = Lens(0.0)
    for _ in range(10):
        lens.shows(1 / FPS, (PLACE, WASHED))
        lens.shows(1 / FPS, (PLACE, WELL))
    assert lens.changes == []


@given(
    card_ev=st.floats(-10, 10),
    gamma=st.floats(0.7, 3.0),
    latency=st.integers(0, 9),
    lowest=st.floats(-8, 0),
    highest=st.floats(0, 8),
)
def test_it_never_swings(
    card_ev: float, gamma: float, latency: int, lowest: float, highest: float
) -> None:
    lens = Lens(card_ev, gamma, latency, Span(lowest, highest))
    lens.sees(IN_VAIN_S - 0.5, reads=False)
    ways = [change > 0 for change in lens.changes]
    turns = sum(one != other for one, other in pairwise(ways))
    assert turns <= 3  # each halves the step: 2, 1, 0.5, 0.25 EV
    assert all(lowest <= bias_ev <= highest for bias_ev in lens.asked)
    assert all(abs(change) <= STEP_EV for change in lens.changes)


@given(card_ev=st.floats(-10, 10), latency=st.integers(0, 5))
def test_a_change_waits_for_the_pictures_of_the_last_one(card_ev: float, latency: int) -> None:
    lens = Lens(card_ev, latency=latency)
    lens.sees(IN_VAIN_S - 0.5, reads=False)
    before = [0.0, *lens.asked]
    at = [n for n, bias_ev in enumerate(lens.asked) if bias_ev != before[n]]
    assert all(later - sooner >= SETTLE_FRAMES for sooner, later in pairwise(at))


@given(st.lists(st.sampled_from(["washed", "faint", "well", "read", "none", "dark"]), max_size=200))
def test_whatever_is_seen_it_stays_within_its_span_and_comes_home(seen: list[str]) -> None:
    lens = Lens(0.0)
    for what in seen:
        if what == "read":
            lens.takes(Sight(lens.now_s, lens.number, was_read=True))
        elif what in ("none", "dark"):
            lens.shows_nothing(1 / FPS, 20.0 if what == "dark" else 200.0)
        else:
            lens.shows(0.2, (PLACE, {"washed": WASHED, "faint": FAINTLY, "well": WELL}[what]))
    assert all(SPAN.lowest <= bias_ev <= SPAN.highest for bias_ev in lens.asked)
    lens.shows_nothing(LINGER_S + 7.0)
    assert lens.steering.bias_ev == 0.0


def test_the_exposure_that_helped_stays_for_the_next_person_and_then_goes_home_in_steps() -> None:
    lens = Lens(7.0)
    assert lens.sees(2.0)
    helped_ev = lens.steering.bias_ev
    lens.shows_nothing(LINGER_S - 0.2)
    assert lens.steering.bias_ev == helped_ev
    lens.shows_nothing(6.0)
    assert lens.steering.bias_ev == 0.0
    assert all(0 < change <= 0.5 for change in lens.changes if change > 0)


def test_a_darkened_picture_is_given_back_before_it_looks_like_a_covered_lens() -> None:
    lens = Lens(7.0)
    lens.sees(2.0)
    lens.shows_nothing(DARK_LINGER_S + 0.1, frame_light=15.0)
    assert lens.steering.bias_ev == 0.0


def test_the_next_person_at_night_is_read_after_one_step() -> None:
    lens = Lens(9.0)
    assert lens.sees(3.0)
    helped_ev = lens.steering.bias_ev
    assert helped_ev < -STEP_EV
    lens.shows_nothing(1.0, frame_light=15.0)
    began = lens.number
    assert lens.sees(3.0)
    assert lens.steering.bias_ev == helped_ev
    assert lens.number - began <= 2 + SETTLE_FRAMES + lens.latency


def test_a_lamp_is_steered_by_for_a_while_and_then_passed_over() -> None:
    lens = Lens(0.0)
    lens.shows(IN_VAIN_S + 1.0, (ELSEWHERE, WASHED))
    assert lens.steering.bias_ev == 0.0
    changed = len(lens.changes)
    lens.shows(60.0, (ELSEWHERE, WASHED))
    assert len(lens.changes) == changed
    lens.shows(1.0, (ELSEWHERE, WASHED), (PLACE, WASHED))
    assert lens.steering.bias_ev < 0


def test_who_stands_where_somebody_was_in_vain_before_is_not_passed_over() -> None:
    lens = Lens(9.0)
    lens.sees(IN_VAIN_S + 1.0, reads=False)
    assert lens.steering.bias_ev == 0.0
    lens.shows_nothing(GONE_AFTER_S + 0.2)
    lens.sees(1.0, reads=False)
    assert lens.steering.bias_ev < 0


def test_a_darkened_hall_is_not_what_it_was_darkened_for() -> None:
    lens = Lens(0.0)
    lens.shows(0.5, (PLACE, WASHED))
    assert lens.steering.bias_ev < 0
    lens.shows(1.0, (ELSEWHERE, FAINTLY))
    assert all(change < 0 for change in lens.changes)


def test_a_camera_that_cannot_be_steered_is_asked_for_nothing() -> None:
    steering = Steering()
    for number in range(60):
        sight = Sight(number / FPS, number, places=((PLACE, WASHED),))
        steering = steer(steering, sight, None)
    assert steering.bias_ev == 0.0
