"""JSON Canonicalization Scheme (RFC 8785): one spelling for one value, so that it can be signed.

Of the whole scheme only the form of floating-point numbers is hard, and no signed pass holds one:
here they are refused, which leaves sorting, and needs no library on the gate.
"""

import json
from typing import Final

from scanner.formats.checks import Check, UnreadableError
from scanner.formats.strict_json import MAX_INTEGER

_SEPARATORS: Final = (",", ":")


def canonical(value: object) -> bytes:
    """The UTF-8 bytes of `value`'s canonical form.

    Args:
        value: as `strict_json.read` returns it, which has capped its depth.

    Raises:
        UnreadableError: a number that is no integer within 2^53 - 1, a half of a surrogate pair,
            or something that JSON does not have.
    """
    text = json.dumps(_sorted(value), ensure_ascii=False, separators=_SEPARATORS)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UnreadableError(Check.ENVELOPE, "half of a surrogate pair in JSON") from error


def _sorted(value: object) -> object:
    """The same value with the members of every object in canonical order, and nothing odd in it."""
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise UnreadableError(Check.ENVELOPE, "a key of a JSON object is no text")
        return {key: _sorted(value[key]) for key in sorted(value, key=_utf16)}
    if isinstance(value, list):
        return [_sorted(item) for item in value]
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int) and abs(value) <= MAX_INTEGER:
        return value
    raise UnreadableError(Check.ENVELOPE, "a JSON number is no integer within our limits")


def _utf16(key: str) -> bytes:
    """Sorts by UTF-16 code units (RFC 8785 section 3.2.3), which is not the order of characters."""
    return key.encode("utf-16-be", "surrogatepass")
