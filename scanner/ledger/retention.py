"""How long lines are kept: which of them are due. Pure; `erasure` takes them out.

Lines go from the oldest on, without gaps, and never before the hub has them in a backup. Numbers
tell the order, clocks do not: an entry is as old as the oldest one written after it. So a line that
a wrong clock dated into the future goes together with its neighbours.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

DAYS: Final = 14
MOST_DAYS: Final = 30
PROBES: Final = 64
"""Lines that one look reads besides the bisection: a clock that was wrong for long is seen too."""


def due_through(
    written_at: Callable[[int], datetime | None],
    kept_from: int,
    archived: int,
    now: datetime,
    keep: timedelta,
) -> int:
    """Number of the last entry whose line is to be erased; `kept_from - 1` when none is.

    Reads some 64 + log2(n) of the n lines between: those at even distances, from the newest on,
    until one is old enough, and then by halves between it and the next newer one.

    Args:
        written_at: when the entry of that number was written; None where nobody can tell.
        kept_from: number of the oldest entry that still has its line.
        archived: up to this entry the hub has everything in a backup.
        now: aware UTC.
        keep: how long lines stay, counted from `at`.
    """
    cutoff = now - keep

    def is_old(seq: int) -> bool:
        at = written_at(seq)
        return at is not None and at <= cutoff

    count = archived - kept_from + 1
    if count < 1:
        return kept_from - 1
    stride = -(-count // PROBES)
    young = archived + 1
    for seq in range(archived, kept_from - 1, -stride):
        if is_old(seq):
            return _last(is_old, seq, young)
        young = seq
    return _last(is_old, kept_from - 1, young)


def _last(is_old: Callable[[int], bool], old: int, young: int) -> int:
    """The last old one from `old`, which is one, to before `young`, which is none."""
    while young - old > 1:
        middle = (old + young) // 2
        if is_old(middle):
            old = middle
        else:
            young = middle
    return old
