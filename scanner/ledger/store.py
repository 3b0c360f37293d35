"""The single writer of a gate's log: an entry is on disk before anyone is admitted.

Each append is one transaction of bare sqlite3 in WAL mode with `synchronous=FULL`: SQLite has
called fdatasync when `append` returns. A lock on a file beside the database keeps a second gate
from writing the same log. `docs/ledger.md` says what was measured and what each failure does.
"""

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from scanner.domain.damage import Damage
from scanner.domain.decoding import UndecodableError
from scanner.domain.entries import Entry, decode_entry, encode_entry
from scanner.domain.errors import LedgerBusyError, LedgerDamagedError, LedgerError
from scanner.file_lock import take_lock
from scanner.ledger import chain
from scanner.ledger.chain import MAX_LINE
from scanner.ledger.erasure import OldLines
from scanner.ledger.log_id import load_log_id, note_log_id
from scanner.ledger.pages import FreePages, lay_out
from scanner.ledger.position import Position
from scanner.ledger.schema import (
    LOG_FORMAT,
    SCHEMA_VERSION,
    LogIdentity,
    altered_error,
    erased_position,
    last_position,
    ledger_error,
    read_identity,
    schema_version,
)
from scanner.ledger.wal import dropped_transactions

TAIL: Final = 256
"""How many of the last entries are checked against the chain when the ledger is opened."""

_BUSY_TIMEOUT_S: Final = 1.0
_RESCUE: Final = b'"type":"rescue"'
_PAGE: Final = 256


class Ledger:
    """The log of one gate, open for appending. Not for use by several threads at once."""

    def __init__(
        self, path: Path, connection: sqlite3.Connection, lock: int, identity: LogIdentity
    ) -> None:
        self._path = path
        self._connection = connection
        self._lock = lock
        self._identity = identity
        self._position: Position | None = None

    @classmethod
    def open(cls, path: Path, device_id: str, free: FreePages = FreePages.REUSE) -> Self:
        """Open the log at `path`, making or migrating it where needed.

        Args:
            path: of the file.
            device_id: the device that writes it.
            free: what becomes of free pages, where the file is made now.

        Raises:
            LedgerError: another gate writes it, it belongs to another device, a newer version made
                it, its last entries do not form a chain, or the disk fails.
        """
        with ExitStack() as undo:
            lock = lock_ledger(path)
            undo.callback(os.close, lock)
            _check_wal(path)
            connection = _connect(path)
            undo.callback(connection.close)
            try:
                ledger = cls(path, connection, lock, _prepare(connection, path, device_id, free))
                ledger._check_tail()
            except sqlite3.Error as error:
                raise ledger_error(path, error) from error
            undo.pop_all()
        return ledger

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
        """Let go of the database and of the lock; safe to call twice."""
        if self._lock >= 0:
            self._connection.close()
            os.close(self._lock)
            self._lock = -1

    @property
    def device_id(self) -> str:
        """The device that writes this log."""
        return self._identity.device_id

    @property
    def position(self) -> Position:
        """The end of the log. After a failed append it is read again from the file.

        Raises:
            LedgerError: it cannot be read.
        """
        if self._position is None:
            try:
                self._position = last_position(self._connection, self._identity)
            except sqlite3.Error as error:
                raise ledger_error(self._path, error) from error
        return self._position

    @property
    def next_seq(self) -> int:
        """The number that the next entry must carry."""
        return self.position.seq + 1

    def append(self, entry: Entry) -> Position:
        """Record one entry durably and return the new end of the log.

        Appending the last entry once more changes nothing and returns the same position, so a
        caller that was told of a failure may simply try again.

        Raises:
            LedgerError: nothing was recorded, and nobody may be admitted on it.
        """
        line = encode_entry(entry)
        if len(line) > MAX_LINE:
            raise LedgerError(f"An entry of {len(line)} bytes; at most {MAX_LINE} are recorded.")
        before = self.position
        if entry.seq == before.seq and self._line(entry.seq) == line:
            return before
        if entry.seq != before.seq + 1:
            raise LedgerError(f"Entry {entry.seq} cannot follow entry {before.seq}.")
        after = Position(entry.seq, chain.extend(before.head, line))
        try:
            if entry.receipt is None:
                self._insert(after, line)
            else:
                self._connection.execute("BEGIN IMMEDIATE")
                self._insert(after, line)
                self._keep_receipt(entry)
                self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._position = None
            if self._connection.in_transaction:
                self._connection.rollback()
            raise ledger_error(self._path, error) from error
        self._position = after
        return after

    def _insert(self, after: Position, line: bytes) -> None:
        self._connection.execute(
            "INSERT INTO lines (seq, line, head) VALUES (?, ?, ?)",
            (after.seq, line.decode(), after.head),
        )

    def _keep_receipt(self, entry: Entry) -> None:
        """So that it outlives the line in which it stands."""
        self._connection.execute(
            "INSERT INTO receipts (last, first, head, entry, note) VALUES (?, ?, ?, ?, ?)",
            (entry.last, entry.first, self.old_lines.erased.head, entry.seq, entry.receipt),
        )

    @property
    def old_lines(self) -> OldLines:
        """What is erased of this log, and the way to erase more."""
        return OldLines(self._path, self._connection, self._identity)

    def entry(self, seq: int) -> Entry | None:
        """The entry with this number, or None.

        Raises:
            LedgerError: it cannot be read, or what is there is no entry.
        """
        line = self._line(seq)
        return None if line is None else self._decode(seq, line)

    def latest(self, count: int) -> list[Entry]:
        """The last `count` entries, the oldest first."""
        return [self._decode(seq, line) for seq, line in reversed(self._before(None, count))]

    def since(self, at: datetime) -> Iterator[Entry]:
        """Entries from the newest backwards, until one was written before `at`."""
        below: int | None = None
        while page := self._before(below, _PAGE):
            for seq, line in page:
                entry = self._decode(seq, line)
                if entry.at < at:
                    return
                yield entry
            below = page[-1][0]

    def _before(self, below: int | None, count: int) -> list[tuple[int, bytes]]:
        """At most `count` lines under `below` (None: from the end), the newest first."""
        try:
            return self._connection.execute(
                "SELECT seq, CAST(line AS BLOB) FROM lines WHERE seq < coalesce(?, 1 << 62) "
                "ORDER BY seq DESC LIMIT ?",
                (below, count),
            ).fetchall()
        except sqlite3.Error as error:
            raise ledger_error(self._path, error) from error

    def _line(self, seq: int) -> bytes | None:
        try:
            row = self._connection.execute(
                "SELECT CAST(line AS BLOB) FROM lines WHERE seq = ?", (seq,)
            ).fetchone()
        except sqlite3.Error as error:
            raise ledger_error(self._path, error) from error
        return row[0] if row else None

    def _decode(self, seq: int, line: bytes) -> Entry:
        try:
            return decode_entry(line)
        except UndecodableError as error:
            raise altered_error(self._path, seq) from error

    def _check_tail(self) -> None:
        """The last rows must follow one another; the whole log is `verify_log`'s business."""
        rows = self._connection.execute(
            "SELECT seq, CAST(line AS BLOB), head FROM lines ORDER BY seq DESC LIMIT ?",
            (TAIL + 1,),
        ).fetchall()
        rows.reverse()
        rescued = [i for i, (_, line, _) in enumerate(rows) if _RESCUE in line]
        if rescued and rescued[-1] > 0:  # up to the entry before it the rescue has looked
            rows = rows[rescued[-1] - 1 :]
            previous = Position(rows[0][0], rows[0][2])
            rows = rows[1:]
        elif len(rows) <= TAIL:
            previous = erased_position(self._connection, self._identity)
        else:
            previous = Position(rows[0][0], rows[0][2])
            rows = rows[1:]
        for seq, line, head in rows:
            if seq != previous.seq + 1 or head != chain.extend(previous.head, line):
                raise altered_error(self._path, seq)
            previous = Position(seq, head)
        self._position = previous


