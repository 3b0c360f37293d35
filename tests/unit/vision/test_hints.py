"""Hints: the right one, after a moment, for a moment, and none for who does it right."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import product

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.domain.hints import Hint
from scanner.vision.frames import Frame, Grey
from scanner.vision.hints import (
    DIRTY_AFTER_S,
    DIRTY_LOOKS,
    LASTING_S,
    LEAST_SHOWN_S,
    PATIENCE_S,
    Advice,
    HintWatch,
    advise,
)
from scanner.vision.looks import IDLE_S, Looks
from scanner.vision.measures import Measures, Patch
from scanner.vision.reader import QrReader
from scanner.vision.sources.rendering import SceneRenderer
from scanner.vision.sources.stage import Condition, Medium, Scene
from tests.hint_frames import (
    SIZE,
    Holder,
    a_scene,
    an_empty_gate,
    in_the_dark,
    through_a_dirty_lens,
    with_glare,
)

FPS = 10
GOOD_PATCH = Patch(
    box=(400, 200, 760, 560),
    light=240,
    evenness=0.9,
    grain=0.2,
    washed=0.0,
    speed_px_s=20.0,
    px_per_module=4.4,
)
SMALL_PATCH = replace(GOOD_PATCH, box=(600, 300, 680, 380))
CUT_PATCH = replace(GOOD_PATCH, box=(400, 320, 800, 720), is_cut=True)
GOOD = Measures(light=240, sharpness=0.5, patch=GOOD_PATCH, room_px=720)
EMPTY = replace(GOOD, patch=None, sharpness=None)


def with_patch(measures: Measures = GOOD, **changes: object) -> Measures:
    return replace(measures, patch=replace(GOOD_PATCH, **changes))  # type: ignore[arg-type]


SMALL = with_patch(box=(600, 300, 760, 460), px_per_module=1.6)
SHAKING = with_patch(speed_px_s=400.0)
SOFT = replace(GOOD, sharpness=0.15)
CAUSES = {
    Hint.TOO_DARK: with_patch(replace(GOOD, light=20), light=20),
    Hint.BRIGHTER_SCREEN: with_patch(light=30),
    Hint.HOLD_STILL: SHAKING,
    Hint.FARTHER: with_patch(box=(200, 0, 1000, 720)),
    Hint.GLARE: with_patch(light=255, washed=0.2),
    Hint.CLOSER: SMALL,
}


class Told:
    """Plays looks at a tenth of a second each and keeps what is shown."""

    def __init__(self) -> None:
        self.advice = Advice()
        self.now_s = 100.0
        self.shown: list[Hint | None] = []

    def sees(self, measures: Measures | None, for_s: float, every_s: float = 0.1) -> Hint | None:
        hint = None
        for _ in range(round(for_s / every_s)):
            self.advice, hint = advise(self.advice, measures, self.now_s)
            self.shown.append(hint)
            self.now_s += every_s
        return hint


@pytest.mark.parametrize(("hint", "measures"), CAUSES.items())
def test_every_cause_has_its_hint(hint: Hint, measures: Measures) -> None:
    assert Told().sees(measures, LASTING_S + 0.2) is hint


@pytest.mark.parametrize("measures", CAUSES.values())
def test_a_hint_waits_until_its_cause_has_lasted(measures: Measures) -> None:
    assert Told().sees(measures, LASTING_S) is None


@pytest.mark.parametrize("measures", [GOOD, EMPTY])
def test_no_hint_where_nothing_is_wrong(measures: Measures) -> None:
    told = Told()
    told.sees(measures, 60)
    assert set(told.shown) == {None}


def test_a_hint_goes_at_once_when_a_code_is_read() -> None:
    told = Told()
    assert told.sees(SMALL, 1.0) is Hint.CLOSER
    assert told.sees(None, 0.1) is None


def test_a_hint_stays_for_a_second_when_its_cause_goes() -> None:
    told = Told()
    assert told.sees(SMALL, LASTING_S + 0.2) is Hint.CLOSER
    told.sees(EMPTY, 3.0)
    assert 10 <= told.shown.count(Hint.CLOSER) <= 12
    assert told.shown[-1] is None


def test_a_cause_that_flutters_is_one_cause() -> None:
    told = Told()
    for _ in range(10):
        told.sees(SMALL, 0.2)
        told.sees(GOOD, 0.2)
    assert told.shown[-1] is Hint.CLOSER
    assert told.shown.count(None) <= LASTING_S * 10 + 2


def test_short_causes_in_turn_give_no_hint() -> None:
    told = Told()
    for _ in range(5):
        told.sees(SHAKING, 0.5)
        told.sees(GOOD, 0.6)
    assert set(told.shown) == {None}


def test_the_next_hint_follows_the_one_before() -> None:
    told = Told()
    assert told.sees(SHAKING, 2.0) is Hint.HOLD_STILL
    assert told.sees(SMALL, 2.0) is Hint.CLOSER


@pytest.mark.parametrize(
    ("measures", "first"),
    [
        (with_patch(replace(GOOD, light=20), light=20, speed_px_s=400.0), Hint.TOO_DARK),
        (with_patch(light=30, speed_px_s=400.0), Hint.BRIGHTER_SCREEN),
        (with_patch(box=(200, 0, 1000, 720), speed_px_s=400.0), Hint.HOLD_STILL),
        (with_patch(box=(200, 0, 1000, 720), light=255, washed=0.3), Hint.FARTHER),
    ],
)
def test_what_spoils_the_other_measures_is_said_first(measures: Measures, first: Hint) -> None:
    assert Told().sees(measures, 2.0) is first


def test_a_screen_is_not_dim_in_a_dim_hall() -> None:
    assert Told().sees(with_patch(replace(GOOD, light=75), light=55), 2.0) is None


def test_a_soft_code_that_is_large_is_too_close() -> None:
    assert Told().sees(with_patch(SOFT, box=(300, 100, 800, 600)), 2.0) is Hint.FARTHER
    assert Told().sees(with_patch(GOOD, box=(300, 100, 800, 600)), 2.0) is None


def test_nothing_is_asked_of_a_picture_on_the_wall() -> None:
    told = Told()
    assert told.sees(SMALL, PATIENCE_S - 1) is Hint.CLOSER
    assert told.sees(SMALL, 2) is None
    told.sees(SMALL, 60)
    assert Hint.CLOSER not in told.shown[-600:]


def test_a_code_that_is_read_does_not_bring_the_wall_back() -> None:
    told = Told()
    told.sees(SMALL, PATIENCE_S + 3)
    told.sees(None, 1)
    assert told.sees(SMALL, 3) is None
    assert (
        told.sees(
            replace(SMALL, patch=replace(GOOD_PATCH, box=(300, 300, 460, 460), px_per_module=1.6)),
            3,
        )
        is Hint.CLOSER
    )


def test_the_dark_is_said_for_as_long_as_it_lasts() -> None:
    assert Told().sees(CAUSES[Hint.TOO_DARK], 3 * PATIENCE_S) is Hint.TOO_DARK


def test_a_lens_is_dirty_after_minutes_of_soft_codes() -> None:
    told = Told()
    for _ in range(DIRTY_LOOKS):
        assert told.sees(SOFT, 1.0) is None
        assert told.sees(EMPTY, DIRTY_AFTER_S / DIRTY_LOOKS - 2.0) is None
    assert told.sees(SOFT, 30.0) is Hint.DIRTY_LENS
    assert told.sees(EMPTY, 60.0) is Hint.DIRTY_LENS


def test_one_sharp_picture_or_one_code_clears_the_lens() -> None:
    for proof in (replace(EMPTY, sharpness=0.5), None):
        told = Told()
        told.sees(SOFT, DIRTY_AFTER_S - 5)
        told.sees(proof, 0.1)
        told.sees(SOFT, 30)
        assert set(told.shown) == {None}


@pytest.mark.parametrize(
    "measures",
    [
        EMPTY,
        replace(SOFT, patch=None),
        with_patch(SOFT, speed_px_s=160.0),
        replace(EMPTY, light=10),
    ],
)
def test_an_empty_gate_or_people_in_motion_say_nothing_about_the_lens(measures: Measures) -> None:
    told = Told()
    told.sees(measures, 2 * DIRTY_AFTER_S, every_s=IDLE_S)
    assert Hint.DIRTY_LENS not in told.shown


@given(st.lists(st.sampled_from([*CAUSES.values(), GOOD, EMPTY, SOFT]), max_size=120))
def test_no_hint_is_shown_for_less_than_a_second(looks: list[Measures]) -> None:
    told = Told()
    for measures in looks:
        told.sees(measures, 0.1)
    changes = [
        index
        for index in range(1, len(told.shown))
        if told.shown[index] is not told.shown[index - 1] and told.shown[index - 1] is not None
    ]
    for index in changes:
        start = index - round(LEAST_SHOWN_S * 10)
        assert len({*told.shown[start:index]}) == 1


def played(frames: Iterable[Grey], reads: Callable[[Grey], Sequence[object]]) -> list[Hint | None]:
    """What is shown frame by frame; frames that are read need no hint."""
    watch, looks = HintWatch(), Looks()
    shown: list[Hint | None] = []
    for number, grey in enumerate(frames):
        at_s = 50.0 + number / FPS
        if reads(grey):
            looks.rest()
            watch.rest()
            shown.append(None)
        else:
            shown.append(watch.take(looks.look(Frame(grey, at_s, number)), at_s))
    return shown


@pytest.mark.parametrize("medium", [Medium.PHONE, Medium.PAPER])
@pytest.mark.parametrize("condition", Condition)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_presentation_that_is_read_shows_no_hint(
    medium: Medium, condition: Condition, seed: int
) -> None:
    renderer = SceneRenderer(*SIZE)
    scene = a_scene(seed, medium, condition)
    hall = [an_empty_gate(seed, number) for number in range(2)] * 4
    arrival = [renderer.render(scene, number / FPS, number) for number in range(12)]
    assert set(played([*hall, *arrival], QrReader().read)) == {None}


def seconds_of(make: Callable[[float, int], Grey], seconds: float = 2.2) -> list[Grey]:
    return [make(number / FPS, number) for number in range(round(seconds * FPS))]


def out_of_focus(grey: Grey) -> Grey:
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), 6), dtype=np.uint8)


@pytest.mark.parametrize("medium", [Medium.PHONE, Medium.PAPER])
@pytest.mark.parametrize("seed", [1, 4])
def test_each_difficulty_gets_its_hint_and_no_other(medium: Medium, seed: int) -> None:
    scene = a_scene(seed, medium)
    usual, far, near = Holder(scene), Holder(scene, 0.25), Holder(scene, 3.0)
    nearer = Holder(scene, 1.6)
    frames: dict[Hint, list[list[Grey]]] = {
        Hint.CLOSER: [seconds_of(far.frame)],
        Hint.FARTHER: [
            seconds_of(near.frame),
            seconds_of(lambda at_s, number: out_of_focus(nearer.frame(at_s, number))),
        ],
        Hint.HOLD_STILL: [
            seconds_of(lambda at_s, number: usual.waving(at_s, number, 600, 0.02)),
        ],
        Hint.GLARE: [
            seconds_of(lambda at_s, number: with_glare(usual.frame(at_s, number), (620, 330))),
        ],
        Hint.TOO_DARK: [
            seconds_of(lambda at_s, number: in_the_dark(usual.frame(at_s, number), 0.06, number)),
        ],
    }
    for hint, takes in frames.items():
        for take in takes:
            shown = played(take, lambda _grey: ())
            assert set(shown) == {None, hint}
            assert shown[-1] is hint


def test_a_dim_screen_in_a_bright_hall_is_to_be_turned_up() -> None:
    for seed in (1, 2, 3):
        holder = Holder(a_scene(seed, Medium.PAPER), screen=0.06)
        shown = played(seconds_of(holder.frame), QrReader().read)
        assert set(shown) == {None, Hint.BRIGHTER_SCREEN}


@pytest.mark.parametrize("seed", range(4))
def test_an_empty_gate_is_told_nothing(seed: int) -> None:
    shown = played([an_empty_gate(seed, number) for number in range(30)], lambda _grey: ())
    assert set(shown) == {None}


def test_looks_are_rare_while_nothing_is_in_view() -> None:
    looks, empty, usual = Looks(), an_empty_gate(), Holder(a_scene()).frame()
    assert looks.look(Frame(empty, 10.0, 0)) is not None
    for number, at_s in enumerate(np.arange(10.05, 10.45, 0.05)):
        assert looks.look(Frame(usual, float(at_s), number)) is None
    assert looks.look(Frame(usual, 10.5, 20)) is not None
    assert looks.look(Frame(usual, 10.55, 21)) is None
    assert looks.look(Frame(usual, 10.61, 22)) is not None


def test_a_card_without_a_code_gets_no_advice() -> None:
    for seed, medium in product(range(3), (Medium.PHONE, Medium.PAPER)):
        shown = played(seconds_of(Holder(Scene(seed=seed, medium=medium)).frame), lambda _grey: ())
        assert set(shown) == {None}


PEOPLE = 12


def with_people(
    watch: HintWatch, looks: Looks, lens: Callable[[Grey], Grey], from_s: float
) -> list[Hint | None]:
    """What is shown while twelve people come in two and a half minutes, none of them read."""
    shown: list[Hint | None] = []
    for person in range(PEOPLE):
        medium = Medium.PHONE if person % 2 else Medium.PAPER
        holder, came_s = Holder(a_scene(person, medium)), from_s + 13.0 * person
        frames = [(number / 5, holder.frame(1.0 + number / 5, number)) for number in range(7)]
        frames += [(at_s, an_empty_gate(person, int(at_s))) for at_s in (3.0, 6.0)]
        for after_s, grey in frames:
            at_s = came_s + after_s
            measures = looks.look(Frame(lens(grey), at_s, len(shown)))
            shown.append(watch.take(measures, at_s))
    return shown


def test_behind_a_dirty_lens_rendered_people_bring_the_hint_and_a_cloth_takes_it_away() -> None:
    watch, looks = HintWatch(), Looks()
    shown = with_people(watch, looks, lambda grey: through_a_dirty_lens(grey, 4.0), 100.0)
    assert shown[-1] is Hint.DIRTY_LENS
    assert set(shown[: len(shown) // 2]) == {None}
    wiped = with_people(watch, looks, lambda grey: grey, 300.0)
    assert Hint.DIRTY_LENS not in wiped[9:]


def test_behind_a_clean_lens_the_same_people_bring_no_hint_about_it() -> None:
    shown = with_people(HintWatch(), Looks(), lambda grey: grey, 100.0)
    assert Hint.DIRTY_LENS not in shown


@pytest.mark.parametrize(
    ("patch", "hint"),
    [
        (replace(GOOD_PATCH, px_per_module=2.3), Hint.CLOSER),
        (replace(GOOD_PATCH, px_per_module=2.6), None),
        (replace(GOOD_PATCH, px_per_module=None), None),
        (replace(GOOD_PATCH, px_per_module=11.0), Hint.FARTHER),
        (replace(GOOD_PATCH, px_per_module=2.3, evenness=0.6), None),
        (replace(GOOD_PATCH, px_per_module=2.3, evenness=0.6, is_located=True), Hint.CLOSER),
        (replace(SMALL_PATCH, px_per_module=2.3, is_located=True), Hint.CLOSER),
        (replace(SMALL_PATCH, px_per_module=4.0), None),
        (replace(GOOD_PATCH, box=(600, 300, 740, 440), px_per_module=4.0), Hint.CLOSER),
        (
            replace(GOOD_PATCH, box=(600, 300, 740, 440), px_per_module=4.0, is_located=True),
            None,
        ),
        (replace(CUT_PATCH, px_per_module=6.0), Hint.FARTHER),
        (replace(CUT_PATCH, px_per_module=3.0), None),
    ],
)
def test_closer_and_farther_follow_the_modules(patch: Patch, hint: Hint | None) -> None:
    assert Told().sees(replace(GOOD, patch=patch), 2.0) is hint


def test_a_soft_code_with_seemingly_large_modules_is_not_sent_farther() -> None:
    assert Told().sees(replace(SOFT, patch=replace(GOOD_PATCH, px_per_module=14.0)), 2.0) is None
