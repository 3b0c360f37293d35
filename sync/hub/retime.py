"""True times for entries that a gate wrote while its clock was unsure: pure, beside the lines.

A gate counts the milliseconds since its boot, and nobody can set them. So one moment of a boot that
is known places all its entries: a push arrives (the hub's own clock), or an entry was written with
a sure clock. A boot of which no moment is known lies between its neighbours: it began after the
last entry of the one before, and its last entry came before the next one began. What was written
is never changed; better knowledge replaces one row a boot.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

from scanner.domain.clock import ClockSource
from scanner.domain.entries import Entry

DRIFT: Final = 1e-4
"""How far a gate's crystal may be off, as the gate itself reckons."""

IN_TRANSIT_MS: Final = 60_000
"""A push took at most that long to get here: then the agent has given it up."""

USUAL_ERROR_MS: Final = 1_000
"""Of an entry with a sure clock that names no error."""

_MOST_ERROR_S: Final = 86_400
"""A gate that is sure means a minute at most; what is beyond a day is nonsense."""


class Basis(IntEnum):
    """What a place in time rests on; of two that contradict one another the higher one holds."""

    NEIGHBOURS = 0
    OWN_CLOCK = 1  # the gate went by a clock module or by its own clock
    MEASURED = 2  # the gate went by NTP or by the hub's time
    HUB = 3  # the hub's clock, when a push came


@dataclass(frozen=True, slots=True)
class Span:
    """At `up_ms` since boot the true time was from `earliest_ms` to `latest_ms` (since 1970)."""

    up_ms: int
    earliest_ms: int
    latest_ms: int
    basis: Basis

    @property
    def width_ms(self) -> int:
        """How much is open."""
        return self.latest_ms - self.earliest_ms

    def at(self, up_ms: int) -> "Span":
        """The same at another moment of the boot, as much less certain as a crystal may drift."""
        passed_ms = up_ms - self.up_ms
        drift_ms = round(abs(passed_ms) * DRIFT)
        return Span(
            up_ms,
            self.earliest_ms + passed_ms - drift_ms,
            self.latest_ms + passed_ms + drift_ms,
            self.basis,
        )


@dataclass(frozen=True, slots=True)
class Boot:
    """One boot of a gate on one branch of its log.

    Attributes:
        last_up_ms: of its last entry here.
        span: its place in time; None while nothing bounds it.
    """

    last_up_ms: int
    span: Span | None

    @property
    def is_placed(self) -> bool:
        """One of its own moments is known."""
        return self.span is not None and self.span.basis is not Basis.NEIGHBOURS


def of_push(up_ms: int, received_ms: int) -> Span:
    """A gate read `up_ms` when it made the push that the hub received at `received_ms`."""
    return Span(up_ms, received_ms - IN_TRANSIT_MS, received_ms, Basis.HUB)


def of_entry(entry: Entry) -> Span | None:
    """What an entry with a sure clock says about its boot; None for others."""
    if entry.clock_unsure or entry.clock in {ClockSource.UNVERIFIED, ClockSource.FLOOR}:
        return None
    if entry.clock_error_s is not None and not 0 <= entry.clock_error_s <= _MOST_ERROR_S:
        return None
    at_ms = round(entry.at.timestamp() * 1000)
    error_ms = USUAL_ERROR_MS if entry.clock_error_s is None else entry.clock_error_s * 1000
    own = entry.clock in {ClockSource.RTC, ClockSource.SYSTEM}
    basis = Basis.OWN_CLOCK if own else Basis.MEASURED
    return Span(entry.mono_ms, at_ms - error_ms, at_ms + error_ms, basis)


def merged(known: Span | None, news: Span) -> Span:
    """What both say together; where they contradict one another, what rests on more.

    Of two contradictory measurements by a gate the later one holds: it was corrected. Of two by the
    hub the first one does: a push that is repeated later says less.
    """
    if known is None or known.basis is Basis.NEIGHBOURS:
        return news
    # Pinned to the moment of the narrower one, so that little of it is lost to drift.
    pinned = min(known, news, key=lambda span: span.width_ms).up_ms
    first, second = known.at(pinned), news.at(pinned)
    earliest = max(first.earliest_ms, second.earliest_ms)
    latest = min(first.latest_ms, second.latest_ms)
    if earliest <= latest:
        return Span(pinned, earliest, latest, max(known.basis, news.basis))
    is_better = news.basis > known.basis or (news.basis is known.basis and known.basis < Basis.HUB)
    return news if is_better else known


def settled(boots: Sequence[Boot], now_ms: int) -> list[Boot]:
    """Place the boots of one branch of which no moment is known.

    Args:
        boots: in the order of the log.
        now_ms: the hub's time; no entry is later.
    """
    lows: list[int] = []
    low = 0
    for boot in boots:
        low = boot.span.at(0).earliest_ms if boot.span and boot.is_placed else low
        lows.append(low)
        low += _passed(boot)
    highs: list[int] = []
    high = now_ms
    for boot in reversed(boots):
        high -= _passed(boot)
        high = boot.span.at(0).latest_ms if boot.span and boot.is_placed else high
        highs.append(high)
    return [
        boot if boot.is_placed else replace(boot, span=_between(low, high))
        for boot, low, high in zip(boots, lows, reversed(highs), strict=True)
    ]


def _between(low: int, high: int) -> Span | None:
    """Neighbours that contradict one another say nothing."""
    return Span(0, low, high, Basis.NEIGHBOURS) if low <= high else None


def _passed(boot: Boot) -> int:
    """So many milliseconds certainly went by between the boot and its last entry."""
    return round(boot.last_up_ms * (1 - DRIFT))