def lock_ledger(path: Path) -> int:
    """A lock that dies with the process, or when the descriptor is closed.

    Raises:
        LedgerBusyError: somebody else has it.
        LedgerError: it cannot be made.
    """
    try:
        return take_lock(path.with_name(path.name + ".lock"), 0o600)
    except BlockingIOError as error:
        raise LedgerBusyError(
            f"Another gate is writing the ledger {path}.",
            "Stop it first; two gates never share a ledger.",
        ) from error
    except OSError as error:
        raise _unwritable(path, error) from error


def _open_private(ledger: Path, path: Path) -> int:
    """Open `path` for writing; when it has to be made, only its owner may read it."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _unwritable(ledger, error) from error


def _unwritable(ledger: Path, error: OSError) -> LedgerError:
    return LedgerError(
        f"The ledger {ledger} cannot be opened for writing: {error.strerror}.",
        "Check that its folder exists, belongs to the gate's user and is not read-only: after "
        "disk errors a card is remounted so.",
    )


def _connect(path: Path) -> sqlite3.Connection:
    if not path.exists():  # closing an open file would drop the locks of readers in this process
        os.close(_open_private(path, path))
    try:
        return sqlite3.connect(
            path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
    except sqlite3.Error as error:
        raise ledger_error(path, error) from error


def _check_wal(path: Path) -> None:
    """SQLite would drop what lies behind a bad frame, and not say so."""
    try:
        dropped = dropped_transactions(path)
    except OSError as error:
        raise LedgerDamagedError(
            Damage.UNREADABLE,
            f"The write-ahead log of {path} cannot be read: {error.strerror}.",
            "The gate puts the file aside at its next start, and goes on from what can be saved.",
        ) from error
    if dropped:
        raise LedgerDamagedError(
            Damage.CORRUPT,
            f"The write-ahead log of {path} is damaged before its last {dropped} transactions.",
            "The gate puts the file aside at its next start, and goes on from what can be saved.",
        )


def _prepare(
    connection: sqlite3.Connection, path: Path, device_id: str, free: FreePages
) -> LogIdentity:
    version = schema_version(connection, path)
    if version == 0 and load_log_id(path) is not None:
        raise LedgerDamagedError(
            Damage.MISSING,
            f"The ledger {path} is gone or empty: there was one here.",
            "Bring it back if it was moved away. Without it the gate begins a new log, and says so "
            "in its first entry.",
        )
    if version == 0:  # means nothing to a file with content
        lay_out(connection, free)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    if version < SCHEMA_VERSION:
        from scanner.ledger.migrations import migrate  # imports numpy: only when there is work

        migrate(connection)
    # A killed process can leave rows that it wrote but never synced: make them durable now.
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    identity = read_identity(connection)
    if identity is None:
        identity = LogIdentity(device_id, secrets.token_bytes(chain.NONCE_SIZE))
        connection.execute(
            "INSERT INTO log (id, device_id, nonce, format, created_at) VALUES (1, ?, ?, ?, ?)",
            (device_id, identity.nonce, LOG_FORMAT, datetime.now(UTC).isoformat()),
        )
    if identity.device_id != device_id:
        raise LedgerError(
            f"The ledger {path} belongs to {identity.device_id}, this gate is {device_id}.",
            "Each device writes a log of its own: bring back its key, or move the ledger away.",
        )
    note_log_id(path, identity)
    return identity
