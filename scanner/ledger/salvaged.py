"""Which of the rows that were found in a damaged file belong to the log: what the chain proves.

A row holds when it follows the one before it. Up to the position that the hub has acknowledged the
log may have holes, since the hub has what is missing: behind one, the first row is given up, as
nothing proves it, and its head proves the next. Behind that position the first hole is the end:
what came after it could never be sent.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct

from scanner.ledger import chain
from scanner.ledger.position import Position
from scanner.ledger.salvage import Row, salvage_rows
from scanner.ledger.schema import LogIdentity

_PAGE: Final = 500
Rivals = dict[int, list[tuple[str, bytes]]]
"""Other rows that were found under a number: an edited one beside an old page's true one."""


class Salvaged(Struct, frozen=True):
    """What could be taken over.

    Attributes:
        identity: whose log it is; None when the log cannot go on.
        kept: how many entries hold, erased ones by their hashes.
        known_end: number of the last entry that anybody knows of.
        end: where the log goes on; None when it cannot.
        erased: the last entry of which only the hash is kept; None while there is none.
    """

    identity: LogIdentity | None
    kept: int
    known_end: int
    end: Position | None = None
    erased: Position | None = None


def take_rows(
    connection: sqlite3.Connection,
    damaged: Path,
    device_id: str,
    noted: LogIdentity | None,
    acked: Position | None,
) -> Salvaged:
    """Fill `lines`, `leaves` and `receipts` with what holds of the file at `damaged`.

    Args:
        connection: of the new file, in a transaction.
        damaged: the file whose rows are looked for.
        device_id: of this gate.
        noted: whose log it was by the file beside it.
        acked: the last position that the hub acknowledged.

    Raises:
        OSError: the damaged file cannot be opened.
        sqlite3.Error: the new one cannot be written.
    """
    found, rivals = _collect(connection, damaged)
    (known_end,) = connection.execute("SELECT coalesce(max(seq), 0) FROM lines").fetchone()
    known_end = max(known_end, acked.seq if acked else 0)
    for identity in dict.fromkeys((noted, *found)):
        if identity is None or identity.device_id != device_id:
            continue
        start = _erased(connection, identity)
        end, bad = _walk(connection, start, acked, rivals)
        if end.seq == 0 or end.seq < (acked.seq if acked else 0):
            continue
        connection.executemany("DELETE FROM lines WHERE seq = ?", [(seq,) for seq in bad])
        connection.execute("DELETE FROM lines WHERE seq > ?", (end.seq,))
        connection.execute("DELETE FROM leaves WHERE seq > ?", (start.seq,))
        connection.execute("DELETE FROM receipts WHERE last > ?", (start.seq,))
        (lines,) = connection.execute("SELECT count(*) FROM lines").fetchone()
        return Salvaged(identity, lines + start.seq, known_end, end, start if start.seq else None)
    for table in ("lines", "leaves", "receipts"):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608
    return Salvaged(None, 0, known_end)


def found_lines(damaged: Path) -> Iterator[str]:
    """Every line that is found, proven or not, as often as it is found.

    Raises:
        OSError: the file cannot be opened.
    """
    for row in salvage_rows(damaged):
        if (line := _as_line(row)) is not None:
            yield line[0]


def _collect(connection: sqlite3.Connection, damaged: Path) -> tuple[list[LogIdentity], Rivals]:
    """Put every row that may be one of ours into its table, whatever it is worth."""
    identities: list[LogIdentity] = []
    rivals: Rivals = {}
    for row in salvage_rows(damaged):
        if (line := _as_line(row)) is not None:
            seq, (text, head) = row.rowid, line
            added = connection.execute(
                "INSERT OR IGNORE INTO lines (seq, line, head) VALUES (?, ?, ?)", (seq, text, head)
            )
            if not added.rowcount and _stored(connection, seq) != line:
                rivals.setdefault(seq, []).append(line)
        elif (identity := _as_identity(row)) is not None:
            identities.append(identity)
        elif (leaf := _as_leaf(row)) is not None:
            connection.execute(
                "INSERT OR IGNORE INTO leaves (seq, leaf) VALUES (?, ?)", (row.rowid, leaf)
            )
        elif _is_receipt(row):
            connection.execute(
                "INSERT OR IGNORE INTO receipts (last, first, head, entry, note) "
                "VALUES (?, ?, ?, ?, ?)",
                (row.rowid, *row.values[1:]),
            )
    return identities, rivals


