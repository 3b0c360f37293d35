"""JSON (RFC 8259) from a hostile hand: bounded, and with one meaning only (RFC 7493, I-JSON)."""

import json
import math
from typing import Final, NoReturn

from scanner.formats.checks import Check, UnreadableError

MAX_BYTES: Final = 64 * 1024
MAX_DEPTH: Final = 32
MAX_INTEGER: Final = 2**53 - 1
"""What every implementation holds exactly (RFC 7493 section 2.2)."""

_MAX_DIGITS: Final = 17
"""Of the largest integer, and its sign."""


def read(data: bytes | str, *, max_depth: int = MAX_DEPTH) -> object:
    """The one value that `data` holds.

    Args:
        data: the whole text; UTF-8 when it comes as bytes.
        max_depth: how many arrays and objects may stand within one another.

    Raises:
        UnreadableError: too large or too deep, no JSON, bytes that are no UTF-8, a key that stands
            twice in its object, a half of a surrogate pair, an integer beyond 2^53 - 1, or a number
            that is not finite.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableError(Check.ENVELOPE, "JSON is too large")
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
        value: object = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_int=_integer,
            parse_float=_finite,
            parse_constant=_refuse,
        )
    except (ValueError, RecursionError) as error:
        raise UnreadableError(Check.ENVELOPE, "not well-formed JSON within our limits") from error
    _check(value, max_depth)
    return value


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key stands twice")
    return members


def _integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS or abs(int(digits)) > MAX_INTEGER:
        raise ValueError("an integer is too large")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _refuse(_name: str) -> NoReturn:
    raise ValueError("not a number")


def _check(value: object, depth_left: int) -> None:
    """Refuse what lies too deep, and text that is no Unicode."""
    if isinstance(value, str):
        if not _is_unicode(value):
            raise UnreadableError(Check.ENVELOPE, "half of a surrogate pair in JSON")
    elif isinstance(value, dict | list):
        if depth_left == 0:
            raise UnreadableError(Check.ENVELOPE, "JSON is nested too deeply")
        items = (*value, *value.values()) if isinstance(value, dict) else value
        for item in items:
            _check(item, depth_left - 1)


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
