"""Who vouches for the gate's time, and why nobody does."""

from enum import StrEnum


class ClockSource(StrEnum):
    """Where a time comes from, the strongest first; docs/clock.md weighs them.

    `NTP` and `HUB` are measurements against somebody else's clock, `RTC` and `SYSTEM` go on from
    what somebody once set, and behind the last two there is nobody.
    """

    NTP = "ntp"  # the kernel's clock, while an NTP service keeps it
    HUB = "hub"  # the hub's signed time, with half of the round trip as its error
    RTC = "rtc"  # a clock module with a battery
    SYSTEM = "system"  # the machine's clock by itself, where the settings say that it counts
    UNVERIFIED = "unverified"  # the machine's clock by itself, which proves nothing
    FLOOR = "floor"  # not earlier than this: the machine's clock contradicts what has passed


class ClockDoubt(StrEnum):
    """Why nobody should rely on the time."""

    NO_SOURCE = "no_source"  # the machine's clock is possible, and nothing vouches for it
    BEHIND = "behind"  # the machine's clock is earlier than what has certainly passed, or absurd
    SIGNED_LATER = "signed_later"  # a signature is from the future of the best source
    CONTRADICTION = "contradiction"  # the NTP service and the hub disagree
    MOVED = "moved"  # somebody set the clock that we went by
    FADED = "faded"  # the last evidence is too old
