"""Suspected forgeries in SQLite: what the page groups, and what the webhook has not told yet."""

import sqlite3
from datetime import UTC, datetime

from sync.hub.store.base import SuspicionRow
from sync.protocol import milliseconds

_SELECT = (
    "SELECT id, device_id, site, devices.gate, seq, coalesce(at_ms, received_ms), received_ms,"
    " reasons, claimed_issuer, digest FROM entries JOIN devices USING (device_no)"
    " WHERE digest <> ''"
)


def read_suspicions(db: sqlite3.Connection, since: datetime, limit: int) -> list[SuspicionRow]:
    """Those that arrived from `since` on, the newest first."""
    rows = db.execute(
        f"{_SELECT} AND received_ms >= ? ORDER BY id DESC LIMIT ?",
        (milliseconds(since), limit),
    )
    return [_row(*row) for row in rows]


def read_untold(db: sqlite3.Connection, limit: int) -> list[SuspicionRow]:
    """Those that arrived after what was told, the oldest first."""
    rows = db.execute(
        f"{_SELECT} AND id > (SELECT id FROM told) ORDER BY id LIMIT ?",  # noqa: S608
        (limit,),
    )
    return [_row(*row) for row in rows]


def begin_telling(db: sqlite3.Connection) -> None:
    """What is here at the first time is past; of what was told before, nothing is forgotten."""
    db.execute(
        "INSERT INTO told (one, id) SELECT 1, coalesce(max(id), 0) FROM entries WHERE true"
        " ON CONFLICT DO NOTHING"
    )


def note_told(db: sqlite3.Connection, entry_id: int) -> None:
    """Everything up to this entry was told."""
    db.execute("UPDATE told SET id = max(id, ?)", (entry_id,))


def _row(
    entry_id: int,
    device_id: str,
    site: str,
    gate: str,
    seq: int,
    at_ms: int,
    received_ms: int,
    reasons: str,
    claimed_issuer: str,
    digest: str,
) -> SuspicionRow:
    return SuspicionRow(
        entry_id=entry_id,
        device_id=device_id,
        site=site,
        gate=gate,
        seq=seq,
        at=datetime.fromtimestamp(at_ms / 1000, UTC),
        received_at=datetime.fromtimestamp(received_ms / 1000, UTC),
        reasons=tuple(reasons.split()),
        claimed_issuer=claimed_issuer,
        digest=digest,
    )
