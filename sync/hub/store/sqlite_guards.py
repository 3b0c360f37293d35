"""What guards decided beside the machine, from SQLite: their lines, and the scans between them."""

import sqlite3
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from scanner.domain.decoding import UndecodableError
from scanner.domain.entries import decode_entry
from scanner.domain.overrides import NOBODY, OverrideCount, OverrideRow
from sync.protocol import milliseconds


def read_overrides(
    db: sqlite3.Connection, since: datetime, limit: int
) -> dict[str, list[OverrideRow]]:
    """By site: a guard's number means somebody else at another one.

    Args:
        db: open for reading.
        since: by the hub's clock at arrival: a gate's clock may be wrong.
        limit: at most so many lines, the newest ones.
    """
    rows = db.execute(
        "SELECT site, device_no, branch, seq, line FROM ("
        " SELECT device_no, branch, seq, line, id FROM entries"
        " WHERE type IN ('guard', 'undo', 'shift') AND readable AND received_ms >= ?"
        " ORDER BY id DESC LIMIT ?"
        ") JOIN devices USING (device_no) ORDER BY site, device_no, branch, seq",
        (milliseconds(since), limit),
    ).fetchall()
    counts: dict[str, OverrideCount] = {}
    for (site, device_no, branch), lines in groupby(rows, itemgetter(0, 1, 2)):
        count = counts.setdefault(site, OverrideCount())
        count.next_log()
        _count_log(db, count, device_no, branch, [(seq, line) for *_, seq, line in lines])
    return {site: count.rows() for site, count in counts.items()}


def _count_log(
    db: sqlite3.Connection,
    count: OverrideCount,
    device_no: int,
    branch: int,
    lines: list[tuple[int, bytes]],
) -> None:
    """One gate's lines; scans are counted by the database, and only of shifts with a name."""
    ends = [seq for seq, _ in lines[1:]]
    for (seq, line), end in zip(lines, [*ends, None], strict=True):
        try:
            count.note(decode_entry(line))
        except UndecodableError:  # another version's line: nothing of it is known
            continue
        if count.on_duty != NOBODY:
            count.saw_scans(_scans(db, device_no, branch, seq, end))


def _scans(db: sqlite3.Connection, device_no: int, branch: int, after: int, end: int | None) -> int:
    """Scans between two lines of one log; None is its end."""
    (found,) = db.execute(
        "SELECT count(*) FROM entries WHERE device_no = ? AND seq > ?"
        " AND seq < coalesce(?, 1 << 62) AND branch = ? AND type = 'scan'",
        (device_no, after, end, branch),
    ).fetchone()
    return int(found)
