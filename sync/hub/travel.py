"""Two scans of one person that nobody can have travelled between: a suspicion, nothing more. Pure.

A copied code, a lent phone and two people whom a gate cannot tell apart look the same. So the rule
gives every doubt to the traveller: the longest time that the clocks leave open, the straight way,
and a speed that no car keeps up.
"""

import math
from typing import Final

from msgspec import Struct

SPEED_KMH: Final = 150.0
LEAST_KM: Final = 2.0
"""Neighbours of one place: what the distance between their doors is, nobody has measured."""

_EARTH_KM: Final = 6371.0088
_MS_PER_HOUR: Final = 3_600_000


class Place(Struct, frozen=True):
    """Where a gate stands, in degrees of WGS 84, north and east positive."""

    latitude: float
    longitude: float


class Seen(Struct, frozen=True):
    """One scan.

    Attributes:
        gate: number of the gate.
        place: where that gate stands.
        earliest_ms, latest_ms: when it was, as far as clocks can tell, milliseconds since 1970.
    """

    gate: int
    place: Place
    earliest_ms: int
    latest_ms: int

    @property
    def at_ms(self) -> int:
        """The middle of what the clocks leave open."""
        return (self.earliest_ms + self.latest_ms) // 2


def distance_km(one: Place, other: Place) -> float:
    """Along the surface of a sphere (haversine): up to 0.6 % off, at most 20 016 km."""
    first, second = math.radians(one.latitude), math.radians(other.latitude)
    over = math.radians(other.longitude - one.longitude)
    across = math.cos(first) * math.cos(second) * math.sin(over / 2) ** 2
    half = math.sin((second - first) / 2) ** 2 + across
    return 2 * _EARTH_KM * math.asin(math.sqrt(min(1.0, half)))


def longest_ms(one: Seen, other: Seen) -> int:
    """The most time that can lie between two scans, whichever was first."""
    return max(other.latest_ms - one.earliest_ms, one.latest_ms - other.earliest_ms)


def impossible_km(one: Seen, other: Seen) -> float | None:
    """How far apart two scans of one person were, where nobody gets that far; None: it is possible.

    Whoever was seen first does not matter, and one gate never contradicts itself.
    """
    if one.gate == other.gate:
        return None
    apart = distance_km(one.place, other.place)
    if apart < LEAST_KM:
        return None
    reach = SPEED_KMH * longest_ms(one, other) / _MS_PER_HOUR
    return apart if reach < apart else None
