import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.kiosk.temperature import TypedTemperature


def typed(digits: str) -> TypedTemperature:
    reading = TypedTemperature()
    for digit in digits:
        reading = reading.push(digit)
    return reading


@pytest.mark.parametrize(
    ("digits", "shown", "celsius"),
    [
        ("", "__._", None),
        ("3", "3_._", None),
        ("36", "36._", None),
        ("365", "36.5", 36.5),
        ("3659", "36.5", 36.5),
        ("373", "37.3", 37.3),
    ],
)
def test_three_digits_are_a_reading(digits: str, shown: str, celsius: float | None) -> None:
    assert (typed(digits).shown, typed(digits).celsius) == (shown, celsius)


def test_the_last_digit_can_be_taken_back() -> None:
    assert typed("368").erase().push("5").celsius == 36.5
    assert typed("").erase() == TypedTemperature()


@given(st.text(max_size=50))
def test_only_ascii_digits_count(text: str) -> None:
    assert set(typed(text).digits) <= set("0123456789")
