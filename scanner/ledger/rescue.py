"""From a damaged ledger to one that the gate can write on, and nothing of it in silence.

The damaged files are moved into `damaged/`, never changed and never deleted by the gate. The new
file goes on where the chain holds: up to there each row is proven by the one before it, or by the
position that the hub has acknowledged. Where it cannot go on, a new log begins. Either way the
first thing that is written is an entry of type `rescue`, which the hub gets like any other.
`docs/ledger-faults.md` has the cases.
"""

import os
import secrets
import shutil
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

from msgspec import Struct

from scanner.domain.clock import ClockSource
from scanner.domain.damage import Damage
from scanner.domain.entries import ENTRY_VERSION, Entry, EntryType, encode_entry
from scanner.domain.errors import LedgerError
from scanner.durable_files import sync_folder
from scanner.ledger import chain
from scanner.ledger.log_id import load_log_id
from scanner.ledger.migrations import migrate
from scanner.ledger.pages import FreePages, lay_out
from scanner.ledger.position import Position
from scanner.ledger.salvaged import Salvaged, take_rows
from scanner.ledger.schema import LOG_FORMAT, LogIdentity, ledger_error

MOST_COPIES: Final = 5
"""Damaged files that are put aside without anybody looking: a card that needs more is worn out."""

MOST_BYTES: Final = 512 << 20
"""Of a file whose rows are taken over: two years of a busy gate. A larger one is put aside as it
is, and the gate writes on at once."""

ASIDE: Final = "damaged"
_PARTS: Final = ("", "-wal", "-shm")
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


class Stamp(Struct, frozen=True):
    """The moment of a rescue. Nobody vouches for it; the hub puts it right by the last two.

    Attributes:
        at: the machine's clock, aware UTC.
        boot: the kernel's boot id.
        mono_ms: milliseconds since boot, sleep included.
    """

    at: datetime
    boot: str
    mono_ms: int

    @classmethod
    def now(cls) -> Self:
        """Of this moment."""
        up_ms = time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
        return cls(datetime.now(UTC), _BOOT_ID.read_text("ascii").strip(), up_ms)


class Rescued(Struct, frozen=True):
    """What came of it.

    Attributes:
        kept: how many entries were taken over.
        lost: how many were not, at least: the last ones may have gone without a trace.
        same_log: the old log goes on; False when a new one begins.
        aside: where the damaged files are now; None when there were none.
    """

    damage: Damage
    kept: int
    lost: int
    same_log: bool
    aside: Path | None


def rescue(
    path: Path,
    device_id: str,
    damage: Damage,
    acked: Position | None,
    stamp: Stamp,
    free: FreePages = FreePages.REUSE,
) -> Rescued:
    """Put the damaged ledger at `path` aside, and a sound one in its place.

    It may be cut off at any moment: `finish_rescue` goes on, or the next call begins anew. The
    caller holds the ledger's lock.

    Args:
        path: of the ledger.
        device_id: of this gate.
        damage: what is wrong with the file.
        acked: the last position that the hub acknowledged, as far as this gate knows.
        stamp: now.
        free: how the new file is laid out.

    Raises:
        LedgerError: the disk does not let us, or this has happened too often; nothing was moved.
    """
    if len(copies(path)) >= MOST_COPIES:
        raise LedgerError(
            f"{MOST_COPIES} damaged ledgers lie in {path.parent / ASIDE} already.",
            "Replace the card. Take the folder with it: whatever the hub has not got is in there.",
        )
    fresh = _fresh(path)
    try:
        _remove(fresh)
        rescued = _build(path, fresh, device_id, damage, acked, stamp, free)
        _sync(fresh)
        sync_folder(path.parent)
        aside = _set_aside(path, stamp)
        finish_rescue(path)
    except sqlite3.Error as error:
        raise ledger_error(path, error) from error
    except OSError as error:
        raise LedgerError(
            f"The damaged ledger {path} cannot be put aside: {error.strerror}.",
            "Check that the disk is not full or read-only; if it reports errors, replace the card.",
        ) from error
    return Rescued(damage, rescued.kept, rescued.lost, rescued.same_log, aside)


