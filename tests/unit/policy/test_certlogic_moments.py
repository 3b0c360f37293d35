"""The dates and date-times of CertLogic's specification, as its tables have them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.policy.certlogic_moments import MAX_TEXT, SHIFTS, read_date_of_birth, read_moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2021", "2021-12-31T00:00:00+00:00"),
        ("2020-02", "2020-02-29T00:00:00+00:00"),
        ("2021-06-01", "2021-06-01T00:00:00+00:00"),
        ("2021-06-01T12:30:45", "2021-06-01T12:30:45+00:00"),
        ("2021-06-01T12:30:45Z", "2021-06-01T12:30:45+00:00"),
        ("2021-06-01T12:30:45+1", "2021-06-01T11:30:45+00:00"),
        ("2021-06-01T12:30:45-01", "2021-06-01T13:30:45+00:00"),
        ("2021-06-01T12:30:45+130", "2021-06-01T11:00:45+00:00"),
        ("2021-06-01T12:30:45+0130", "2021-06-01T11:00:45+00:00"),
        ("2021-06-01T12:30:45-1:30", "2021-06-01T14:00:45+00:00"),
        ("2021-06-01T12:30:45+01:30", "2021-06-01T11:00:45+00:00"),
        ("2021-06-01T12:30:45.5", "2021-06-01T12:30:45.500000+00:00"),
        ("2021-06-01T12:30:45.12399999Z", "2021-06-01T12:30:45.123000+00:00"),
        ("2021-06-01T00:30:45.0+01:00", "2021-05-31T23:30:45+00:00"),
    ],
)
def test_every_format_of_the_specification_is_read(text: str, moment: str) -> None:
    assert read_moment(text).isoformat() == moment


@pytest.mark.parametrize(
    "text",
    ["", "21", "2021-6", "2021-13", "2021-02-29", "20210601", "2021-W01-1", "2021-06-01 12:00:00",
     "2021-06-01T12:30", "2021-06-01t12:30:45z", "2021-06-01T24:00:00", "2021-06-01T12:30:60",
     "2021-06-01T12:30:45+1:", "2021-06-01T12:30:45+25", "2021-06-01T12:30:45+00100", "0000",
     "0001-01-01T00:00:00+01", "9999-12-31T23:00:00-02", "２０２１", "2021\n",
     "2021-06-01T12:30:45." + "1" * MAX_TEXT],
)  # fmt: skip
def test_anything_else_is_no_date_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_moment(text)


@pytest.mark.parametrize(
    ("text", "amount", "unit", "moment"),
    [
        ("2020-02-29", 1, "day", "2020-03-01"),
        ("2020-02-29", 1, "month", "2020-03-29"),
        ("2020-02-29", 1, "year", "2021-03-01"),
        ("2021-01-31", 1, "month", "2021-03-03"),
        ("2021-01-31", -2, "month", "2020-12-01"),
        ("2021-12-15", 1, "month", "2022-01-15"),
        ("2004-01-01", 18, "year", "2022-01-01"),
        ("2021-01-01", -24, "hour", "2020-12-31"),
    ],
)
def test_amounts_are_added_as_ecmascript_does(
    text: str, amount: int, unit: str, moment: str
) -> None:
    assert SHIFTS[unit](amount)(read_moment(text)) == read_moment(moment)


def test_a_date_of_birth_has_no_time() -> None:
    assert read_date_of_birth("1990-02") == read_moment("1990-02-28")
    for text in ("", "1990-02-28T00:00:00Z"):
        with pytest.raises(ValueError, match="no date"):
            read_date_of_birth(text)


@given(st.text(alphabet="0123456789-T:.Z+ ", max_size=80) | st.text())
def test_no_text_raises_anything_but_value_error(text: str) -> None:
    for read in (read_moment, read_date_of_birth):
        try:
            moment = read(text)
        except ValueError:
            continue
        assert moment.utcoffset() is not None
        assert moment.microsecond % 1000 == 0


@given(st.datetimes().map(lambda moment: moment.replace(microsecond=0)))
def test_what_a_clock_prints_is_read_back(moment: object) -> None:
    printed = f"{moment}".replace(" ", "T")
    assert read_moment(printed).replace(tzinfo=None) == moment
