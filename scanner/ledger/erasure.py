"""Takes old lines out of the database, in steps that are each over before anybody waits.

What stays of a line is its leaf hash, so that the chain goes on across the hole and an entry beside
it can still be proven. `secure_delete` makes SQLite overwrite what it deletes, and the write-ahead
log is cut off afterwards: no copy of a line is left in either file. What a card keeps in cells that
it has taken out of use, no program can reach.

The pages that become free take the next entries: the file stops growing at what the site's days
need. A file that was made to give them back (`scanner.ledger.pages`) does so in small steps; each
entry then writes a third more to the card, for good (`docs/keeping.md`).
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from scanner.domain.decoding import UndecodableError
from scanner.domain.entries import decode_entry
from scanner.ledger import chain
from scanner.ledger.pages import give_back
from scanner.ledger.position import Position
from scanner.ledger.schema import (
    LogIdentity,
    altered_error,
    erased_position,
    last_position,
    ledger_error,
)

STEP: Final = 32
"""Lines that one transaction erases: some 20 kB of the file."""


class OldLines:
    """The old end of a log, as its single writer (`store.Ledger`) erases it.

    Args:
        connection: the writer's; `secure_delete` is on.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, identity: LogIdentity) -> None:
        self._path = path
        self._connection = connection
        self._identity = identity

    @property
    def erased(self) -> Position:
        """The last entry whose line was erased; seq 0 and the genesis while every line is there.

        Raises:
            LedgerError: it cannot be read.
        """
        with self._speaking():
            return erased_position(self._connection, self._identity)

    @property
    def receipted(self) -> Position:
        """Up to where an entry of this log tells of erased lines, with a signed receipt.

        Raises:
            LedgerError: it cannot be read.
        """
        with self._speaking():
            row = self._connection.execute(
                "SELECT last, head FROM receipts ORDER BY last DESC LIMIT 1"
            ).fetchone()
        return Position(*row) if row else Position(0, self._identity.genesis)

    def head_at(self, seq: int) -> bytes | None:
        """The head after entry `seq`, as stored; of erased entries only the last one has it.

        Raises:
            LedgerError: it cannot be read.
        """
        if seq == self.erased.seq:
            return self.erased.head
        with self._speaking():
            row = self._connection.execute(
                "SELECT head FROM lines WHERE seq = ?", (seq,)
            ).fetchone()
        return row[0] if row else None

    def written_at(self, seq: int) -> datetime | None:
        """When an entry was written, by its own word; None where there is no such line.

        Raises:
            LedgerError: it cannot be read.
        """
        with self._speaking():
            row = self._connection.execute(
                "SELECT CAST(line AS BLOB) FROM lines WHERE seq = ?", (seq,)
            ).fetchone()
        try:
            return decode_entry(row[0]).at if row else None
        except UndecodableError:
            return None

    def erase(self, through: int) -> Position:
        """Erase some of the oldest lines, none behind entry `through`, and keep their hashes.

        One transaction of at most `STEP` lines, durable when it returns; to be called until it
        returns `through`. The newest line always stays. The caller sees to it that the hub has
        what goes.

        Raises:
            LedgerError: nothing was erased; where the lines do not follow one another, because such
                a file is evidence.
        """
        with self._speaking(), self._transaction():
            position = erased_position(self._connection, self._identity)
            last = last_position(self._connection, self._identity).seq
            rows = self._connection.execute(
                "SELECT seq, CAST(line AS BLOB), head FROM lines WHERE seq <= ? "
                "ORDER BY seq LIMIT ?",
                (min(through, last - 1), STEP),
            ).fetchall()
            for seq, line, head in rows:
                leaf = chain.leaf(line)
                follows = seq == position.seq + 1  # a log that was rescued may have a hole before
                if follows and chain.extend_by_leaf(position.head, leaf) != head:
                    raise altered_error(self._path, seq)
                self._connection.execute(
                    "INSERT INTO leaves (seq, leaf) VALUES (?, ?)", (seq, leaf)
                )
                position = Position(seq, head)
            if rows:
                self._connection.execute("DELETE FROM lines WHERE seq <= ?", (position.seq,))
                self._connection.execute(
                    "UPDATE log SET erased_seq = ?, erased_head = ?", (position.seq, position.head)
                )
        return position

    def give_back(self) -> bool:
        """Give some free pages back to the file system, where the file was made to.

        Returns:
            True while there are more to give; to be called again.

        Raises:
            LedgerError: the disk fails.
        """
        with self._speaking():
            return give_back(self._connection)

    def tidy(self) -> bool:
        """Empty the write-ahead log, where erased lines may still stand.

        Returns:
            False while somebody reads; to be called again.

        Raises:
            LedgerError: the disk fails.
        """
        with self._speaking():
            return self._cut_wal()

    def _cut_wal(self) -> bool:
        (patience_ms,) = self._connection.execute("PRAGMA busy_timeout").fetchone()
        self._connection.execute("PRAGMA busy_timeout = 0")  # a reader must not hold the gate up
        try:
            (busy, _, _) = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                return False
            raise
        finally:
            self._connection.execute(f"PRAGMA busy_timeout = {int(patience_ms)}")
        return int(busy) == 0

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        """What SQLite complains about, as a sentence."""
        try:
            yield
        except sqlite3.Error as error:
            raise ledger_error(self._path, error) from error
