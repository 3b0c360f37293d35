"""The shape of the ledger's database, and the checks that writer and readers share.

`lines` holds one row an entry. Its integer key is the table itself: there is no second index to
write. Where a line was erased, `leaves` has its hash, and `receipts` the gate's signature under
that. `log` says whose log this is. The views are for people with an SQLite browser (`views`).
Migrations are in `scanner.ledger.migrations`, which is imported only when one has to run.
"""

import sqlite3
from pathlib import Path
from typing import Final

from msgspec import Struct

from scanner.domain.damage import Damage
from scanner.domain.errors import LedgerDamagedError, LedgerError
from scanner.ledger import chain
from scanner.ledger.position import Position

SCHEMA_VERSION: Final = 3
LOG_FORMAT: Final = 1

PAGE_BYTES: Final = 512
"""Page size of a new file: what is written for an entry is whole pages, and a card's smallest unit
is one of these. `docs/ledger.md` has what each size costs; a file keeps the size it was made with.
"""


class LogIdentity(Struct, frozen=True):
    """Whose log it is.

    Attributes:
        nonce: 16 random bytes, so that two logs of one device never share a head.
    """

    device_id: str
    nonce: bytes

    @property
    def genesis(self) -> bytes:
        """The head before the first entry."""
        return chain.genesis(self.device_id, self.nonce)


def schema_version(connection: sqlite3.Connection, path: Path) -> int:
    """Version of the schema in the file; 0 for an empty one.

    Raises:
        LedgerError: a newer program made it.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > SCHEMA_VERSION:
        raise LedgerError(
            f"The ledger {path} was made by a newer version (schema {version}, this program knows "
            f"{SCHEMA_VERSION}).",
            "Install that version again; nothing was changed.",
        )
    return int(version)


def read_identity(connection: sqlite3.Connection) -> LogIdentity | None:
    """Whose log it is; None before the first writer has said so."""
    row = connection.execute("SELECT device_id, nonce FROM log").fetchone()
    return LogIdentity(*row) if row else None


def last_position(connection: sqlite3.Connection, identity: LogIdentity) -> Position:
    """The end of the log."""
    row = connection.execute("SELECT seq, head FROM lines ORDER BY seq DESC LIMIT 1").fetchone()
    return Position(*row) if row else erased_position(connection, identity)


def erased_position(connection: sqlite3.Connection, identity: LogIdentity) -> Position:
    """The last entry whose line is erased; seq 0 and the genesis while every line is there."""
    row = connection.execute("SELECT erased_seq, erased_head FROM log").fetchone()
    if row is None or row[1] is None:
        return Position(0, identity.genesis)
    return Position(*row)


def altered_error(path: Path, seq: int) -> LedgerError:
    """The entry with this number is not the one that was chained."""
    return LedgerDamagedError(
        Damage.ALTERED,
        f"The ledger {path} was altered at entry {seq}.",
        "Run `checkpoint entries verify`. Where the last entries are altered the gate puts the "
        "file aside as evidence, and goes on behind the last one that holds.",
    )


def ledger_error(path: Path, error: sqlite3.Error) -> LedgerError:
    """What SQLite complained about, as a sentence with a remedy."""
    name = getattr(error, "sqlite_errorname", "") or type(error).__name__
    found, remedy = f"The ledger {path} failed with {name}.", _remedy(name)
    if name.startswith(_CORRUPT) or str(error).startswith("no such table"):
        return LedgerDamagedError(Damage.CORRUPT, found, remedy)
    if name.startswith(_UNREADABLE):
        return LedgerDamagedError(Damage.UNREADABLE, found, remedy)
    return LedgerError(found, remedy)


def _remedy(name: str) -> str:
    for prefix, remedy in _REMEDIES.items():
        if name.startswith(prefix):
            return remedy
    return "Look at the system log for disk errors; keep the file."


_CORRUPT: Final = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
_UNREADABLE: Final = (
    "SQLITE_IOERR_READ",
    "SQLITE_IOERR_SHORT_READ",
    "SQLITE_IOERR_CORRUPTFS",
    "SQLITE_IOERR_DATA",
)
_REMEDIES: Final = {
    "SQLITE_FULL": "The disk is full or a limit was reached: make room.",
    "SQLITE_READONLY": "The file or its disk is read-only: after disk errors a card is remounted "
    "so; check the system log.",
    "SQLITE_IOERR": "The disk reports errors: check the system log and replace the card; keep it.",
    "SQLITE_CORRUPT": "The file is damaged: the gate puts it aside at its next start, keeps it, "
    "and goes on from what can be saved.",
    "SQLITE_NOTADB": "The file is no database: the gate puts it aside at its next start, keeps it, "
    "and goes on from what can be saved.",
    "SQLITE_CANTOPEN": "Check that the folder exists and may be written. A copy needs its -wal "
    "file beside it.",
    "SQLITE_BUSY": "Another program holds a lock on it: close SQLite browsers that write.",
}
