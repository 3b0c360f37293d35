"""The rows of one device's tree in SQLite; the caller holds the transaction."""

import sqlite3
from collections.abc import Sequence

from sync.hub.ingest import Link
from sync.hub.store.sqlite_boots import BootNumbers, place_of
from sync.hub.store.tree import Branch, Placement
from sync.protocol import milliseconds

# Words for the page are cut, the line itself never: a gate may be broken or hostile.
_REASONS_SHOWN = 8
_ISSUER_SHOWN = 16
_DIGEST_KEPT = 64
_INSERT_ENTRY = """
    INSERT INTO entries (device_no, seq, head, branch, line, received_ms, readable,
                         at_ms, type, decision, guard, reasons, kind, issuer, colour,
                         digest, claimed_issuer, boot_no, up_ms, unsure)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""


def read_branches(db: sqlite3.Connection, device_no: int) -> list[Branch]:
    """The leaves of one device's tree."""
    rows = db.execute(
        "SELECT branch, seq, head, genesis, archived_seq, archived_head FROM heads"
        " WHERE device_no = ? ORDER BY branch",
        (device_no,),
    )
    return [Branch(*row) for row in rows]


def insert_links(
    db: sqlite3.Connection,
    device_no: int,
    branch: int,
    links: Sequence[Link],
    boots: BootNumbers,
    now_ms: int,
) -> None:
    """Write entries; one that is there already is our own fault and an error."""
    db.executemany(
        _INSERT_ENTRY,
        [
            (
                *(device_no, link.seq, link.head, branch, link.line, now_ms),
                *_columns(link),
                *place_of(link, boots),
            )
            for link in links
        ],
    )


def _columns(link: Link) -> tuple[int | str | None, ...]:
    entry = link.entry
    if entry is None:
        return (0, None, "", "", "", "", "", "", "", "", "")
    return (
        1,
        milliseconds(entry.at),
        entry.type,
        entry.decision or "",
        entry.guard or "",
        " ".join(entry.reasons[:_REASONS_SHOWN]),
        entry.kind or "",
        (entry.issuer or "")[:_ISSUER_SHOWN],
        entry.colour or "",
        (entry.digest or "")[:_DIGEST_KEPT],
        (entry.claimed_issuer or "")[:_ISSUER_SHOWN],
    )


def move_head(
    db: sqlite3.Connection,
    device_no: int,
    placement: Placement,
    branch: Branch,
    first_seq: int,
    now_ms: int,
) -> None:
    """Move a branch to its new leaf, or add the branch that begins with `first_seq`."""
    if not placement.opened:
        db.execute(
            "UPDATE heads SET seq = ?, head = ? WHERE device_no = ? AND branch = ?",
            (branch.seq, branch.head, device_no, branch.number),
        )
        return
    db.execute(
        "INSERT INTO heads (device_no, branch, seq, head, opened_seq, opened_ms, parent, genesis,"
        " archived_seq, archived_head, checkpoint) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '')",
        (
            device_no,
            branch.number,
            branch.seq,
            branch.head,
            first_seq,
            now_ms,
            placement.parent,
            branch.genesis,
            branch.archived_seq,
            branch.archived_head,
        ),
    )
