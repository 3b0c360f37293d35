"""A poster is told about once; a person's code every time."""

from scanner.gate.background import REMEMBERED_S, Background
from scanner.vision.frames import Corners

POSTER = "https://poster.example/"


def square(x: float, y: float = 100.0) -> Corners:
    return ((x, y), (x + 80, y), (x + 80, y + 80), (x, y + 80))


def test_a_code_that_reappears_where_it_was_is_background() -> None:
    background = Background()
    assert not background.has(POSTER, square(100), 1280, 0)
    assert background.has(POSTER, square(104), 1280, 60)
    assert background.has(POSTER, square(108), 1280, 120)


def test_the_same_code_at_another_place_is_shown_by_somebody() -> None:
    background = Background()
    background.has(POSTER, square(100), 1280, 0)
    assert not background.has(POSTER, square(140), 1280, 60)


def test_a_place_is_forgotten_after_a_while() -> None:
    background = Background()
    background.has(POSTER, square(100), 1280, 0)
    assert not background.has(POSTER, square(100), 1280, REMEMBERED_S + 1)


def test_only_so_many_places_are_remembered() -> None:
    background = Background()
    for number in range(100):
        background.has(f"{POSTER}{number}", square(100), 1280, number)
    assert not background.has(f"{POSTER}0", square(100), 1280, 100)
    assert background.has(f"{POSTER}99", square(100), 1280, 100)
