"""What a log may say of a foreign exception."""

from pathlib import Path

from scanner.domain.errors import raised_at


def test_the_place_is_told_and_the_message_is_not() -> None:
    try:
        int("JKM1:SECRET")
    except ValueError as error:
        place = raised_at(error)
    assert place.startswith(f"{Path(__file__).name}:")
    assert "SECRET" not in place


def test_an_exception_that_was_never_raised_has_no_place() -> None:
    assert raised_at(ValueError()) == "unknown"
