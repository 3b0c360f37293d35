"""JSON (RFC 8259) from a hostile hand: bounded, and with one meaning only.

The standard parser lets the last of two equal keys win, knows NaN and Infinity, turns 1e999 into
infinity and keeps lone surrogates. Two programs that read such a text may read different things,
so all of it is refused, as I-JSON (RFC 7493) asks.
"""

import json
import math
from typing import Final, NoReturn

from scanner.formats.checks import Check, UnreadableError

MAX_BYTES: Final = 64 * 1024
MAX_DEPTH: Final = 32
MAX_INTEGER: Final = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly (RFC 7493 section 2.2)."""

_MAX_DIGITS: Final = len(str(-MAX_INTEGER))
_ESCAPE: Final = "\\u"


def read(data: bytes | str, *, max_depth: int = MAX_DEPTH) -> object:
    """The one value that `data` holds, as dicts, lists, str, int, float, bool and None.

    Args:
        data: the whole text; as bytes it is UTF-8 without a byte order mark.
        max_depth: how many arrays and objects may stand within one another.

    Raises:
        UnreadableError: no JSON, over `MAX_BYTES`, too deep, an object with a key twice, a number
            that is not finite or exceeds `MAX_INTEGER`, or a surrogate without its other half.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableError(Check.ENVELOPE, "JSON is too large")
    try:
        text = data.decode() if isinstance(data, bytes) else data
        value: object = _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(Check.ENVELOPE, "not JSON with one meaning only") from error
    _check_depth(value, max_depth)
    if isinstance(data, str) or _ESCAPE in text:  # bytes that were UTF-8 hold no other surrogate
        _check_surrogates(value)
    return value


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    items = dict(pairs)
    if len(items) != len(pairs):
        raise ValueError("key twice")
    return items


def _integer(digits: str) -> int:
    number = int(digits) if len(digits) <= _MAX_DIGITS else MAX_INTEGER + 1
    if abs(number) > MAX_INTEGER:
        raise ValueError("integer out of range")
    return number


def _fraction(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("number out of range")
    return number


def _refuse(_name: str) -> NoReturn:
    raise ValueError("no number of JSON")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_fraction, parse_constant=_refuse
)


def _check_depth(value: object, max_depth: int) -> None:
    """Level by level, so that no depth of the input is a depth of our stack."""
    level, depth = [value] if isinstance(value, dict | list) else [], 0
    while level:
        depth += 1
        if depth > max_depth:
            raise UnreadableError(Check.ENVELOPE, "JSON is nested too deeply")
        level = [
            inner
            for item in level
            for inner in (item.values() if isinstance(item, dict) else item)
            if isinstance(inner, dict | list)
        ]


def _check_surrogates(value: object) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise UnreadableError(Check.ENVELOPE, "JSON text with a lone surrogate") from error
