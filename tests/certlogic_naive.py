"""CertLogic read word by word at every evaluation, as the specification tells it: slow and plain.

What the compiled engine is compared with, in tests for its values and in the benchmark for its
speed. Nothing of the engine is used here.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any


class NaiveError(Exception):
    """The expression has no value on these data."""


def evaluate(expression: Any, data: Any) -> Any:
    """The value of a well-formed expression."""
    if isinstance(expression, list):
        return [evaluate(item, data) for item in expression]
    if not isinstance(expression, dict):
        return expression
    ((name, operands),) = expression.items()
    if name == "var":
        return _access(operands, data)
    if name == "if":
        return evaluate(operands[1 if _truth(evaluate(operands[0], data)) else 2], data)
    if name == "and":
        for operand in operands:
            value = evaluate(operand, data)
            if not _truth(value):
                return value
        return value
    if name == "reduce":
        return _reduce(operands, data)
    return _apply(name, [evaluate(operand, data) for operand in operands])


def _access(path: str, data: Any) -> Any:
    for part in path.split(".") if path else ():
        if isinstance(data, dict):
            data = data.get(part)
        elif isinstance(data, list) and part.isdigit() and int(part) < len(data):
            data = data[int(part)]
        else:
            return None
    return data


def _reduce(operands: list[Any], data: Any) -> Any:
    items, value = evaluate(operands[0], data), evaluate(operands[2], data)
    if items is None:
        return value
    if not isinstance(items, list):
        raise NaiveError
    for item in items:
        value = evaluate(operands[1], {"current": item, "accumulator": value})
    return value


def _apply(name: str, values: list[Any]) -> Any:
    if name == "!":
        return not _truth(values[0])
    if name == "===":
        return _equal(values[0], values[1])
    if name == "in":
        if not isinstance(values[1], list) or not _is_scalar(values[0]):
            raise NaiveError
        return any(_is_scalar(item) and _equal(values[0], item) for item in values[1])
    if name == "plusTime":
        return _plus_time(*values)
    if name == "dccDateOfBirth":
        if not isinstance(values[0], str) or "T" in values[0]:
            raise NaiveError
        return _moment(values[0])
    if name == "extractFromUVCI":
        return _fragment(*values)
    return _compare(name, values)


def _compare(name: str, values: list[Any]) -> Any:
    kind = datetime if name in ("before", "after", "not-after", "not-before") else int
    if any(type(value) is not kind for value in values):
        raise NaiveError
    if name == "+":
        return values[0] + values[1]
    pairs = list(pairwise(values))
    if name in ("<", "before"):
        return all(a < b for a, b in pairs)
    if name in (">", "after"):
        return all(a > b for a, b in pairs)
    if name in ("<=", "not-after"):
        return all(a <= b for a, b in pairs)
    return all(a >= b for a, b in pairs)


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, str | int | bool)


def _equal(one: Any, other: Any) -> bool:
    if not _is_scalar(one) or not _is_scalar(other):
        raise NaiveError
    return type(one) is type(other) and one == other


def _truth(value: Any) -> bool:
    if isinstance(value, datetime):
        raise NaiveError
    return value not in (None, False, 0, "", [], {})


def _plus_time(text: Any, amount: int, unit: str) -> datetime:
    moment = _moment(text)
    try:
        if unit == "hour":
            return moment + timedelta(hours=amount)
        if unit == "day":
            return moment + timedelta(days=amount)
        months = moment.year * 12 + moment.month - 1 + amount * (12 if unit == "year" else 1)
        first = date(months // 12, months % 12 + 1, 1).toordinal()
        day = date.fromordinal(first + moment.day - 1)
        return datetime.combine(day, moment.timetz())
    except (ValueError, OverflowError):
        raise NaiveError from None


def _moment(text: Any) -> datetime:
    """Dates, partial dates, and date-times with an offset: what tests and benchmark have."""
    if not isinstance(text, str):
        raise NaiveError
    try:
        if "T" in text:
            return datetime.fromisoformat(text).astimezone(UTC)
        year, *rest = (int(part) for part in text.split("-"))
        month = rest[0] if rest else 12
        day = rest[1] if len(rest) > 1 else monthrange(year, month)[1]
        return datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        raise NaiveError from None


def _fragment(text: Any, index: int) -> str | None:
    if text is None:
        return None
    if not isinstance(text, str):
        raise NaiveError
    fragments = [""]
    for letter in text.removeprefix("URN:UVCI:"):
        if letter in "/#:":
            fragments.append("")
        else:
            fragments[-1] += letter
    return fragments[index] if 0 <= index < len(fragments) else None
