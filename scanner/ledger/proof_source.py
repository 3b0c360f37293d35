"""Gathers from a ledger what proves one entry: two checkpoints and the leaf hashes between."""

from datetime import datetime
from pathlib import Path
from typing import Final

from scanner.domain.errors import LedgerError
from scanner.ledger import chain
from scanner.ledger.checkpoint import CheckpointBody, Signer, make_checkpoint
from scanner.ledger.kept_notes import load_notes
from scanner.ledger.position import Position
from scanner.ledger.proof import make_proof
from scanner.ledger.reader import LedgerReader

_PAGE: Final = 1000
_PAGE_BYTES: Final = 4 << 20
MOST_LEAVES: Final = 1_000_000


def prove_entry(
    reader: LedgerReader, seq: int, notes: Path, device: Signer | None, now: datetime
) -> bytes:
    """A proof of entry `seq` as a file for an auditor.

    The checkpoints are the nearest ones that the hub has countersigned; before the first of them
    there is the log's beginning. Where none stands behind the entry, the device signs now: that
    proves what the gate says today, and nothing about yesterday.

    Args:
        reader: of the log.
        seq: number of the entry.
        notes: the file of countersigned checkpoints.
        device: signs where the hub has not; None where its key is not at hand.
        now: aware UTC.

    Raises:
        LedgerError: there is no such entry, or nothing to prove it with.
    """
    found = reader.lines_after(seq - 1, 1, 0)
    if not found or found[0].seq != seq:
        raise LedgerError(
            f"There is no line of entry {seq} here.", f"The log ends at {reader.last().seq}."
        )
    before, after = _nearest(reader, seq, notes)
    start = Position(0, reader.genesis)
    first = second = ""
    if before is not None:
        first, start = before[0], before[1].position
    elif after is None and device is not None and seq > 1 and (head := reader.head_at(seq - 1)):
        start = Position(seq - 1, head)
        first = make_checkpoint(device, start, now)
    if after is not None:
        second, end = after[0], after[1].position
    elif device is not None:
        end = Position(seq, found[0].head)
        second = make_checkpoint(device, end, now)
    else:
        raise LedgerError(
            f"No checkpoint stands behind entry {seq}.",
            "Let sync reach the hub once, or run this at the gate, where its key is.",
        )
    return make_proof(
        before=first,
        nonce=reader.nonce,
        after=second,
        seq=seq,
        line=found[0].line,
        leaves=_leaves(reader, start.seq, end.seq),
    )


Kept = tuple[str, CheckpointBody]


def _nearest(reader: LedgerReader, seq: int, notes: Path) -> tuple[Kept | None, Kept | None]:
    """The last note before the entry and the first one from it on, that fit this very log."""
    before: Kept | None = None
    after: Kept | None = None
    for note, body in load_notes(notes):
        if body.device_id != reader.device_id or reader.head_at(body.seq) != body.head:
            continue
        if body.seq < seq and (before is None or body.seq >= before[1].seq):
            before = note, body
        elif body.seq >= seq and (after is None or body.seq < after[1].seq):
            after = note, body
    return before, after


def _leaves(reader: LedgerReader, start: int, end: int) -> list[bytes]:
    """The leaf hashes of the entries behind `start` up to `end`."""
    if end - start > MOST_LEAVES:
        raise LedgerError(
            f"{end - start} entries lie between the two nearest checkpoints.",
            "Let sync reach the hub: it keeps checkpoints that are closer together.",
        )
    leaves: list[bytes] = []
    while len(leaves) < end - start:
        at = start + len(leaves)
        for number, leaf in _some_leaves(reader, at, end):
            if number != start + len(leaves) + 1:
                break
            leaves.append(leaf)
        if start + len(leaves) == at:
            raise LedgerError(
                f"Entry {at + 1} is missing.", "Run `checkpoint entries verify` to see the fault."
            )
    return leaves


def _some_leaves(reader: LedgerReader, at: int, end: int) -> list[tuple[int, bytes]]:
    """Some of the leaf hashes behind entry `at`: kept ones of erased lines, or those of lines."""
    limit = min(_PAGE, end - at)
    return reader.leaves_after(at, limit) or [
        (line.seq, chain.leaf(line.line)) for line in reader.lines_after(at, limit, _PAGE_BYTES)
    ]
