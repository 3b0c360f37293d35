"""The time to decide by, with its source and its uncertainty. Pure: readings come in.

`weigh` takes what the machine says, about once a second, and chooses the evidence to go on from;
`tell` projects that evidence to a moment. Between two pieces of evidence time goes on with the
seconds since boot, so a step of the wall clock changes nothing by itself. docs/clock.md has the
table of situations.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from scanner.domain.clock import ClockDoubt, ClockSource
from scanner.trust.evidence import (
    AGREE_WITHIN,
    BUILT_AT,
    DRIFT,
    END_OF_USE,
    Evidence,
    Floor,
    Reading,
)

SURE_WITHIN: Final = timedelta(seconds=60)
"""Expiry checks allow that much; a time that is less certain decides nothing."""

NTP_ERROR: Final = timedelta(seconds=0.5)
"""On top of the kernel's bound: timesyncd reports 0 while it still slews up to 0.4 s away."""

RTC_ERROR: Final = timedelta(seconds=30)
"""Of a clock module. Nobody knows when it was set: a DS3231 (2 ppm) takes half a year for it."""

SYSTEM_ERROR: Final = timedelta(seconds=10)
"""Of the machine's own clock where the settings say that somebody keeps it."""

_STEADY: Final = timedelta(seconds=5)
_RESOLUTION: Final = timedelta(seconds=2)
_VETO_S: Final = 86_400.0
"""How long a measurement of the hub's time outweighs an NTP service that contradicts it.

So long, too, what was measured outweighs an NTP service that goes back behind it by itself.
"""

_MEASURED: Final = frozenset({ClockSource.NTP, ClockSource.HUB})


@dataclass(frozen=True, slots=True)
class TrustedTime:
    """The time to decide by.

    Attributes:
        at: aware UTC; never before what has certainly passed.
        source: who vouches for it.
        error: give or take so much; None where nobody vouches.
        doubt: why it is not to be relied on; None while it is sure.
        ahead: how far the machine's own clock is before `at`; negative when it is behind.
    """

    at: datetime
    source: ClockSource
    error: timedelta | None
    doubt: ClockDoubt | None
    ahead: timedelta = timedelta(0)

    @property
    def is_sure(self) -> bool:
        """True while `at` may decide whether a code has expired."""
        return self.doubt is None


@dataclass(frozen=True, slots=True)
class ClockState:
    """What is known about the time between two readings.

    Attributes:
        system_counts: the settings say that the machine's clock is right by itself.
        signed: build time and the signature in force; no source overrides it.
        recorded: the last entry that was written with a sure clock. A measured time overrides it:
            so a gate that once ran ahead heals.
        base: the evidence that time goes on from.
        hub: the newest measurement of the hub's time.
        measured: what had passed by the last measurement that counted, or the last entry by one.
        contradiction, moved: what the last weighing found wrong.
    """

    system_counts: bool = False
    signed: Floor = field(default=Floor(BUILT_AT))
    recorded: Floor | None = None
    base: Evidence | None = None
    hub: Evidence | None = None
    measured: Floor | None = None
    contradiction: bool = False
    moved: bool = False

    def floor(self, up_s: float) -> datetime:
        """What has passed by `up_s`."""
        signed = self.signed.later(up_s)
        return signed if self.recorded is None else max(signed, self.recorded.later(up_s))

    def after_signature(self, at: datetime, up_s: float) -> "ClockState":
        """The newest bundle was signed at `at`, and is here.

        One that was signed before its predecessor says that the predecessor was dated ahead, by a
        thief or by a publisher's wrong clock: what that claimed has not passed.
        """
        before = Floor(BUILT_AT) if at + SURE_WITHIN < self.signed.at else self.signed
        return replace(self, signed=before.risen(at, up_s))

    def after_entry(self, at: datetime, up_s: float = 0.0) -> "ClockState":
        """An entry was written at `at`, by a sure clock, `up_s` after boot or before it."""
        known = self.recorded or Floor(at, up_s)
        return replace(self, recorded=known.risen(at, up_s))

    def after_measured(self, evidence: Evidence) -> "ClockState":
        """An entry was written by `evidence`; at 0 s after boot where that was an earlier boot."""
        if evidence.source not in _MEASURED:
            return self
        return replace(self, measured=_passed(evidence))

    def remembering(self, evidence: Evidence) -> "ClockState":
        """The process was restarted: an entry of this boot tells how sure the time was then."""
        return replace(self.after_measured(evidence), base=evidence)


def tell(state: ClockState, wall: datetime, up_s: float) -> TrustedTime:
    """The time at `up_s`, when the machine's clock says `wall`."""
    floor = state.floor(up_s)
    if state.base is None:
        if floor <= wall <= END_OF_USE:
            return TrustedTime(wall, ClockSource.UNVERIFIED, None, ClockDoubt.NO_SOURCE)
        return TrustedTime(floor, ClockSource.FLOOR, None, ClockDoubt.BEHIND, wall - floor)
    now = state.base.later(up_s)
    signed = state.signed.later(up_s)
    if now.at + now.error + SURE_WITHIN < signed:
        return TrustedTime(signed, ClockSource.FLOOR, None, ClockDoubt.SIGNED_LATER, wall - signed)
    return TrustedTime(now.at, now.source, now.error, _doubt(state, now), wall - now.at)


