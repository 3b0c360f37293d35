"""Entries that two people took out of a gate."""

from enum import StrEnum
from typing import Annotated

import msgspec

from scanner.domain.guards import Person

Number = Annotated[int, msgspec.Meta(ge=1)]


class ExportFormat(StrEnum):
    """The form in which entries were taken out."""

    CSV = "csv"
    JSON_LINES = "jsonl"
    SQLITE = "sqlite"


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken out, and who stands for it.

    Attributes:
        form: in which form.
        first, last: numbers of the first and the last entry that was taken.
        count: how many were taken; not every one between has to be.
        by: who took them.
        second: who agreed, as another person.
    """

    form: ExportFormat
    first: Number
    last: Number
    count: Number
    by: Person
    second: Person
