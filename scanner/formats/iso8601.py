"""Date-times of ISO 8601 that foreign issuers write into their passes."""

from datetime import UTC, datetime


def read_moment(text: str) -> datetime:
    """A date-time as an aware time; without an offset it counts as UTC.

    Raises:
        ValueError: not a date-time, or outside the years 1 to 9999.
    """
    when = datetime.fromisoformat(text)
    if when.tzinfo is None:
        return when.replace(tzinfo=UTC)
    try:
        return when.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("outside the years 1 to 9999") from error
