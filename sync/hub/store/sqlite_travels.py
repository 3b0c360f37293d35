"""Places of gates, marked scans and impossible travel in SQLite; the caller holds the transaction.

What a batch costs is bounded by its length: one look for each person in it, among the scans of
that person and day, at gates that have a place. Nothing of it is done for a gate without one.
"""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from scanner.domain.entries import EntryType
from sync.hub.ingest import Link
from sync.hub.retime import of_entry
from sync.hub.store.base import TravelRow
from sync.hub.store.sqlite_boots import BootNumbers, place_of, really_at
from sync.hub.travel import Place, Seen, impossible_km
from sync.protocol import milliseconds

KEPT_DAYS: Final = 2
"""A day's marked scans are compared until its key is destroyed."""

SHOWN_FOR: Final = timedelta(days=14)
_TRACE: Final = re.compile(r"[0-9a-f]{16}")
_DAY_MS: Final = 86_400_000
_COMPARED: Final = 200
"""Scans of one person and day that a new one is held against."""

Marked = tuple[int, str, Seen]
"""Day since 1970, trace, and the scan."""


def set_place(db: sqlite3.Connection, device_id: str, place: Place | None) -> bool:
    """Say where a gate stands; None forgets it. False when there is no such gate.

    What was marked at the old place goes: it was seen elsewhere.
    """
    row = db.execute("SELECT device_no FROM devices WHERE device_id = ?", (device_id,)).fetchone()
    if row is None:
        return False
    db.execute("DELETE FROM sightings WHERE device_no = ?", row)
    db.execute("DELETE FROM places WHERE device_no = ?", row)
    if place is not None:
        db.execute(
            "INSERT INTO places (device_no, latitude, longitude) VALUES (?, ?, ?)",
            (*row, place.latitude, place.longitude),
        )
    return True


def is_traced(db: sqlite3.Connection, device_no: int) -> bool:
    """Whether this gate has a place, and another one too: else there is nothing to compare."""
    (own, places) = db.execute(
        "SELECT EXISTS (SELECT 1 FROM places WHERE device_no = ?),"
        " (SELECT count(*) FROM (SELECT 1 FROM places LIMIT 2))",
        (device_no,),
    ).fetchone()
    return bool(own) and places > 1


def note_travels(
    db: sqlite3.Connection,
    device_no: int,
    links: Sequence[Link],
    boots: BootNumbers,
    now_ms: int,
) -> int:
    """Compare the marked scans of a batch with those of other gates, and keep both.

    Args:
        db: in a transaction.
        device_no: whose batch.
        links: the entries that are new here.
        boots: numbers of the boots that they name.
        now_ms: the hub's clock.

    Returns:
        How many suspicions are new.
    """
    if not any(link.entry is not None and link.entry.trace for link in links):
        return 0
    place = _place_of_gate(db, device_no)
    if place is None:
        return 0
    today = now_ms // _DAY_MS
    db.execute("DELETE FROM sightings WHERE day <= ?", (today - KEPT_DAYS,))
    db.execute("DELETE FROM travels WHERE noticed_ms < ?", (now_ms - _ms(SHOWN_FOR),))
    marked = [
        one for one in _marked(db, device_no, place, links, boots) if one[0] > today - KEPT_DAYS
    ]
    found = sum(_compare(db, one, now_ms) for one in marked)
    db.executemany(
        "INSERT OR IGNORE INTO sightings (day, trace, device_no, earliest_ms, latest_ms)"
        " VALUES (?, ?, ?, ?, ?)",
        [(day, trace, device_no, s.earliest_ms, s.latest_ms) for day, trace, s in marked],
    )
    return found


def read_travels(db: sqlite3.Connection, since: datetime, limit: int) -> list[TravelRow]:
    """Suspicions that were noticed from `since` on, the newest first."""
    rows = db.execute(
        "SELECT low.site, low.gate, low_at_ms, high.site, high.gate, high_at_ms, distance_m"
        " FROM travels JOIN devices AS low ON low.device_no = low_no"
        " JOIN devices AS high ON high.device_no = high_no"
        " WHERE noticed_ms >= ? ORDER BY noticed_ms DESC, travel_no DESC LIMIT ?",
        (milliseconds(since), limit),
    )
    return [_row(*row) for row in rows]


def _place_of_gate(db: sqlite3.Connection, device_no: int) -> Place | None:
    row = db.execute(
        "SELECT latitude, longitude FROM places WHERE device_no = ?", (device_no,)
    ).fetchone()
    return None if row is None else Place(*row)


def _marked(
    db: sqlite3.Connection,
    device_no: int,
    place: Place,
    links: Sequence[Link],
    boots: BootNumbers,
) -> Iterator[Marked]:
    """The scans that can be compared: marked, by a clock that somebody vouched for."""
    spans = {
        row[0]: row[1:]
        for row in db.execute(
            "SELECT boot_no, up_ms, earliest_ms, latest_ms, basis FROM boots WHERE device_no = ?"
            " ORDER BY boot_no DESC LIMIT 200",
            (device_no,),
        )
    }
    for link in links:
        entry = link.entry
        if entry is None or entry.type is not EntryType.SCAN or entry.decision is None:
            continue
        if entry.trace is None or _TRACE.fullmatch(entry.trace) is None:
            continue
        told = of_entry(entry)
        if told is None:
            continue
        earliest, latest = told.earliest_ms, told.latest_ms
        boot_no, up_ms, _ = place_of(link, boots)
        really = really_at(up_ms, *spans[boot_no]) if boot_no in spans else None
        if really is not None:  # where gate and hub contradict one another, both may be right
            earliest, latest = min(earliest, really.earliest_ms), max(latest, really.latest_ms)
        day = milliseconds(entry.at) // _DAY_MS
        yield day, entry.trace, Seen(device_no, place, earliest, latest)


def _compare(db: sqlite3.Connection, one: Marked, now_ms: int) -> int:
    """Hold one scan against those of the same person at other gates; how many contradict it."""
    day, trace, seen = one
    others = db.execute(
        "SELECT device_no, latitude, longitude, earliest_ms, latest_ms FROM sightings"
        " JOIN places USING (device_no) WHERE day = ? AND trace = ? AND device_no <> ?"
        " ORDER BY abs(earliest_ms - ?) LIMIT ?",
        (day, trace, seen.gate, seen.earliest_ms, _COMPARED),
    ).fetchall()
    found = 0
    for device_no, latitude, longitude, earliest_ms, latest_ms in others:
        other = Seen(device_no, Place(latitude, longitude), earliest_ms, latest_ms)
        apart_km = impossible_km(seen, other)
        if apart_km is None:
            continue
        low, high = sorted((seen, other), key=lambda each: each.gate)
        found += db.execute(
            "INSERT INTO travels (day, trace, low_no, high_no, low_at_ms, high_at_ms, distance_m,"
            " noticed_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (
                *(day, trace, low.gate, high.gate, low.at_ms, high.at_ms),
                *(round(apart_km * 1000), now_ms),
            ),
        ).rowcount
    return found


def _row(
    low_site: str,
    low_gate: str,
    low_at_ms: int,
    high_site: str,
    high_gate: str,
    high_at_ms: int,
    distance_m: int,
) -> TravelRow:
    low = (low_at_ms, low_gate, low_site)
    high = (high_at_ms, high_gate, high_site)
    first, second = sorted((low, high))
    return TravelRow(
        first_gate=first[1],
        first_site=first[2],
        first_at=_time(first[0]),
        second_gate=second[1],
        second_site=second[2],
        second_at=_time(second[0]),
        distance_m=distance_m,
    )


def _time(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)


def _ms(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)
