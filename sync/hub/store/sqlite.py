"""The hub on one SQLite file: WAL, synchronous=FULL, one transaction a batch.

One connection writes and one reads for the pages, each behind a lock, so that a page never waits
for a commit. What the hub has answered "acked" for is on the disk.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from scanner.domain.overrides import OverrideRow
from sync.hub.ingest import Batch, Report
from sync.hub.store.base import (
    Appended,
    Device,
    EntryRow,
    GateRow,
    StoreError,
    SuspicionRow,
    TravelRow,
)
from sync.hub.store.sqlite_backup import copy_database, make_private, replace_durably
from sync.hub.store.sqlite_boots import note_boots
from sync.hub.store.sqlite_guards import read_overrides
from sync.hub.store.sqlite_migrations import migrate
from sync.hub.store.sqlite_pages import read_gates, read_latest, read_sunsets
from sync.hub.store.sqlite_suspicions import (
    begin_telling,
    note_told,
    read_suspicions,
    read_untold,
)
from sync.hub.store.sqlite_travels import is_traced, note_travels, read_travels, set_place
from sync.hub.store.sqlite_tree import insert_links, move_head, read_branches
from sync.hub.store.tree import Known, archived_for, place
from sync.hub.travel import Place
from sync.protocol import milliseconds


class SqliteStore:
    """`HubStore` on the database at `path`, which is made when it is missing."""

    def __init__(self, path: Path) -> None:
        try:
            if not path.exists():  # closing an open file would drop SQLite's locks in this process
                make_private(path)
            self._writer = _connect(path)
            migrate(self._writer)
            self._reader = _connect(path)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"The hub's database {path} cannot be opened: {error}.",
                "Check the folder's owner and the disk.",
            ) from error
        self._write_lock = threading.Lock()
        self._read_lock = threading.Lock()

    def device(self, device_id: str) -> Device | None:
        """The enrolled gate of that id."""
        with self._reading() as db:
            row = db.execute(
                "SELECT device_no, device_id, public_key, retired_ms IS NOT NULL"
                " FROM devices WHERE device_id = ?",
                (device_id,),
            ).fetchone()
        return None if row is None else Device(row[0], row[1], row[2], bool(row[3]))

    def append(
        self,
        device: Device,
        batch: Batch,
        report: Report,
        checkpoint: str,
        received_at: datetime,
    ) -> Appended:
        """Commit a batch in one transaction; a repeated one changes nothing."""
        now = milliseconds(received_at)
        with self._writing() as db:
            branches = read_branches(db, device.number)

            def find(first: int, last: int) -> list[Known]:
                rows = db.execute(
                    "SELECT seq, head, branch FROM entries"
                    " WHERE device_no = ? AND seq BETWEEN ? AND ?",
                    (device.number, first, last),
                )
                return [Known(*row) for row in rows]

            placement = place(batch, branches, find)
            new = batch.links[placement.known :]
            unreadable = sum(link.entry is None for link in new)
            travels = 0
            if placement.branch is not None:
                branch = placement.branch.number
                boots = note_boots(db, device.number, branch, new, report, now)
            if new and placement.branch is not None:
                insert_links(db, device.number, branch, new, boots, now)
                travels = note_travels(db, device.number, new, boots, now)
                move_head(db, device.number, placement, placement.branch, new[0].seq, now)
            db.execute(
                "UPDATE heads SET checkpoint = ? WHERE device_no = ? AND seq = ? AND head = ?",
                (checkpoint, device.number, batch.last_seq, batch.last_head),
            )
            db.execute(
                "UPDATE devices SET seen_ms = ?, sent_ms = ?, boot = ?, backlog = ?,"
                " entries = entries + ?, quarantined = quarantined + ? WHERE device_no = ?",
                (
                    now,
                    report.sent_at_ms,
                    report.boot,
                    report.backlog,
                    len(new),
                    unreadable,
                    device.number,
                ),
            )
        archived_seq, archived_head = archived_for(batch, placement.branch)
        return Appended(
            written=len(new),
            duplicate=placement.known,
            quarantined=unreadable,
            heads=len(branches) + placement.opened,
            archived_seq=archived_seq,
            archived_head=archived_head,
            notices=placement.notices,
            travels=travels,
        )

    def newest_known(
        self, device: Device, places: Sequence[tuple[int, bytes]]
    ) -> tuple[int, bytes] | None:
        """Of (seq, head) places, the one with the highest seq that is in the device's tree."""
        with self._reading() as db:
            for seq, head in sorted(places, reverse=True):
                if db.execute(
                    "SELECT 1 FROM entries WHERE device_no = ? AND seq = ? AND head = ?",
                    (device.number, seq, head),
                ).fetchone():
                    return seq, head
        return None

    def add_token(self, token_hash: bytes, made_at: datetime, expires_at: datetime) -> None:
        """Remember a one-time enrolment token by its hash."""
        with self._writing() as db:
            db.execute(
                "INSERT INTO tokens (token_hash, made_ms, expires_ms) VALUES (?, ?, ?)",
                (token_hash, milliseconds(made_at), milliseconds(expires_at)),
            )

    def enrol(
        self,
        token_hash: bytes,
        device_id: str,
        public_key: bytes,
        names: tuple[str, str],
        now: datetime,
    ) -> bool:
        """Spend the token and store the gate with its (site, gate) names."""
        now_ms = milliseconds(now)
        with self._writing() as db:
            token = db.execute(
                "SELECT expires_ms, spent_ms IS NOT NULL,"
                " device_id IS ? AND retired_ms IS NULL FROM tokens"
                " LEFT JOIN devices USING (device_no) WHERE token_hash = ?",
                (device_id, token_hash),
            ).fetchone()
            if token is None or token[0] < now_ms or (token[1] and not token[2]):
                return False
            db.execute(
                "INSERT INTO devices (device_id, public_key, site, gate, enrolled_ms)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT (device_id) DO UPDATE"
                " SET site = excluded.site, gate = excluded.gate, retired_ms = NULL",
                (device_id, public_key, *names, now_ms),
            )
            db.execute(
                "UPDATE tokens SET spent_ms = ?,"
                " device_no = (SELECT device_no FROM devices WHERE device_id = ?)"
                " WHERE token_hash = ?",
                (now_ms, device_id, token_hash),
            )
        return True

    def retire(self, device_id: str, now: datetime) -> bool:
        """Take nothing more from that gate; what it sent stays. False when there is none."""
        with self._writing() as db:
            done = db.execute(
                "UPDATE devices SET retired_ms = ? WHERE device_id = ?",
                (milliseconds(now), device_id),
            )
        return done.rowcount == 1

    def sunset(self, device: Device, certificate: str, now: datetime) -> str:
        """Keep a gate's last certificate and retire the gate; the first one stands."""
        now_ms = milliseconds(now)
        with self._writing() as db:
            db.execute(
                "INSERT INTO sunsets (device_no, certificate, received_ms) VALUES (?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                (device.number, certificate, now_ms),
            )
            db.execute(
                "UPDATE devices SET retired_ms = coalesce(retired_ms, ?) WHERE device_no = ?",
                (now_ms, device.number),
            )
            (kept,) = db.execute(
                "SELECT certificate FROM sunsets WHERE device_no = ?", (device.number,)
            ).fetchone()
        return str(kept)

    def sunsets(self) -> list[tuple[str, datetime, str]]:
        """Device, time of arrival and certificate of each gate that has erased itself."""
        with self._reading() as db:
            return read_sunsets(db)

    def gates(self) -> list[GateRow]:
        """Every gate, by site and name."""
        with self._reading() as db:
            return read_gates(db)

    def latest(self, limit: int) -> list[EntryRow]:
        """The entries that arrived last, the newest first."""
        with self._reading() as db:
            return read_latest(db, limit)

    def overrides(self, since: datetime, limit: int) -> dict[str, list[OverrideRow]]:
        """What guards decided beside the machine, by site."""
        with self._reading() as db:
            return read_overrides(db, since, limit)

    def suspicions(self, since: datetime, limit: int) -> list[SuspicionRow]:
        """The suspected forgeries that arrived from `since` on, the newest first."""
        with self._reading() as db:
            return read_suspicions(db, since, limit)

    def set_place(self, device_id: str, place: Place | None) -> bool:
        """Say where a gate stands; None forgets it. False when there is no such gate."""
        with self._writing() as db:
            return set_place(db, device_id, place)

    def is_traced(self, device: Device) -> bool:
        """Whether the places of this gate and of another one are known."""
        with self._reading() as db:
            return is_traced(db, device.number)

    def travels(self, since: datetime, limit: int) -> list[TravelRow]:
        """Suspicions of impossible travel noticed from `since` on, the newest first."""
        with self._reading() as db:
            return read_travels(db, since, limit)

    def begin_telling(self) -> None:
        """From the first call on, what arrives is told; what came before is past."""
        with self._writing() as db:
            begin_telling(db)

    def untold(self, limit: int) -> list[SuspicionRow]:
        """The suspected forgeries that nobody was told of yet, the oldest first."""
        with self._reading() as db:
            return read_untold(db, limit)

    def note_told(self, entry_id: int) -> None:
        """Everything up to this entry was told; it is not told again."""
        with self._writing() as db:
            note_told(db, entry_id)

    def backup(self, target: Path) -> int:
        """Copy the database to `target`, then count what is in the copy as archived.

        Returns:
            How many branches have more archived entries than before.

        Raises:
            StoreError: it could not be copied; an older copy at `target` still stands.
        """
        part = target.with_name(f".{target.name}.part")
        try:
            with self._reading() as db:
                saved = copy_database(db, part)
            replace_durably(part, target)
        except OSError as error:
            raise StoreError(
                f"The copy {target} cannot be written: {error.strerror}.", "Choose another place."
            ) from error
        with self._writing() as writer:
            moved = writer.executemany(
                "UPDATE heads SET archived_seq = ?, archived_head = ?"
                " WHERE device_no = ? AND branch = ? AND archived_seq < ?",
                saved,
            )
        return moved.rowcount

    def close(self) -> None:
        """Finish; no call may follow."""
        with self._write_lock, self._read_lock:
            self._writer.close()
            self._reader.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction; it is durable when the block has ended."""
        with self._write_lock:
            try:
                self._writer.execute("BEGIN IMMEDIATE")
                try:
                    yield self._writer
                    self._writer.execute("COMMIT")
                except BaseException:
                    if self._writer.in_transaction:
                        self._writer.execute("ROLLBACK")
                    raise
            except sqlite3.Error as error:
                raise StoreError(
                    f"The hub's database cannot be written: {error}.",
                    "Check the disk; gates keep their entries and come again.",
                ) from error

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._read_lock:
            try:
                yield self._reader
            except sqlite3.Error as error:
                raise StoreError(
                    f"The hub's database cannot be read: {error}.", "Check the disk."
                ) from error


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA foreign_keys = ON")
    return db
