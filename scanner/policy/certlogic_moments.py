"""CertLogic's dates and date-times: reading them, and adding years, months, days and hours.

Source: CertLogic specification 1.3.3, "Offset date-time" and "DCC Date of birth". All moments are
aware UTC, cut to milliseconds, within the years 1 to 9999.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

MAX_TEXT: Final = 64
"""Longer than any date-time that a clock prints, in characters."""

MAX_AMOUNT: Final = 10_000_000
"""The largest amount of any unit that a rule may add; in hours more than a thousand years."""

Shift = Callable[[datetime], datetime]
"""Adds an amount of time; `ValueError` or `OverflowError` outside the years 1 to 9999."""

FORMATS: Final = "a date-time as YYYY-MM-DDThh:mm:ssZ, or a date as YYYY-MM-DD, YYYY-MM or YYYY"

_MOMENT: Final = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)"
    r"(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d{1,2})(?::?(\d\d))?)?)?)?)?",
    re.ASCII,
)
_DATE_LENGTH: Final = len("YYYY-MM-DD")
_DECEMBER: Final = 12
_MS_DIGITS: Final = 3


def read_moment(text: str) -> datetime:
    """A date or date-time; a date begins its day, a partial one means its last day.

    Raises:
        ValueError: none of the formats, no such day or time, or outside the years 1 to 9999.
    """
    match = _MOMENT.fullmatch(text) if len(text) <= MAX_TEXT else None
    if match is None:
        raise ValueError("no date or date-time")
    year, month, day, hour, minute, second, decimals, sign, offset_h, offset_min = match.groups()
    if day is None:
        return _last_day(int(year), int(month or _DECEMBER))
    if hour is None:
        return datetime(int(year), int(month), int(day), tzinfo=UTC)
    milliseconds = int((decimals or "")[:_MS_DIGITS].ljust(_MS_DIGITS, "0"))
    moment = datetime(
        int(year), int(month), int(day), int(hour), int(minute), int(second),
        milliseconds * 1000, UTC,
    )  # fmt: skip
    if sign is None:
        return moment
    offset = timedelta(hours=int(offset_h), minutes=int(offset_min or 0))
    return _in_years(lambda: moment.replace(tzinfo=timezone(-offset if sign == "-" else offset)))


def read_date_of_birth(text: str) -> datetime:
    """The last day that a date of birth, perhaps without day or month, leaves possible.

    Raises:
        ValueError: not YYYY, YYYY-MM or YYYY-MM-DD, or no such day.
    """
    if len(text) > _DATE_LENGTH:
        raise ValueError("no date")
    return read_moment(text)


def _last_day(year: int, month: int) -> datetime:
    first = datetime(year, month, 1, tzinfo=UTC)
    return first.replace(day=monthrange(year, month)[1])


def _in_years(compute: Callable[[], datetime]) -> datetime:
    """What `compute` says, in UTC, where the calendar's ends are no day that does not exist."""
    try:
        return compute().astimezone(UTC)
    except OverflowError as error:
        raise ValueError("outside the years 1 to 9999") from error


def _months(amount: int) -> Shift:
    def shift(moment: datetime) -> datetime:
        year, month = divmod(moment.year * 12 + moment.month - 1 + amount, 12)
        first = moment.replace(year=year, month=month + 1, day=1)
        # A day that the month does not have runs over into the next, as ECMAScript's dates do.
        return first + timedelta(days=moment.day - 1)

    return shift


def _years(amount: int) -> Shift:
    return _months(12 * amount)


def _days(amount: int) -> Shift:
    delta = timedelta(days=amount)
    return lambda moment: moment + delta


def _hours(amount: int) -> Shift:
    delta = timedelta(hours=amount)
    return lambda moment: moment + delta


SHIFTS: Final[Mapping[str, Callable[[int], Shift]]] = {
    "year": _years,
    "month": _months,
    "day": _days,
    "hour": _hours,
}
"""By unit of time, from an amount to what adds it."""
