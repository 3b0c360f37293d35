"""Numbers of guards, and PINs that nobody should choose."""

import pytest

from scanner.domain.guards import PinFault, is_guard_id, is_pin, pin_fault


@pytest.mark.parametrize("number", ["07", "112", "654321"])
def test_a_guards_number_has_two_to_six_digits(number: str) -> None:
    assert is_guard_id(number)


@pytest.mark.parametrize("text", ["", "7", "1234567", "a7", "07\n", "٠٧", " 07", "0 7"])
def test_nothing_else_is_a_guards_number(text: str) -> None:
    assert not is_guard_id(text)


@pytest.mark.parametrize(
    ("pin", "fault"),
    [
        ("123", PinFault.LENGTH),
        ("123456789", PinFault.LENGTH),
        ("12a4", PinFault.NO_DIGITS),
        ("", PinFault.NO_DIGITS),
        ("٤٧١١", PinFault.NO_DIGITS),
        ("0000", PinFault.REPEATED),
        ("1212", PinFault.REPEATED),
        ("123123", PinFault.REPEATED),
        ("1234", PinFault.SEQUENCE),
        ("8901", PinFault.SEQUENCE),
        ("87654321", PinFault.SEQUENCE),
        ("0047", PinFault.OWN_NUMBER),
    ],
)
def test_what_is_guessed_first_is_refused(pin: str, fault: PinFault) -> None:
    assert pin_fault(pin, "47") is fault


@pytest.mark.parametrize("pin", ["4711", "1357", "29384756"])
def test_other_digits_are_a_pin(pin: str) -> None:
    assert pin_fault(pin, "07") is None
    assert is_pin(pin)
