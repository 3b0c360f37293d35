"""What CertLogic computes with: JSON's values and date-times, their kinds and their truth.

Source: CertLogic specification 1.3.3, "Values" (eHealth Network, eu-dcc-business-rules). Messages
name kinds, never values: these are a person's.
"""

from datetime import datetime
from enum import StrEnum
from typing import Final, TypeGuard

from scanner.domain.errors import RuleError

MAX_INTEGER: Final = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly (RFC 7493 section 2.2)."""


class Kind(StrEnum):
    """The kind of a value, as messages call it."""

    TEXT = "a text"
    INTEGER = "an integer"
    FRACTION = "a number with a fraction"
    BOOLEAN = "true or false"
    NULL = "null"
    ARRAY = "an array"
    OBJECT = "an object"
    MOMENT = "a date-time"
    FOREIGN = "something that JSON does not know"
    OPEN = "a value that only the data decide"


_KINDS: Final = {
    str: Kind.TEXT,
    int: Kind.INTEGER,
    bool: Kind.BOOLEAN,
    type(None): Kind.NULL,
    list: Kind.ARRAY,
    dict: Kind.OBJECT,
    datetime: Kind.MOMENT,
}
PLAIN: Final = frozenset({bool, type(None), str, int, list, dict})
"""The types whose truth is Python's: every one that JSON has but numbers with a fraction."""

SCALARS: Final = frozenset({Kind.TEXT, Kind.INTEGER, Kind.FRACTION, Kind.BOOLEAN, Kind.NULL})
"""The kinds that can be compared for equality."""


def kind_of(value: object) -> Kind:
    """The kind of a value; a number without a fraction is an integer however it is written."""
    if type(value) is float:
        return Kind.INTEGER if value.is_integer() else Kind.FRACTION
    return _KINDS.get(type(value), Kind.FOREIGN)


def is_integer(value: object) -> TypeGuard[int]:
    """True for an integer, also one that is written 1.0: JSON knows no difference."""
    return type(value) is int or (type(value) is float and value.is_integer())


def truth(value: object, pointer: str) -> bool:
    """Truthy or falsy.

    Args:
        value: any value.
        pointer: the place in the rule that made it.

    Raises:
        RuleError: neither, as dates and fractions are.
    """
    if type(value) in PLAIN or is_integer(value):
        return bool(value)
    raise RuleError(pointer, f"found {kind_of(value)}", "a value that is truthy or falsy")


def equal(left: object, right: object, pointer: str) -> bool:
    """`===`: the same kind and the same value.

    Raises:
        RuleError: an array, an object or a date-time; the specification leaves their equality open.
    """
    left_kind, right_kind = kind_of(left), kind_of(right)
    for kind in (left_kind, right_kind):
        if kind not in SCALARS:
            raise RuleError(pointer, f"found {kind}", "a text, a number, true, false or null")
    return left_kind is right_kind and left == right


def contains(array: list[object], value: object, pointer: str) -> bool:
    """`in`: some item equals `value`; arrays, objects and dates among the items equal nothing.

    Raises:
        RuleError: `value` is an array, an object or a date-time.
    """
    if type(value) is str:  # no text equals anything but a text: the list's own search is enough
        return value in array
    kind = kind_of(value)
    if kind not in SCALARS:
        raise RuleError(pointer, f"found {kind}", "a text, a number, true, false or null")
    return any(kind_of(item) is kind and item == value for item in array)
