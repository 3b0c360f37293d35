"""One moment as the gate's loop sees it, and where it comes from."""

import time
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


class GateClock:
    """The machine's clocks with a floor under the wall clock."""

    def __init__(self) -> None:
        self._boot = _BOOT_ID.read_text("ascii").strip()
        self._floor = datetime(2026, 11, 1, tzinfo=UTC)

    def has_passed(self, moment: datetime) -> None:
        """From now on the time is never earlier than `moment`."""
        self._floor = max(self._floor, moment)

    def read(self) -> Instant:
        """Now."""
        reading = read_clock(datetime.now(UTC), self._floor)
        return Instant(reading.now, reading.is_sure, time.monotonic(), self._boot)
