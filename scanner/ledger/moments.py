"""Where in a log a moment is, without an index on time: entries lie almost in its order.

An index would double what the card has to write for each entry. A bisection over the numbers reads
some twenty lines of a million instead. Where a clock was put back, later entries carry earlier
times, and a bisection may land on either side of them: so it is only taken for an answer when the
lines on both sides of it, `MARGIN` of them, agree, and is moved on until they do.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from scanner.domain.decoding import UndecodableError
from scanner.domain.entries import decode_entry
from scanner.ledger.reader import LedgerReader

MARGIN: Final = 200
"""Entries on both sides of a moment that are looked at one by one. What a clock did that was put
back for longer than these entries took is found by its numbers, not by its times."""


def first_since(
    written_at: Callable[[int], datetime | None], first: int, last: int, moment: datetime
) -> int:
    """Number of an entry such that the `MARGIN` entries before it are all older than `moment`.

    Entries from that one on may be older too, where a clock was put back: whoever reads on from it
    still looks at each time.

    Args:
        written_at: when the entry of that number was written; None where nobody can tell.
        first: number of the first entry that is looked at.
        last: of the last one.
        moment: aware.

    Returns:
        `last + 1` when every entry is older.
    """
    low, high = first, last + 1
    while low < high:
        middle = (low + high) // 2
        at = written_at(middle)
        if at is None or at >= moment:  # one that nobody can read may be a newer one
            high = middle
        else:
            low = middle + 1
    unseen = 0
    for seq in range(low - 1, first - 1, -1):
        if unseen == MARGIN:
            break
        at = written_at(seq)
        unseen += 1
        if at is None or at >= moment:
            low, unseen = seq, 0
    return low


def first_line_since(reader: LedgerReader, moment: datetime) -> int:
    """The same for a log: where to begin reading for everything since `moment`.

    Raises:
        LedgerError: the log cannot be read.
    """
    newest, oldest = reader.last().seq, reader.lines_after(0, 1, 0)
    if not oldest:
        return newest + 1

    def written_at(seq: int) -> datetime | None:
        found = reader.lines_after(seq - 1, 1, 0)
        if not found or found[0].seq != seq:
            return None
        try:
            return decode_entry(found[0].line).at
        except UndecodableError:
            return None

    return first_since(written_at, oldest[0].seq, newest, moment)
