"""What the first page reads from SQLite."""

import sqlite3
from datetime import UTC, datetime

from sync.hub.store.base import EntryRow, GateRow
from sync.hub.store.sqlite_boots import really_at


def read_gates(db: sqlite3.Connection) -> list[GateRow]:
    """Every gate, by site and name."""
    rows = db.execute(
        "SELECT device_id, site, gate, seen_ms, entries, coalesce(max(seq), 0), backlog,"
        " count(branch), quarantined, coalesce(seen_ms - sent_ms, 0), retired_ms IS NOT NULL,"
        " (SELECT received_ms FROM sunsets WHERE sunsets.device_no = devices.device_no)"
        " FROM devices LEFT JOIN heads USING (device_no)"
        " GROUP BY device_no ORDER BY site, gate, device_id"
    ).fetchall()
    return [
        GateRow(
            device_id=device_id,
            site=site,
            gate=gate,
            seen_at=_time(seen_ms),
            entries=entries,
            last_seq=last_seq,
            backlog=backlog,
            heads=heads,
            quarantined=quarantined,
            clock_offset_ms=clock_offset_ms,
            retired=bool(retired),
            erased_at=_time(erased_ms),
        )
        for (
            device_id,
            site,
            gate,
            seen_ms,
            entries,
            last_seq,
            backlog,
            heads,
            quarantined,
            clock_offset_ms,
            retired,
            erased_ms,
        ) in rows
    ]


def read_sunsets(db: sqlite3.Connection) -> list[tuple[str, datetime, str]]:
    """Device, time of arrival and certificate of each gate that has erased itself."""
    rows = db.execute(
        "SELECT device_id, received_ms, certificate FROM sunsets JOIN devices USING (device_no)"
        " ORDER BY received_ms, device_id"
    ).fetchall()
    return [
        (device_id, datetime.fromtimestamp(received_ms / 1000, UTC), certificate)
        for device_id, received_ms, certificate in rows
    ]


def read_latest(db: sqlite3.Connection, limit: int) -> list[EntryRow]:
    """The entries that arrived last, the newest first."""
    rows = db.execute(
        "SELECT device_id, site, devices.gate, entries.branch, seq, head, received_ms, readable,"
        " at_ms, type, decision, guard, reasons, kind, issuer, colour, unsure,"
        " entries.up_ms, boots.up_ms, boots.earliest_ms, boots.latest_ms, boots.basis"
        " FROM entries JOIN devices USING (device_no) LEFT JOIN boots USING (boot_no)"
        " ORDER BY id DESC LIMIT ?",
        (limit,),
    ).fetchall()
    return [
        EntryRow(
            device_id=device_id,
            site=site,
            gate=gate,
            branch=branch,
            seq=seq,
            head=head,
            received_at=datetime.fromtimestamp(received_ms / 1000, UTC),
            readable=bool(readable),
            at=_time(at_ms),
            type=entry_type,
            decision=decision,
            guard=guard,
            reasons=tuple(reasons.split()),
            kind=kind,
            issuer=issuer,
            colour=colour,
            unsure=bool(unsure),
            earliest=None if really is None else _time(really.earliest_ms),
            latest=None if really is None else _time(really.latest_ms),
        )
        for (
            device_id,
            site,
            gate,
            branch,
            seq,
            head,
            received_ms,
            readable,
            at_ms,
            entry_type,
            decision,
            guard,
            reasons,
            kind,
            issuer,
            colour,
            unsure,
            up_ms,
            *span,
        ) in rows
        for really in (really_at(up_ms, *span),)
    ]


def _time(milliseconds_since_1970: int | None) -> datetime | None:
    if milliseconds_since_1970 is None:
        return None
    return datetime.fromtimestamp(milliseconds_since_1970 / 1000, UTC)
