"""What the machine itself says about the time: kernel clock, NTP state, clock module. Read-only."""

import ctypes
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

from scanner.domain.clock import ClockSource
from scanner.trust.clock import RTC_ERROR
from scanner.trust.evidence import Evidence, Reading

RTC_FOLDER: Final = Path("/sys/class/rtc")
_RTC_EVERY_S: Final = 10.0
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
_UNSYNCHRONISED_US: Final = 16_000_000
_LATEST_S: Final = 32_503_680_000  # the year 3000


class TimeSources(Protocol):
    """The machine's clocks. `wall` and `up_s` are cheap; `read` may touch a bus."""

    @property
    def boot(self) -> str:
        """The kernel's boot id."""
        ...

    def wall(self) -> datetime:
        """The machine's clock, aware UTC."""
        ...

    def up_s(self) -> float:
        """Seconds since boot, sleep included (CLOCK_BOOTTIME)."""
        ...

    def read(self) -> Reading:
        """Everything, for weighing; without the hub's time."""
        ...


class MachineTime:
    """`TimeSources` of this machine.

    Args:
        rtc_folder: where the kernel lists clock modules.
    """

    def __init__(self, rtc_folder: Path = RTC_FOLDER) -> None:
        self._rtc_folder = rtc_folder
        self._boot = _BOOT_ID.read_text("ascii").strip()
        self._rtc: Evidence | None = None
        self._rtc_due_s = 0.0

    @property
    def boot(self) -> str:
        """The kernel's boot id."""
        return self._boot

    def wall(self) -> datetime:
        """The machine's clock, aware UTC."""
        return datetime.now(UTC)

    def up_s(self) -> float:
        """Seconds since boot, sleep included."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def read(self) -> Reading:
        """Everything, for weighing; a clock module on a slow bus is asked every ten seconds."""
        up_s = self.up_s()
        if up_s >= self._rtc_due_s:
            self._rtc_due_s = up_s + _RTC_EVERY_S
            at = read_rtc(self._rtc_folder)
            up_s = self.up_s()
            self._rtc = Evidence(ClockSource.RTC, at, RTC_ERROR, up_s) if at else None
        return Reading(up_s, self.wall(), ntp_error=kernel_error(), rtc=self._rtc)


def read_rtc(folder: Path) -> datetime | None:
    """What the clock module says, in whole seconds; None without one, or when it has no time.

    The kernel's own choice (`hctosys`) comes first. Source: the kernel's
    Documentation/ABI/testing/sysfs-class-rtc.
    """
    modules = sorted(folder.glob("rtc*"), key=lambda module: (not _sets_clock(module), module.name))
    for module in modules:
        text = _line(module / "since_epoch")
        if text.isascii() and text.isdigit() and int(text) < _LATEST_S:
            return datetime.fromtimestamp(int(text), UTC)
    return None


class _Timex(ctypes.Structure):
    """`struct timex` up to what is read here; `rest` is longer than what the kernel writes."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("rest", ctypes.c_char * 256),
    )


def kernel_error() -> timedelta | None:
    """How far the kernel's clock may be off while an NTP service keeps it; None while none does.

    Asks adjtimex(2) with no mode set, which changes nothing and needs no right. The rule is the one
    behind timedated's `NTPSynchronized` (systemd's `ntp_synced`): a maximum error below 16 s. The
    kernel lets it grow by 500 ppm after the last correction and sets it to 16 s when somebody sets
    the clock by hand. STA_UNSYNC is left out for the same reason as there: some services set it to
    keep the kernel from writing the clock module.
    """
    state = _Timex(modes=0)
    if _LIBC.adjtimex(ctypes.byref(state)) < 0:
        return None  # forbidden, as by ProtectClock=yes: then nobody vouches
    error_us = int(state.maxerror)
    return timedelta(microseconds=error_us) if 0 <= error_us < _UNSYNCHRONISED_US else None


_LIBC: Final = ctypes.CDLL(None)


def _sets_clock(module: Path) -> bool:
    return _line(module / "hctosys") == "1"


def _line(file: Path) -> str:
    """The content of a small file of the kernel's; empty when the module does not answer."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        return os.read(descriptor, 32).decode("ascii", "replace").strip()
    except OSError:
        return ""  # a module that lost its power says EINVAL
    finally:
        os.close(descriptor)
