"""The recognition matrix: the file that the settings name, the shipped one, or a bundle's."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from config.toml_file import as_tree, bear_reading, parse_toml, read_bytes
from scanner.domain.errors import SettingsError
from scanner.formats.registry import READERS
from scanner.policy.recognition import RecognitionMatrix, RecognitionRow

SHIPPED: Final = Path(__file__).parent / "recognition.toml"
MAX_BYTES: Final = 256 << 10
"""Some 2,000 rows; every province with every other one makes 930."""

_HEADER: Final = re.compile(rb"[ \t]*\[\[[ \t]*row[ \t]*\]\]")


def load_recognition(path: Path | None = None) -> RecognitionMatrix:
    """Read and check a matrix.

    Raises:
        SettingsError: names the file, the row and its line, the key and what is allowed there.
    """
    path = path or SHIPPED
    return read_recognition(read_bytes(path), str(path))


def read_recognition(content: bytes, name: str) -> RecognitionMatrix:
    """The same from bytes, as a bundle carries it.

    Raises:
        SettingsError: as `load_recognition`.
    """
    bear_reading(content, name, MAX_BYTES)
    data = parse_toml(content, name)
    tables = data.get("row", [])
    if not isinstance(tables, list) or not all(isinstance(each, Mapping) for each in tables):
        raise SettingsError(f"{name}: row is no list of tables.", "Begin each with [[row]].")
    rows = []
    for where, table in zip(_places(content, name, len(tables)), tables, strict=True):
        row = as_tree(RecognitionRow, table, where)
        _refuse_unread(row, where)
        rows.append(row)
    return as_tree(RecognitionMatrix, {**data, "row": rows}, name)


def _places(content: bytes, name: str, rows: int) -> list[str]:
    """What messages call each row: by its line, too, where each has a header of its own."""
    lines = [n for n, line in enumerate(content.splitlines(), 1) if _HEADER.match(line)]
    if len(lines) != rows:
        return [f"{name}, row {number}" for number in range(1, rows + 1)]
    return [f"{name}, row {number} at line {line}" for number, line in enumerate(lines, 1)]


def _refuse_unread(row: RecognitionRow, where: str) -> None:
    for format_ in row.formats:
        if format_ not in READERS:
            raise SettingsError(
                f"{where}: formats names {format_!r}, which no reader knows.",
                f"Known: {', '.join(READERS)}.",
            )
