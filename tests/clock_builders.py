"""A box whose clocks do what a test says, second by second."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from scanner.domain.clock import ClockSource
from scanner.trust.clock import RTC_ERROR, ClockState, TrustedTime, onwards, tell, weigh
from scanner.trust.evidence import Evidence, Reading

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
BOOT = "5f1c7a52-7a52-4c1e-9d3b-0242ac120002"
NTP_WELL = timedelta(milliseconds=20)


def seconds(span: float) -> timedelta:
    return timedelta(seconds=span)


def hub_evidence(at: datetime, up_s: float, error_s: float = 0.2) -> Evidence:
    return Evidence(ClockSource.HUB, at, seconds(error_s), up_s)


@dataclass
class Box:
    """`TimeSources` of a machine that was switched on at true time `started`.

    Attributes:
        passed_s: since then.
        wall_off, rtc_off: how far its clocks are ahead of the truth; no clock module with None.
        ntp_error: while an NTP service keeps the clock.
    """

    started: datetime = NOON
    passed_s: float = 100.0
    wall_off: timedelta = timedelta(0)
    rtc_off: timedelta | None = None
    ntp_error: timedelta | None = None
    boot: str = field(default=BOOT)
    asked: int = 0

    @property
    def truth(self) -> datetime:
        return self.started + seconds(self.passed_s)

    def wall(self) -> datetime:
        return self.truth + self.wall_off

    def up_s(self) -> float:
        return self.passed_s

    def wall_says(self, at: datetime) -> None:
        self.wall_off = at - self.truth

    def read(self) -> Reading:
        self.asked += 1
        rtc = None
        if self.rtc_off is not None:
            at = (self.truth + self.rtc_off).replace(microsecond=0)
            rtc = Evidence(ClockSource.RTC, at, RTC_ERROR, self.passed_s)
        return Reading(self.passed_s, self.wall(), self.ntp_error, rtc)


class Watch:
    """A state with the box that it watches."""

    def __init__(self, box: Box, state: ClockState | None = None) -> None:
        self.box = box
        self.state = state or ClockState()
        self.told: TrustedTime | None = None

    def look(self, passed_s: float = 0.0, hub: Evidence | None = None) -> TrustedTime:
        """Let time pass, weigh, tell."""
        self.box.passed_s += passed_s
        self.state = weigh(self.state, replace(self.box.read(), hub=hub))
        self.told = onwards(self.told, tell(self.state, self.box.wall(), self.box.up_s()))
        return self.told

    def off(self, told: TrustedTime) -> timedelta:
        return told.at - self.box.truth
