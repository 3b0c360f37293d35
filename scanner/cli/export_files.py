"""Entries into a file for people and programs elsewhere: CSV, JSON lines or SQLite."""

import csv
import os
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Final

import msgspec

from scanner.cli.export_columns import cell, meanings, sql_type
from scanner.cli.printable import printable
from scanner.domain.entries import Entry
from scanner.domain.exports import ExportFormat

_FORMULA: Final = ("=", "+", "-", "@")


def write_export(
    form: ExportFormat, path: Path, names: tuple[str, ...], entries: Iterable[Entry]
) -> None:
    """Write a new file that only its owner may read.

    Args:
        form: which kind of file.
        path: where; nothing may be there.
        names: the columns.
        entries: in the order in which they shall stand.

    Raises:
        OSError, sqlite3.Error: it cannot be written.
    """
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    match form:
        case ExportFormat.CSV:
            _write_csv(path, names, entries)
        case ExportFormat.JSON_LINES:
            _write_json_lines(path, names, entries)
        case ExportFormat.SQLITE:
            _write_sqlite(path, names, entries)


def _write_csv(path: Path, names: tuple[str, ...], entries: Iterable[Entry]) -> None:
    """RFC 4180, in UTF-8 with a mark at the beginning: so spreadsheets take it for what it is."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        for entry in entries:
            told = msgspec.to_builtins(entry)
            writer.writerow([_csv_cell(told.get(name)) for name in names])


def _csv_cell(value: object) -> object:
    """A text that a spreadsheet would calculate gets a quote before it: an issuer names itself."""
    text = cell(value)
    if not isinstance(text, str):
        return text
    return printable(f"'{text}" if text.startswith(_FORMULA) else text)


def _write_json_lines(path: Path, names: tuple[str, ...], entries: Iterable[Entry]) -> None:
    wanted = frozenset(names)
    with path.open("wb") as file:
        for entry in entries:
            told = msgspec.to_builtins(entry)
            kept = {key: value for key, value in told.items() if key in wanted}
            file.write(msgspec.json.encode(kept) + b"\n")


def _write_sqlite(path: Path, names: tuple[str, ...], entries: Iterable[Entry]) -> None:
    """Tables `entries` and `columns`, which explains the first one."""
    from sqlite_utils import Database

    told = meanings()
    database = Database(path, execute_plugins=False)
    with closing(database.conn):
        table = database.table("entries")
        table.create({name: sql_type(name) for name in names}, pk="seq", strict=True)
        rows = (msgspec.to_builtins(entry) for entry in entries)
        table.insert_all({name: cell(row.get(name)) for name in names} for row in rows)
        database.table("columns").insert_all(
            ({"name": name, "meaning": told[name]} for name in names), pk="name", strict=True
        )
        database.execute("PRAGMA journal_mode = DELETE")
