"""Which way people pass a gate."""

from enum import StrEnum


class Direction(StrEnum):
    """Into the site, or out of it."""

    IN = "in"
    OUT = "out"


class GateDirection(StrEnum):
    """Which way a gate leads.

    Attributes:
        BOTH: its guard says which way people go at present.
    """

    IN = "in"
    OUT = "out"
    BOTH = "both"

    @property
    def only(self) -> Direction | None:
        """The one way of a gate that leads one way only."""
        return None if self is GateDirection.BOTH else Direction(self.value)
