"""One moment as the gate's loop sees it, and where it comes from."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from scanner.gate.records import Moment
from scanner.trust.clock import read_clock

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment on both clocks.

    Attributes:
        at: wall time to decide by, aware UTC, never before what is certainly past.
        is_sure: False while the wall clock contradicts what is certainly past.
        mono_s: monotonic seconds; only differences mean anything.
        boot: the kernel's boot id.
    """

    at: datetime
    is_sure: bool
    mono_s: float
    boot: str

    @property
    def moment(self) -> Moment:
        """The same moment as the ledger records it."""
        return Moment(self.at, self.boot, int(self.mono_s * 1000))


def _wall_time() -> datetime:
    return datetime.now(UTC)


class GateClock:
    """The machine's clocks with a floor under the wall clock.

    Args:
        wall: reads the wall clock, aware UTC.
    """

    def __init__(self, wall: Callable[[], datetime] = _wall_time) -> None:
        self._wall = wall
        self._boot = _BOOT_ID.read_text("ascii").strip()
        self._floor = datetime(2026, 11, 1, tzinfo=UTC)

    def has_passed(self, moment: datetime) -> None:
        """From now on the time is never earlier than `moment`."""
        self._floor = max(self._floor, moment)

    def read(self) -> Instant:
        """Now, never before an earlier reading: somebody may set the clock back while we run."""
        reading = read_clock(self._wall(), self._floor)
        self._floor = reading.now
        return Instant(reading.now, reading.is_sure, time.monotonic(), self._boot)
