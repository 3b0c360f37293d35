"""What speaks for a time: measurements that age, and moments that have certainly passed. Pure.

Everything is pinned to seconds since boot (CLOCK_BOOTTIME): that clock goes on through sleep, and
nobody can set it. CLOCK_MONOTONIC stands still while the machine sleeps, so that waking up would
look like a step of the wall clock.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from scanner.domain.clock import ClockSource

DRIFT: Final = 1e-4
"""How far a crystal may be off: 100 ppm, 8.6 s a day. A Pi's is within some 50 ppm when warm."""

BUILT_AT: Final = datetime(2026, 11, 1, tzinfo=UTC)
"""When this program was made: no gate has run it earlier."""

END_OF_USE: Final = BUILT_AT + timedelta(days=15 * 365)
"""No gate runs this program later: a clock beyond it is broken."""

AGREE_WITHIN: Final = timedelta(seconds=1)
"""Beside the errors of both: the resolution of a clock module, or one leap second."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """At `up_s` seconds since boot it was `at`, give or take `error`."""

    source: ClockSource
    at: datetime
    error: timedelta
    up_s: float

    def later(self, up_s: float) -> "Evidence":
        """The same at another moment of this boot; its error grows with the distance."""
        passed_s = up_s - self.up_s
        return replace(
            self,
            at=self.at + timedelta(seconds=passed_s),
            error=self.error + timedelta(seconds=abs(passed_s) * DRIFT),
            up_s=up_s,
        )

    def agrees(self, other: "Evidence") -> bool:
        """Whether both can be true."""
        theirs = other.later(self.up_s)
        return abs(self.at - theirs.at) <= self.error + theirs.error + AGREE_WITHIN

    @property
    def is_plausible(self) -> bool:
        """Within the years in which this program can be in use."""
        return BUILT_AT <= self.at <= END_OF_USE


@dataclass(frozen=True, slots=True)
class Floor:
    """`at` had passed by `up_s` seconds since boot."""

    at: datetime
    up_s: float = 0.0

    def later(self, up_s: float) -> datetime:
        """What has passed by `up_s`, also when our crystal is fast."""
        passed_s = max(0.0, up_s - self.up_s) * (1 - DRIFT)
        return self.at + timedelta(seconds=passed_s)

    def risen(self, at: datetime, up_s: float) -> "Floor":
        """This floor, or the one of `at` where that is higher at `up_s`."""
        return Floor(at, up_s) if at > self.later(up_s) else self


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that the machine says about the time at one moment.

    Attributes:
        up_s: seconds since boot, sleep included.
        wall: the machine's clock, aware UTC.
        ntp_error: the kernel's bound of its error while an NTP service keeps the clock, else None.
        rtc: a clock module, as it was last read in this boot; None where there is none.
        hub: the newest authenticated measurement of this boot.
    """

    up_s: float
    wall: datetime
    ntp_error: timedelta | None = None
    rtc: Evidence | None = None
    hub: Evidence | None = None
