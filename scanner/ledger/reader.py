"""The log as other processes read it while the gate writes: sync, the CLI, an auditor."""

import os
import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

from msgspec import Struct

from scanner.domain.errors import LedgerError
from scanner.ledger.position import Position
from scanner.ledger.schema import (
    SCHEMA_VERSION,
    LogIdentity,
    erased_position,
    last_position,
    ledger_error,
    read_identity,
    schema_version,
)

_BUSY_TIMEOUT_S: Final = 5.0


class Line(Struct, frozen=True):
    """One entry as it lies on disk.

    Attributes:
        line: the exact bytes that were hashed, and that are sent as they are.
        head: the chain's head after it, as stored.
    """

    seq: int
    line: bytes
    head: bytes


class LedgerReader:
    """A log, read-only. Holds no transaction between calls, so it never delays the writer."""

    def __init__(self, path: Path) -> None:
        """Open the log at `path`.

        Raises:
            LedgerError: there is none, it cannot be read, or a newer version made it.
        """
        self._path = path
        if not path.is_file():
            raise LedgerError(
                f"There is no ledger at {path}.", "The gate makes it at its first start."
            )
        try:
            self._connection = sqlite3.connect(
                _uri(path), uri=True, timeout=_BUSY_TIMEOUT_S, isolation_level=None
            )
        except sqlite3.Error as error:
            raise ledger_error(path, error) from error
        try:
            self._identity = self._read_identity()
        except sqlite3.Error as error:
            self._connection.close()
            raise ledger_error(path, error) from error
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database; safe to call twice."""
        self._connection.close()

    @property
    def device_id(self) -> str:
        """The device that writes this log."""
        return self._identity.device_id

    @property
    def nonce(self) -> bytes:
        """The 16 random bytes that this log began with."""
        return self._identity.nonce

    @property
    def genesis(self) -> bytes:
        """The head before the first entry."""
        return self._identity.genesis

    def last(self) -> Position:
        """The end of the log at this moment."""
        try:
            return last_position(self._connection, self._identity)
        except sqlite3.Error as error:
            raise ledger_error(self._path, error) from error

    def erased(self) -> Position:
        """The last entry whose line was erased; seq 0 and the genesis while every line is there."""
        try:
            return erased_position(self._connection, self._identity)
        except sqlite3.Error as error:
            raise ledger_error(self._path, error) from error

    def leaves_after(self, seq: int, limit: int) -> list[tuple[int, bytes]]:
        """Number and leaf hash of the erased entries that follow `seq`, in order."""
        try:
            return self._connection.execute(
                "SELECT seq, leaf FROM leaves WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit)
            ).fetchall()
        except sqlite3.Error as error:
            raise ledger_error(self._path, error) from error

    def receipts(self) -> list[str]:
        """The signed notes about erased lines, the oldest first (`scanner.ledger.receipt`)."""
        try:
            rows = self._connection.execute("SELECT note FROM receipts ORDER BY last").fetchall()
        except sqlite3.Error as error:
            raise ledger_error(self._path, error) from error
        return [note for (note,) in rows]

    def lines_after(self, seq: int, limit: int, max_bytes: int) -> list[Line]:
        """The entries that follow `seq`, in order: at most `limit`, at most `max_bytes` of lines.

        A single line longer than `max_bytes` still comes, alone, so that nothing blocks the queue.
        """
        lines: list[Line] = []
        size = 0
        try:
            rows = self._connection.execute(
                "SELECT seq, CAST(line AS BLOB), head FROM lines WHERE seq > ? ORDER BY seq "
                "LIMIT ?",
                (seq, limit),
            )
            for row in rows:
                line = Line(*row)
                size += len(line.line)
                if lines and size > max_bytes:
                    break
                lines.append(line)
            rows.close()
        except sqlite3.Error as error:
            raise ledger_error(self._path, error) from error
        return lines

    def lines_before(self, seq: int | None, limit: int) -> list[Line]:
        """At most `limit` entries under `seq` (None: from the end), the newest first."""
        try:
            rows = self._connection.execute(
                "SELECT seq, CAST(line AS BLOB), head FROM lines "
                "WHERE seq < coalesce(?, 1 << 62) ORDER BY seq DESC LIMIT ?",
                (seq, limit),
            ).fetchall()
        except sqlite3.Error as error:
            raise ledger_error(self._path, error) from error
        return [Line(*row) for row in rows]

    def head_at(self, seq: int) -> bytes | None:
        """The head after entry `seq`; the genesis for 0; None when there is no such entry.

        Of erased entries only the last one has a head of its own.
        """
        if seq == 0:
            return self.genesis
        try:
            row = self._connection.execute(
                "SELECT head FROM lines WHERE seq = ?1 "
                "UNION ALL SELECT erased_head FROM log WHERE erased_seq = ?1",
                (seq,),
            ).fetchone()
        except sqlite3.Error as error:
            raise ledger_error(self._path, error) from error
        return row[0] if row else None

    def _read_identity(self) -> LogIdentity:
        identity = None
        if schema_version(self._connection, self._path) == SCHEMA_VERSION:
            identity = read_identity(self._connection)
        if identity is None:
            raise LedgerError(
                f"The ledger {self._path} is not ready for reading.",
                "Start the gate once: it brings the file up to date.",
            )
        return identity


def _uri(path: Path) -> str:
    """Read-only; a copy on a read-only medium is opened as a file that nobody else changes."""
    mode = "mode=ro"
    if not os.access(path.parent, os.W_OK) and not Path(f"{path}-wal").exists():
        mode += "&immutable=1"
    return f"file:{quote(str(path.absolute()))}?{mode}"
