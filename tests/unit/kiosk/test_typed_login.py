"""A number and a PIN being typed."""

from hypothesis import given
from hypothesis import strategies as st

from scanner.kiosk.typed_login import TypedLogin


def typed(keys: str) -> TypedLogin:
    """`<` erases, `!` confirms."""
    login = TypedLogin()
    for key in keys:
        match key:
            case "<":
                login = login.erase()
            case "!":
                login = login.confirm()
            case digit:
                login = login.push(digit)
    return login


def test_a_number_then_a_pin() -> None:
    login = typed("07!4711")
    assert (login.number, login.pin, login.is_complete) == ("07", "4711", True)


def test_a_pin_of_three_digits_is_not_complete() -> None:
    assert not typed("07!471").is_complete


def test_a_number_of_one_digit_does_not_lead_on() -> None:
    assert not typed("7!").asks_pin


def test_erasing_leads_back_to_the_number() -> None:
    assert typed("07!4<<8!") == typed("078!")


def test_digits_beyond_the_longest_are_ignored() -> None:
    assert typed("1234567!").number == "123456"
    assert typed("07!123456789").pin == "12345678"


def test_no_digit_of_a_pin_is_shown() -> None:
    login = typed("07!4711")
    assert login.shown_pin == "●●●●|"
    assert login.again().pin == ""
    assert login.again().number == "07"


@given(st.text(alphabet="0123456789<!a٤", max_size=30))
def test_whatever_is_typed_is_a_login_or_not_complete(keys: str) -> None:
    login = typed(keys)
    assert len(login.number) <= 6
    assert len(login.pin) <= 8
    assert (login.number + login.pin).isascii()
    if login.is_complete:
        assert login.number.isdigit()
        assert login.pin.isdigit()
