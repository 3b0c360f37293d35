"""One moment as the gate's loop sees it, and where it comes from."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from scanner.domain.clock import ClockDoubt, ClockSource
from scanner.domain.entries import Entry
from scanner.domain.reasons import Reason
from scanner.gate.records import Moment
from scanner.ledger.sync_status import HubTime, load_sync_status
from scanner.log import EventLog
from scanner.peripherals.time_sources import MachineTime, TimeSources
from scanner.trust.clock import ClockState, TrustedTime, onwards, tell, weigh
from scanner.trust.evidence import Evidence

USUAL_ERROR_S: Final = 1
"""Of an entry that names no error of its clock."""

_log = EventLog(__name__)


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment on every clock.

    Attributes:
        at: wall time to decide by, aware UTC, never before what is certainly past.
        is_sure: False while nobody vouches for `at`.
        mono_s: monotonic seconds, as frames carry them; only differences mean anything.
        boot: the kernel's boot id.
        source: who vouches for `at`.
        error: give or take so much; None where nobody vouches.
        doubt: why `at` is not to be relied on.
        ahead: how far the machine's own clock is before `at`.
        up_s: seconds since boot, sleep included; None: as `mono_s`.
    """

    at: datetime
    is_sure: bool
    mono_s: float
    boot: str
    source: ClockSource = ClockSource.NTP
    error: timedelta | None = timedelta(0)
    doubt: ClockDoubt | None = None
    ahead: timedelta = timedelta(0)
    up_s: float | None = None

    @property
    def moment(self) -> Moment:
        """The same moment as the ledger records it."""
        up_s = self.mono_s if self.up_s is None else self.up_s
        return Moment(
            self.at, self.boot, int(up_s * 1000), self.source, self.error, not self.is_sure
        )


class GateClock:
    """The time to decide by, from the machine's clocks and from what sync learns of the hub.

    Args:
        sources: the machine's clocks.
        sync_status: where sync writes what it measured of the hub's clock; None without a hub.
        system_counts: the machine's clock is right by itself; the settings say so.
    """

    def __init__(
        self,
        sources: TimeSources | None = None,
        sync_status: Path | None = None,
        *,
        system_counts: bool = False,
    ) -> None:
        self._sources = sources or MachineTime()
        self._sync_status = sync_status
        self._state = ClockState(system_counts=system_counts)
        self._told: TrustedTime | None = None
        self._logged: tuple[ClockSource, ClockDoubt | None] | None = None

    def has_passed(self, moment: datetime) -> None:
        """The bundle in force was signed at `moment`: no time before that is sure."""
        self._state = self._state.after_signature(moment, self._sources.up_s())

    def recall(self, entries: Sequence[Entry]) -> bool:
        """Take up what the last entries say about the time, the oldest first.

        One of this boot, written with a sure clock, is evidence to go on from. One of an earlier
        boot is a floor, also when it was written at a floor itself. So is one by the machine's own
        clock: whoever sets the date and restarts the gate vouches for the new one. Others prove
        nothing: a clock that ran ahead unsure must not hold up the next days.

        Returns:
            Whether any of them said something.
        """
        before = self._state
        for entry in entries:
            is_sure = is_sure_time(entry)
            # From the future of this boot: the machine was brought back from a snapshot.
            is_to_come = entry.mono_ms / 1000 > self._sources.up_s()
            is_earlier = entry.boot != self._sources.boot or is_to_come
            error = timedelta(seconds=entry.clock_error_s or USUAL_ERROR_S)
            up_s = 0.0 if is_earlier else entry.mono_ms / 1000
            evidence = Evidence(entry.clock, entry.at, error, up_s)
            if is_earlier:
                if is_sure or entry.clock is ClockSource.FLOOR:
                    self._state = self._state.after_entry(entry.at)
                if is_sure:
                    self._state = self._state.after_measured(evidence)
            elif is_sure and entry.clock is ClockSource.SYSTEM:
                self._state = self._state.after_entry(entry.at, up_s)
            elif is_sure:
                self._state = self._state.remembering(evidence)
        return self._state is not before

    def observe(self) -> None:
        """Ask every source. Once a second will do; never while a verdict is waited for."""
        reading = self._sources.read()
        hub = self._hub_evidence() if self._sync_status else None
        self._state = weigh(self._state, replace(reading, hub=hub))
        now = self._tell()
        if (now.source, now.doubt) != self._logged:
            self._logged = now.source, now.doubt
            report = _log.warning if now.doubt else _log.info
            report(
                "clock_state",
                source=now.source.value,
                doubt=now.doubt.value if now.doubt else None,
                error_s=None if now.error is None else round(now.error.total_seconds(), 1),
                machine_ahead_s=round(now.ahead.total_seconds(), 1),
            )

    def read(self) -> Instant:
        """Now. Asks two clocks of the kernel's and nothing else."""
        mono_s = time.monotonic()
        self._told = now = onwards(self._told, self._tell())
        return Instant(
            at=now.at,
            is_sure=now.is_sure,
            mono_s=mono_s,
            boot=self._sources.boot,
            source=now.source,
            error=now.error,
            doubt=now.doubt,
            ahead=now.ahead,
            up_s=self._sources.up_s(),
        )

    def _tell(self) -> TrustedTime:
        return tell(self._state, self._sources.wall(), self._sources.up_s())

    def _hub_evidence(self) -> Evidence | None:
        status = load_sync_status(self._sync_status) if self._sync_status else None
        told = status.hub_time if status else None
        return _evidence(told) if told and told.boot == self._sources.boot else None


def is_sure_time(entry: Entry) -> bool:
    """Whether the gate vouched for the entry's time when it wrote it."""
    return not entry.clock_unsure and Reason.CLOCK_UNSURE not in entry.reasons


def _evidence(told: HubTime) -> Evidence:
    error = timedelta(milliseconds=told.error_ms)
    return Evidence(ClockSource.HUB, told.at, error, told.up_ms / 1000)
