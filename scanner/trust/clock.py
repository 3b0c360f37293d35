"""Time that never runs backwards. A Pi has no clock that survives a power cut."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ClockReading:
    """The time to decide by, and whether anybody should rely on it."""

    now: datetime
    is_sure: bool


def read_clock(wall: datetime, *floors: datetime) -> ClockReading:
    """Judge the wall clock against what is certain to be past.

    Args:
        wall: what the machine's clock says, aware UTC.
        floors: moments that have certainly passed: the last ledger entry, the newest signed
            metadata. Nothing here may be later than now.

    Returns:
        The wall time, sure; or the latest floor, unsure, when the wall clock lies before it.
    """
    floor = max(floors, default=wall)
    return ClockReading(wall, is_sure=True) if wall >= floor else ClockReading(floor, is_sure=False)
