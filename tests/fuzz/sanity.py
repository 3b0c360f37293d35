"""What claims must be like, whoever signed them: of their types, in UTC, fit for a screen."""

import types
import typing
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import fields

from scanner.domain.passes import (
    DependantRecord,
    Holder,
    LaboratoryTest,
    PassClaims,
    RecoveryRecord,
    VaccineRecord,
)

MAX_SHOWN: Final = 256
"""No text of a pass is longer, whatever its format allows."""

_RECORDS: Final = (
    PassClaims, Holder, LaboratoryTest, VaccineRecord, RecoveryRecord, DependantRecord,
)  # fmt: skip
_HINTS: Final[dict[object, dict[str, Any]]] = {
    record: typing.get_type_hints(record) for record in _RECORDS
}


def faults(claims: PassClaims) -> list[str]:
    """What is wrong with them, by the field's name; nothing of their content."""
    return [*_mistyped(claims, PassClaims, "claims"), *_unfit(claims, "claims")]


def _mistyped(value: Any, hint: Any, path: str) -> Iterator[str]:
    hint = getattr(hint, "__supertype__", hint)
    options = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    kinds = [getattr(option, "__supertype__", option) for option in options]
    if not any(type(value) is kind for kind in kinds):
        yield f"{path} is {type(value).__name__}"
    elif isinstance(value, Struct):
        hints = _HINTS[type(value)]
        for field in fields(value):
            yield from _mistyped(
                getattr(value, field.name), hints[field.name], f"{path}.{field.name}"
            )


def _unfit(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, Struct):
        for field in fields(value):
            yield from _unfit(getattr(value, field.name), f"{path}.{field.name}")
    elif isinstance(value, str):
        if len(value) > MAX_SHOWN:
            yield f"{path} is longer than {MAX_SHOWN}"
        if not value.isprintable():
            yield f"{path} holds unprintable characters"
    elif isinstance(value, datetime):
        if value.utcoffset() != timedelta():
            yield f"{path} is not in UTC"
    elif type(value) is int and not 0 <= value < 1000:
        yield f"{path} is no small count"


def survives(claims: PassClaims, now: datetime) -> None:
    """Ask what policy and screens ask; any exception is a finding."""
    for record in (claims.test, claims.vaccine, claims.recovery):
        if record is not None:
            record.age(now)
    for when in (claims.issued_at, claims.not_before, claims.expires_at):
        if when is not None:
            when.astimezone(UTC).isoformat()
    assert date.min <= now.date()
