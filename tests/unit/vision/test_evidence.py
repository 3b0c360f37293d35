"""What is remembered from frame to frame, and for how long."""

from dataclasses import replace

import numpy as np
import pytest

from scanner.vision.evidence import (
    FORGOTTEN_AFTER_S,
    MAX_PICTURES,
    MAX_PLACES,
    Evidence,
    Place,
    continued,
    overlap,
)
from scanner.vision.frames import Grey
from tests.vision_builders import with_noise

BOX = (100, 100, 200, 200)
RUNGS = 4


def a_frame(seed: int) -> Grey:
    return np.random.default_rng(seed).integers(0, 256, (300, 400)).astype(np.uint8)


def a_place(grey: Grey, now_s: float = 10.0, before: Place | None = None) -> Place:
    return continued(before, grey, BOX, grey[90:210, 90:210], RUNGS, now_s)


def test_a_place_is_forgotten_after_a_second_without_evidence() -> None:
    evidence = Evidence().with_places([a_place(a_frame(1), 10.0)], 10.0)
    assert evidence.with_places([], 10.0 + FORGOTTEN_AFTER_S).places
    assert not evidence.with_places([], 10.1 + FORGOTTEN_AFTER_S).places


def test_a_clock_that_jumps_back_forgets_it_too() -> None:
    evidence = Evidence().with_places([a_place(a_frame(1), 10.0)], 10.0)
    assert not evidence.with_places([], 5.0).places


def test_a_box_that_overlaps_continues_a_place_and_replaces_it() -> None:
    place = a_place(a_frame(1))
    evidence = Evidence().with_places([place], 10.0)
    assert evidence.of((120, 110, 220, 210)) is place
    assert evidence.of((180, 180, 280, 280)) is None
    moved = replace(place, box=(120, 110, 220, 210))
    assert evidence.with_places([moved], 10.1).places == (moved,)


def test_no_more_than_some_places_and_pictures_are_kept() -> None:
    places = [replace(a_place(a_frame(1)), box=(n * 500, 0, n * 500 + 9, 9)) for n in range(9)]
    assert len(Evidence().with_places(places, 10.0).places) == MAX_PLACES
    place = a_place(a_frame(0))
    for number in range(1, 20):
        place = a_place(a_frame(number), 10.0, place)
    assert len(place.pictures) == MAX_PICTURES


def test_the_same_picture_with_other_noise_is_the_same_for_a_second() -> None:
    grey = np.kron(a_frame(1)[::20, ::20], np.ones((20, 20), np.uint8))
    place = a_place(grey, 10.0)
    assert place.is_same(with_noise(grey, 6.0, 2), 10.5)
    assert not place.is_same(grey, 10.1 + FORGOTTEN_AFTER_S)
    assert not place.is_same(np.roll(grey, 15, axis=1), 10.5)


def test_time_that_ran_out_is_made_up_for_with_the_next_picture() -> None:
    place = replace(a_place(a_frame(1)), tried=3)
    after = a_place(a_frame(2), 10.1, place)
    assert (after.first, after.tried, after.turn) == (3, 0, 0)


def test_after_the_whole_ladder_the_next_picture_begins_with_other_figures() -> None:
    place = replace(a_place(a_frame(1)), tried=RUNGS)
    after = a_place(a_frame(2), 10.1, place)
    assert (after.first, after.tried, after.turn) == (0, 0, 1)


def test_where_codes_were_read_comes_with_the_last_one_first() -> None:
    early = Place((0, 0, 50, 50), 9.5, was_read=True)
    late = Place((200, 0, 250, 50), 9.9, was_read=True)
    hint = Place((0, 200, 50, 250), 9.9)
    assert Evidence((early, hint, late)).read_lately() == [late.box, early.box]


@pytest.mark.parametrize(
    ("other", "share"),
    [(BOX, 1.0), ((150, 100, 250, 200), 1 / 3), ((200, 100, 300, 200), 0.0), ((0, 0, 9, 9), 0.0)],
)
def test_overlap_is_the_share_of_the_union(other: tuple[int, int, int, int], share: float) -> None:
    assert overlap(BOX, other) == pytest.approx(share)
