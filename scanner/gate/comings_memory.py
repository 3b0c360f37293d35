"""What a gate remembers of who came and went, as it outlives a restart. Plain values."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from scanner.domain.direction import Direction
from scanner.gate.crossings import Correction, Crossing, Presented, Totals
from scanner.gate.known_people import Known

GONE_AFTER: Final = timedelta(hours=48)
"""Somebody who came in and was not seen to leave counts as gone, with the exit unknown."""


class Expected(msgspec.Struct, frozen=True, array_like=True):
    """A visit that may end with somebody let through.

    Attributes:
        visit: the number of the scan's entry.
        direction: the gate's when the code was shown.
        at: when.
        who: None for one who is counted and not told apart.
        crossed: has been let through, as things stand.
        counted: this changed the number of people inside.
        decided: entries of guards' decisions that may still be taken back, the oldest first, each
            with whether this person had been let through before it.
    """

    visit: int
    direction: Direction
    at: datetime
    who: Presented | None = None
    crossed: bool = False
    counted: bool = False
    decided: tuple[tuple[int, bool], ...] = ()


class Memory(msgspec.Struct, frozen=True):
    """Everything that is remembered, as it is written to RAM for the next start.

    Attributes:
        gate: whose memory it is.
        seq: the last entry that went into it.
        known: by the newest name.
        expected: oldest first.
        totals: of each gate of the site, by device id; this one's is always there.
        correction: the last one.
        began: when a memory began that knew nothing.
        followed_from: from then on everybody who can be inside is known to have come in.
        counted_from: from then on the number of people inside is right.
    """

    gate: str
    seq: int
    known: tuple[Known, ...]
    expected: tuple[Expected, ...]
    totals: dict[str, Totals]
    correction: Correction | None
    began: datetime
    followed_from: datetime
    counted_from: datetime


class Change(msgspec.Struct, frozen=True):
    """What an entry changed, for the other gates of the site.

    Attributes:
        crossing: somebody who is told apart was let through, or was not after all.
        taken_back: the latter.
    """

    crossing: Crossing | None = None
    taken_back: bool = False


def nothing_known(gate: str, seq: int, now: datetime) -> Memory:
    """The memory of a gate that has just been set up, or has lost its power.

    Args:
        gate: its device id.
        seq: the last entry that is not to be followed.
        now: aware UTC.
    """
    return Memory(
        gate=gate,
        seq=seq,
        known=(),
        expected=(),
        totals={gate: Totals(now)},
        correction=None,
        began=now,
        followed_from=now + GONE_AFTER,
        counted_from=now + GONE_AFTER,
    )
