"""What gates of one site keep, and tell one another, of who passed. Plain values.

Names here are 16 bytes of HMAC under a key of the day (`scanner.ledger.site_key`): they say that
two codes are one person's, today and at this site, and nothing else.
"""

from datetime import date, datetime
from typing import Annotated

import msgspec

from scanner.domain.direction import Direction
from scanner.ledger.site_key import NAME_BYTES

Name = Annotated[bytes, msgspec.Meta(min_length=NAME_BYTES, max_length=NAME_BYTES)]
GateId = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
Count = Annotated[int, msgspec.Meta(ge=0, le=1 << 40)]
MOST_NAMES = 3
"""Today's key and those of two days before: who came in 48 hours ago is still looked for."""


class Presented(msgspec.Struct, frozen=True, array_like=True):
    """How somebody who stands at the gate is called under each key in use, today's first.

    Attributes:
        day: of today's key.
        person: whose code it is.
        code: this very code.
    """

    day: date
    person: Annotated[tuple[Name, ...], msgspec.Meta(min_length=1, max_length=MOST_NAMES)]
    code: Annotated[tuple[Name, ...], msgspec.Meta(min_length=1, max_length=MOST_NAMES)]


class Crossing(msgspec.Struct, frozen=True, array_like=True):
    """One person, let through once.

    Attributes:
        who: the names.
        direction: in or out.
        at: when, aware UTC.
        gate: the device id of the gate.
        visit: the number of the scan's entry there; with `gate` it names this crossing.
    """

    who: Presented
    direction: Direction
    at: datetime
    gate: GateId
    visit: Count

    @property
    def order(self) -> tuple[datetime, str, int]:
        """What is later has the greater one, at every gate alike."""
        return self.at, self.gate, self.visit


class News(msgspec.Struct, frozen=True, array_like=True):
    """What the other gates should hear: somebody was let through, or was not after all."""

    crossing: Crossing
    taken_back: bool = False


class Totals(msgspec.Struct, frozen=True, array_like=True):
    """How many people one gate let through, by its own count.

    Attributes:
        since: when it began to count; a gate that lost its memory begins anew.
        ins, outs: people; undone ones are taken off again.
        lost: came in and were not seen to leave for 48 hours: they count as gone.
        counted: grows with each change, so that of two reports the newer one is known.
    """

    since: datetime
    ins: Count = 0
    outs: Count = 0
    lost: Count = 0
    counted: Count = 0

    @property
    def inside(self) -> int:
        """In less out; below zero where people leave here who came in elsewhere."""
        return self.ins - self.outs - self.lost

    @property
    def order(self) -> tuple[datetime, int]:
        """What is newer has the greater one."""
        return self.since, self.counted


class Correction(msgspec.Struct, frozen=True, array_like=True):
    """A guard counted the people inside.

    Attributes:
        at: when, aware UTC.
        gate: where; the later correction holds, and of two at once the greater gate's.
        offset: what has to be added to all gates' totals.
        emptied: nobody is inside: every name is forgotten, too.
    """

    at: datetime
    gate: GateId
    offset: Annotated[int, msgspec.Meta(ge=-(1 << 40), le=1 << 40)]
    emptied: bool

    @property
    def order(self) -> tuple[datetime, str]:
        """What is later has the greater one, at every gate alike."""
        return self.at, self.gate