def finish_rescue(path: Path) -> None:
    """Bring a rescue to its end that was cut off after the damaged file had been moved.

    The new file is whole then; one that lies beside a ledger is not, and goes.

    Raises:
        OSError: the disk does not let us.
    """
    fresh = _fresh(path)
    if not fresh.exists():
        return
    if path.exists():
        _remove(fresh)
        return
    left = [path.with_name(path.name + part) for part in _PARTS[1:]]
    if any(file.exists() for file in left):  # of the damaged file: SQLite would take it for its own
        newest = max(copies(path), default=None)
        for file in left:
            if file.exists() and newest is not None:
                file.rename(newest / file.name)
    fresh.rename(path)
    sync_folder(path.parent)


def copies(path: Path) -> list[Path]:
    """The folders of ledgers that were put aside."""
    aside = path.parent / ASIDE
    return sorted(aside.iterdir()) if aside.is_dir() else []


def _build(
    path: Path,
    fresh: Path,
    device_id: str,
    damage: Damage,
    acked: Position | None,
    stamp: Stamp,
    free: FreePages,
) -> Rescued:
    """The new file, complete with its first new entry, in one transaction."""
    os.close(os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    with closing(sqlite3.connect(fresh, isolation_level=None)) as connection:
        lay_out(connection, free)
        connection.execute("PRAGMA synchronous = OFF")  # it is synced as a whole before it counts
        migrate(connection)
        connection.execute("BEGIN")
        noted = load_log_id(path)
        if _is_worth_it(path):
            saved = take_rows(connection, path, device_id, noted, acked)
        else:
            saved = Salvaged(None, 0, acked.seq if acked else 0)
        identity, end = saved.identity, saved.end
        same_log = identity is not None and end is not None
        if identity is None or end is None:
            identity = LogIdentity(device_id, secrets.token_bytes(chain.NONCE_SIZE))
            end = Position(0, identity.genesis)
        lost = max(0, saved.known_end - saved.kept)
        entry = Entry(
            v=ENTRY_VERSION,
            seq=end.seq + 1,
            at=stamp.at,
            boot=stamp.boot,
            mono_ms=stamp.mono_ms,
            clock=ClockSource.UNVERIFIED,
            clock_unsure=True,
            type=EntryType.RESCUE,
            damage=damage,
            lost=lost,
            log_before=noted.nonce.hex() if noted and not same_log else None,
        )
        line = encode_entry(entry)
        connection.execute(
            "INSERT INTO lines (seq, line, head) VALUES (?, ?, ?)",
            (entry.seq, line.decode(), chain.extend(end.head, line)),
        )
        connection.execute(
            "INSERT INTO log (id, device_id, nonce, format, created_at, erased_seq, erased_head) "
            "VALUES (1, ?, ?, ?, ?, ?, ?)",
            (
                *(identity.device_id, identity.nonce, LOG_FORMAT, stamp.at.isoformat()),
                *((saved.erased.seq, saved.erased.head) if saved.erased else (0, None)),
            ),
        )
        connection.execute("COMMIT")
    return Rescued(damage, saved.kept if same_log else 0, lost, same_log, None)


def _is_worth_it(path: Path) -> bool:
    """Whether its rows are taken over: not of a huge file, nor where there is no room for two."""
    files = [path.with_name(path.name + part) for part in _PARTS[:2]]
    size = sum(file.stat().st_size for file in files if file.exists())
    return size <= MOST_BYTES and shutil.disk_usage(path.parent).free > size + (size >> 2)


def _set_aside(path: Path, stamp: Stamp) -> Path | None:
    """Move the damaged files away, the database first: without it nobody opens the rest."""
    there = [file for part in _PARTS if (file := path.with_name(path.name + part)).exists()]
    if all(file.stat().st_size == 0 for file in there):
        for file in there:
            file.unlink()
        return None
    aside = path.parent / ASIDE / f"{stamp.at:%Y%m%dT%H%M%S.%fZ}"
    aside.mkdir(mode=0o700, parents=True)
    sync_folder(aside.parent)
    for file in there:
        file.rename(aside / file.name)
        sync_folder(path.parent)
    sync_folder(aside)
    return aside


def _fresh(path: Path) -> Path:
    return path.with_name(path.name + ".rescue")


def _remove(fresh: Path) -> None:
    for part in (*_PARTS, "-journal"):
        fresh.with_name(fresh.name + part).unlink(missing_ok=True)


def _sync(file: Path) -> None:
    descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
