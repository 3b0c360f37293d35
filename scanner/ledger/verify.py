"""The auditor's walk: every line of a log against its chain, from the first to the last."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from scanner.domain.decoding import UndecodableError
from scanner.domain.entries import decode_entry
from scanner.domain.errors import LedgerDamagedError
from scanner.ledger import chain
from scanner.ledger.position import Position
from scanner.ledger.reader import LedgerReader, Line

_PAGE: Final = 1000
_PAGE_BYTES: Final = 4 << 20


class FaultKind(StrEnum):
    """What is wrong with a log."""

    GAP = "gap"
    EDITED = "edited"
    HEAD_MISMATCH = "head_mismatch"
    MISPLACED = "misplaced"
    BROKEN = "broken"
    TRUNCATED = "truncated"
    DIVERGED = "diverged"
    UNREADABLE = "unreadable"
    ERASED = "erased"
    DAMAGED = "damaged"


_EXPLANATIONS: Final = {
    FaultKind.GAP: "the entry is missing",
    FaultKind.EDITED: "the line is not the one that was chained: it was edited",
    FaultKind.HEAD_MISMATCH: "the stored head does not fit, the line does: the head was edited",
    FaultKind.MISPLACED: "the line belongs to another number: inserted, copied or reordered",
    FaultKind.BROKEN: "line and head do not follow the entry before: replaced or inserted",
    FaultKind.TRUNCATED: "the log ends before an acknowledged position: cut off, or an old copy",
    FaultKind.DIVERGED: "the head is not the acknowledged one: history was rewritten up to here",
    FaultKind.ERASED: "the hashes kept of erased entries do not lead to where the lines go on",
    FaultKind.DAMAGED: "the entry cannot be read: its page of the file is damaged",
    FaultKind.UNREADABLE: "the line is in the chain but is no entry of this version",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that is wrong.

    Attributes:
        seq: the entry's number.
    """

    seq: int
    kind: FaultKind

    @property
    def explanation(self) -> str:
        """One clause for people."""
        return _EXPLANATIONS[self.kind]


@dataclass(frozen=True, slots=True)
class LogReport:
    """What a walk over the whole log found.

    Attributes:
        entries: how many entries hold, from the first one on; erased ones by their hashes.
        position: the last entry that holds.
        fault: the first one that does not; None for a sound log.
        erased: of how many entries, from the first one on, only the hashes are kept.
    """

    device_id: str
    entries: int
    position: Position
    fault: Fault | None
    erased: int = 0


def verify_log(path: Path, known: Position | None = None) -> LogReport:
    """Walk the chain of the log at `path`.

    A chain alone cannot show that its end was cut or rewritten as a whole; a position that somebody
    else keeps can: `known`, as the hub acknowledged it.

    Raises:
        LedgerError: there is no log, or it cannot be read at all.
    """
    with LedgerReader(path) as reader:
        previous = Position(0, reader.genesis)
        fault = _fault_at(previous, known)
        if fault is None:
            previous, fault = _walk_erased(reader, previous, known)
        erased = previous.seq
        if fault is None and (before := reader.lines_before(erased + 1, 1)):
            fault = Fault(before[0].seq, FaultKind.MISPLACED)
        limit = _PAGE
        while fault is None:
            try:
                page = reader.lines_after(previous.seq, limit, _PAGE_BYTES)
            except LedgerDamagedError:
                if limit == 1:
                    fault = Fault(previous.seq + 1, FaultKind.DAMAGED)
                limit = 1  # to the last entry before the damage
                continue
            if not page:
                break
            if page[0].seq != previous.seq + 1 and reader.erased().seq > previous.seq:
                previous, fault = _walk_erased(reader, previous, known)
                erased = previous.seq
                continue
            for line in page:
                if not _follows(previous, line):
                    fault = _judge(reader, previous, line)
                if fault is None:
                    previous = Position(line.seq, line.head)
                    fault = _fault_at(previous, known) if known is not None else None
                if fault is not None:
                    break
        if fault is None and known is not None and known.seq > previous.seq:
            fault = Fault(previous.seq + 1, FaultKind.TRUNCATED)
        return LogReport(reader.device_id, previous.seq, previous, fault, erased)


def _walk_erased(
    reader: LedgerReader, position: Position, known: Position | None
) -> tuple[Position, Fault | None]:
    """From `position` on over the leaf hashes to where the lines begin.

    The gate may be erasing meanwhile: the end is asked for again once it is reached.
    """
    while position.seq < (end := reader.erased()).seq:
        while position.seq < end.seq:
            page = reader.leaves_after(position.seq, min(_PAGE, end.seq - position.seq))
            for seq, leaf in page:
                if seq != position.seq + 1:
                    return position, Fault(position.seq + 1, FaultKind.GAP)
                position = Position(seq, chain.extend_by_leaf(position.head, leaf))
                if (fault := _fault_at(position, known)) is not None:
                    return position, fault
            if not page:
                return position, Fault(position.seq + 1, FaultKind.GAP)
        if position != end:
            return position, Fault(end.seq, FaultKind.ERASED)
    return position, None


def _fault_at(position: Position, known: Position | None) -> Fault | None:
    if known is None or known.seq != position.seq or known.head == position.head:
        return None
    return Fault(position.seq, FaultKind.DIVERGED)


def _follows(previous: Position, line: Line) -> bool:
    """Whether all is well with a line; in one piece, since millions of them pass through here."""
    leaf = hashlib.sha256(line.line).digest()
    if line.seq != previous.seq + 1:
        return False
    if hashlib.sha256(previous.head + leaf).digest() != line.head:
        return False
    return _carried_seq(line.line) == line.seq


def _judge(reader: LedgerReader, previous: Position, line: Line) -> Fault | None:
    if line.seq != previous.seq + 1:
        return Fault(previous.seq + 1, FaultKind.GAP)
    carried = _carried_seq(line.line)
    head = chain.extend(previous.head, line.line)
    if head == line.head:
        if carried is None:
            return Fault(line.seq, FaultKind.UNREADABLE)
        return None if carried == line.seq else Fault(line.seq, FaultKind.MISPLACED)
    if carried is not None and carried != line.seq:
        return Fault(line.seq, FaultKind.MISPLACED)
    return Fault(line.seq, _by_the_next(reader, line, head))


def _by_the_next(reader: LedgerReader, line: Line, computed: bytes) -> FaultKind:
    """Line or head? The next entry was chained to the true head."""
    following = reader.lines_after(line.seq, 1, 0)
    if not following:
        return FaultKind.BROKEN
    if chain.extend(line.head, following[0].line) == following[0].head:
        return FaultKind.EDITED
    if chain.extend(computed, following[0].line) == following[0].head:
        return FaultKind.HEAD_MISMATCH
    return FaultKind.BROKEN


def _carried_seq(line: bytes) -> int | None:
    try:
        return decode_entry(line).seq
    except UndecodableError:
        return None
