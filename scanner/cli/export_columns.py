"""The columns of an export, and the page beside it that explains each one.

What a column means is told once, in the docstring of `Entry`: the page is made from there.
"""

import inspect
import re
from enum import StrEnum
from functools import cache
from types import NoneType
from typing import Final, get_args, get_origin

import msgspec

from scanner.domain.entries import Entry, EntryType
from scanner.domain.exports import Export

SEALED: Final = frozenset({"sealed", "note"})
"""Nobody but the hub can open them: they never leave the gate another way."""

PSEUDONYMS: Final = frozenset({"subject", "subject_key"})
"""They link what one code did in one day; left out unless asked for."""

Value = str | int | float | bool | None
_ATTRIBUTE: Final = re.compile(r"([a-z_]+(?:, [a-z_]+)*): (.*)")


def columns(*, pseudonyms: bool) -> tuple[str, ...]:
    """The columns of an export, in the order of an entry's keys."""
    left_out = SEALED if pseudonyms else SEALED | PSEUDONYMS
    fields = (field.encode_name for field in msgspec.structs.fields(Entry))
    return tuple(name for name in fields if name not in left_out)


def meanings() -> dict[str, str]:
    """What each key of an entry means, from its docstring."""
    told = inspect.getdoc(Entry) or ""
    found: dict[str, str] = {}
    names: list[str] = []
    for line in told.partition("Attributes:")[2].splitlines():
        if match := _ATTRIBUTE.fullmatch(line.strip()) if _is_head(line) else None:
            names = match[1].split(", ")
            found.update(dict.fromkeys(names, match[2]))
        elif line.strip():
            found.update({name: f"{found[name]} {line.strip()}" for name in names})
    return found


def cell(value: object) -> Value:
    """A value as one cell: several words as one text, parted by spaces."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return " ".join(map(str, value)) or None
    raise TypeError(f"an entry holds a {type(value).__name__}")


def sql_type(name: str) -> type[str] | type[int] | type[float]:
    """The type of a column in an SQLite file."""
    return _SQL.get(_kinds()[name], str)


def guide(export: Export, names: tuple[str, ...], device_id: str, file: str) -> str:
    """The page beside an export: what it is, who took it, and what each column means."""
    told = meanings()
    rows = "\n".join(
        f"| `{name}` | {_kinds()[name]} | {told[name].replace('|', chr(92) + '|')} |"
        for name in names
    )
    kinds = ", ".join(f"`{kind}`" for kind in EntryType)
    return f"""# {file}

{export.count} entries of gate {device_id}, between numbers {export.first} and {export.last}, taken
out by {export.by.guard} ({export.by.role}), with {export.second.guard} ({export.second.role}).
The gate's ledger has a line about it, which no export and nobody at the gate can take back.

Each row is one entry: one fact, recorded once and never changed. Empty cells were not asked for,
not known, or not the gate's to keep. Types of entries: {kinds}. Times are UTC. Names and id numbers
are not in here: the gate cannot read them. Whoever keeps this file answers for it, and erases it
when the gate erases the same entries.

| column | type | meaning |
|---|---|---|
{rows}
"""


class _Kind(StrEnum):
    """What is in a column, for the page."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    FLAG = "yes or no"
    WORDS = "words"


_SQL: Final = {_Kind.INTEGER: int, _Kind.FLAG: int, _Kind.NUMBER: float}


@cache
def _kinds() -> dict[str, _Kind]:
    return {field.encode_name: _kind(field.type) for field in msgspec.structs.fields(Entry)}


def _kind(annotation: object) -> _Kind:
    """From a field's type, `X` or `X | None`."""
    options = set(get_args(annotation)) - {NoneType} or {annotation}
    if get_origin(annotation) is tuple:
        return _Kind.WORDS
    for kind, known in ((_Kind.FLAG, bool), (_Kind.INTEGER, int), (_Kind.NUMBER, float)):
        if known in options:
            return kind
    return _Kind.TEXT


def _is_head(line: str) -> bool:
    """Attributes stand four columns in, what goes on with one stands eight."""
    return re.match(r" {4}\S", line) is not None
