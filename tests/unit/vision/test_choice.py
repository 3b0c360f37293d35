"""Which of several codes is meant."""

from scanner.vision.choice import choose
from tests.vision_builders import a_code

SIZE = (1280, 720)


def test_no_code_no_choice() -> None:
    assert choose([], SIZE) is None


def test_the_phone_in_front_wins_over_the_poster_behind() -> None:
    phone, poster = a_code(500, 200, 320), a_code(100, 50, 120)
    assert choose([poster, phone], SIZE) is phone


def test_of_two_of_one_size_the_one_in_the_middle_wins() -> None:
    middle, aside = a_code(540, 260, 200), a_code(1000, 20, 200)
    assert choose([aside, middle], SIZE) is middle


def test_a_much_larger_code_wins_even_at_the_edge() -> None:
    large, small = a_code(0, 0, 500), a_code(590, 310, 100)
    assert choose([small, large], SIZE) is large


def test_a_frame_without_size_is_no_fault() -> None:
    code = a_code(0, 0, 1)
    assert choose([code], (0, 0)) is code