def onwards(before: TrustedTime | None, now: TrustedTime) -> TrustedTime:
    """`now`, but a correction within the earlier error stops the time instead of turning it back.

    A larger one is no correction of the same time: the earlier one was wrong.
    """
    if before is None or before.error is None or not (before.is_sure and now.is_sure):
        return now
    back = before.at - now.at
    return replace(now, at=before.at) if timedelta(0) < back <= before.error else now


def weigh(state: ClockState, reading: Reading) -> ClockState:
    """Choose the evidence to go on from.

    What is measured against somebody else's clock comes first, and of several that agree the one
    with the least error. Without it, a clock module or the machine's own clock may begin, and then
    has to run as steadily as the seconds since boot.
    """
    state = replace(state, hub=_newer_hub(state.hub, reading), contradiction=False)
    ntp, hub = _ntp(reading), _fresh_hub(state.hub, reading.up_s)
    held = state.base if state.base is not None and state.base.source in _MEASURED else None
    if ntp is not None and hub is not None and not ntp.agrees(hub):
        if reading.up_s - hub.up_s <= _VETO_S:
            state = replace(state, base=hub, measured=_passed(hub))
            return replace(state, recorded=None, contradiction=True, moved=False)
        hub = None
    if ntp is not None and hub is None and _turns_back(state.measured, ntp):
        return replace(_unattended(state, reading), contradiction=True)
    if ntp is None and (hub is None or (held is not None and held.up_s >= hub.up_s)):
        return _unattended(state, reading)
    newest = ntp or hub
    found = [each for each in (newest, hub, held) if each and newest and each.agrees(newest)]
    best = min(found, key=lambda each: each.later(reading.up_s).error)
    measured = _passed(best.later(reading.up_s))
    return replace(state, base=best, recorded=None, measured=measured, moved=False)


def _doubt(state: ClockState, now: Evidence) -> ClockDoubt | None:
    if state.contradiction:
        return ClockDoubt.CONTRADICTION
    if state.moved:
        return ClockDoubt.MOVED
    return ClockDoubt.FADED if now.error > SURE_WITHIN else None


def _ntp(reading: Reading) -> Evidence | None:
    if reading.ntp_error is None:
        return None
    ntp = Evidence(ClockSource.NTP, reading.wall, reading.ntp_error + NTP_ERROR, reading.up_s)
    return ntp if ntp.is_plausible else None


def _passed(evidence: Evidence) -> Floor:
    return Floor(evidence.at - evidence.error, evidence.up_s)


def _turns_back(measured: Floor | None, ntp: Evidence) -> bool:
    """Anybody on the network can be an NTP server, and an earlier time revives what has expired."""
    if measured is None or ntp.up_s - measured.up_s > _VETO_S:
        return False
    return ntp.at + ntp.error + AGREE_WITHIN < measured.later(ntp.up_s)


def _newer_hub(known: Evidence | None, reading: Reading) -> Evidence | None:
    hub = reading.hub
    if hub is None or hub.up_s > reading.up_s or not hub.is_plausible:
        return known
    return hub if known is None or hub.up_s > known.up_s else known


def _fresh_hub(hub: Evidence | None, up_s: float) -> Evidence | None:
    return hub if hub is not None and hub.later(up_s).error <= SURE_WITHIN else None


def _unattended(state: ClockState, reading: Reading) -> ClockState:
    """Go on without news of anybody else's clock."""
    base = state.base
    if base is None:
        return replace(state, base=_first(state, reading))
    now = base.later(reading.up_s)
    own = _own(state, reading)
    if base.source in _MEASURED:
        better = (each for each in own if each.error < now.error and each.agrees(now))
        return replace(state, base=next(better, base))
    seen = next((each for each in own if each.source is base.source), None)
    if seen is None:
        return state
    off = abs(seen.at - now.at)
    if off > _STEADY + timedelta(seconds=DRIFT * (reading.up_s - base.up_s)):
        return replace(state, moved=True)
    # Going on with our own seconds hides that a clock module only tells whole ones.
    at = now.at if off <= _RESOLUTION else seen.at
    return replace(state, base=replace(seen, at=at), moved=False)


def _first(state: ClockState, reading: Reading) -> Evidence | None:
    """What to begin with: nothing that contradicts what has passed."""
    floor = state.floor(reading.up_s)
    return next((each for each in _own(state, reading) if each.at + each.error >= floor), None)


def _own(state: ClockState, reading: Reading) -> list[Evidence]:
    """This box's own clocks that may count by themselves, the better one first."""
    clocks = []
    if reading.rtc is not None:
        clocks.append(replace(reading.rtc.later(reading.up_s), error=reading.rtc.error))
    if state.system_counts:
        clocks.append(Evidence(ClockSource.SYSTEM, reading.wall, SYSTEM_ERROR, reading.up_s))
    return [clock for clock in clocks if clock.is_plausible]