def _erased(connection: sqlite3.Connection, identity: LogIdentity) -> Position:
    """Up to where leaf hashes without a hole lead from the log's beginning, before the lines."""
    (first,) = connection.execute("SELECT min(seq) FROM lines").fetchone()
    position = Position(0, identity.genesis)
    while page := connection.execute(
        "SELECT seq, leaf FROM leaves WHERE seq > ? AND seq < coalesce(?, 1 << 62) "
        "ORDER BY seq LIMIT ?",
        (position.seq, first, _PAGE),
    ).fetchall():
        for seq, leaf in page:
            if seq != position.seq + 1:
                return position
            position = Position(seq, chain.extend_by_leaf(position.head, leaf))
    return position


def _walk(
    connection: sqlite3.Connection, start: Position, acked: Position | None, rivals: Rivals
) -> tuple[Position, list[int]]:
    """The end of what holds, and the rows before it that do not.

    Args:
        connection: of the new file.
        start: the place before the first line.
        acked: as in `take_rows`.
        rivals: other rows that were found.
    """
    known = acked if acked is not None and _head(connection, acked.seq) == acked.head else None
    before = end = start
    is_proven = True
    bad: list[int] = []
    for seq, text, head in _in_order(connection):
        follows = seq == before.seq + 1
        if follows and (fitting := _fitting(connection, before, seq, (text, head), rivals)):
            before = end = Position(seq, fitting)
            is_proven = True
        elif known is None or seq > known.seq:
            break
        elif seq < known.seq:
            bad.append(seq)  # only its head is of use: the next row tells whether that is true
            before, is_proven = Position(seq, head), False
        elif follows and is_proven:
            break  # the line that the hub has is not this one, and no line is made up here
        else:
            before = end = known
            is_proven = True
    return end, bad


def _fitting(
    connection: sqlite3.Connection,
    before: Position,
    seq: int,
    row: tuple[str, bytes],
    rivals: Rivals,
) -> bytes | None:
    """The head after the row of this number that follows `before`; None when none does."""
    for text, head in (row, *rivals.get(seq, ())):
        expected = chain.extend(before.head, text.encode())
        if expected == head:
            if (text, head) != row:
                connection.execute(
                    "UPDATE lines SET line = ?, head = ? WHERE seq = ?", (text, head, seq)
                )
            return expected
    return None


def _in_order(connection: sqlite3.Connection) -> Iterator[tuple[int, str, bytes]]:
    seq = 0
    while page := connection.execute(
        "SELECT seq, line, head FROM lines WHERE seq > ? ORDER BY seq LIMIT ?", (seq, _PAGE)
    ).fetchall():
        yield from page
        seq = page[-1][0]


def _as_line(row: Row) -> tuple[str, bytes] | None:
    if len(row.values) != 3 or row.rowid < 1:
        return None
    key, text, head = row.values
    if key is not None or not isinstance(text, str) or not isinstance(head, bytes):
        return None
    return (text, head) if len(head) == chain.HASH_SIZE else None


def _as_leaf(row: Row) -> bytes | None:
    if len(row.values) != 2 or row.rowid < 1:
        return None
    key, leaf = row.values
    if key is not None or not isinstance(leaf, bytes):
        return None
    return leaf if len(leaf) == chain.HASH_SIZE else None


def _is_receipt(row: Row) -> bool:
    if len(row.values) != 5 or row.rowid < 1:
        return False
    key, first, head, entry, note = row.values
    return (
        key is None
        and isinstance(first, int)
        and isinstance(head, bytes)
        and isinstance(entry, int)
        and isinstance(note, str)
    )


def _as_identity(row: Row) -> LogIdentity | None:
    if row.rowid != 1 or len(row.values) < 5:
        return None
    _, device_id, nonce, *_ = row.values
    if not isinstance(device_id, str) or not isinstance(nonce, bytes):
        return None
    return LogIdentity(device_id, nonce) if len(nonce) == chain.NONCE_SIZE else None


def _stored(connection: sqlite3.Connection, seq: int) -> tuple[str, bytes] | None:
    row = connection.execute("SELECT line, head FROM lines WHERE seq = ?", (seq,)).fetchone()
    return (row[0], row[1]) if row else None


def _head(connection: sqlite3.Connection, seq: int) -> bytes | None:
    stored = _stored(connection, seq)
    return stored[1] if stored else None
