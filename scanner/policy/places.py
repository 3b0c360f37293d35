"""Where a gate stands and whom it expects, as far as it was told. Pure."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

import msgspec

from scanner.domain.direction import Direction
from scanner.domain.passes import PassClaims, PassKind

CHINA: Final = timedelta(hours=8)
"""One time zone for the whole country, without a summer time."""


class SiteType(StrEnum):
    """What lies behind the gate.

    Attributes:
        COMPOUND: where people live.
        VENUE: a shop, a market, a station: whoever comes is a stranger.
        TEMPERATURE_POINT: a road or a station hall where people are measured.
    """

    COMPOUND = "compound"
    OFFICE = "office"
    VENUE = "venue"
    TEMPERATURE_POINT = "temperature_point"


class Person(StrEnum):
    """As what somebody comes; elders and children have passes of their own."""

    RESIDENT = "resident"
    WORKER = "worker"
    VISITOR = "visitor"
    STAFF = "staff"
    ELDER = "elder"
    CHILD = "child"


class Place(msgspec.Struct, frozen=True):
    """A gate's own circumstances; None is unknown, which never makes a verdict milder.

    Attributes:
        site: what lies behind the gate.
        direction: which way it leads.
        person: as what most people come here.
        utc_offset: of the local time, which hours and weekdays of rules mean.
    """

    site: SiteType | None = None
    direction: Direction | None = None
    person: Person | None = None
    utc_offset: timedelta = CHINA


NOWHERE: Final = Place()

_CHILDREN: Final = frozenset({"child", "son", "daughter", "grandchild", "ward", "孩子", "子女"})
_ELDERS: Final = frozenset({"elder", "parent", "mother", "father", "grandparent", "老人", "父母"})


def person_of(claims: PassClaims | None, chosen: Person | None, place: Place) -> Person | None:
    """As what somebody comes: by the guard's choice, else the pass, else what the gate expects.

    Args:
        claims: of a genuine pass; None without one.
        chosen: what a guard chose for somebody without a code.
        place: of the gate.
    """
    if chosen is not None or claims is None:
        return chosen or place.person
    match claims.kind:
        case PassKind.VISITOR:
            return Person.VISITOR
        case PassKind.PAPER:
            return Person.RESIDENT
        case PassKind.DEPENDANT:
            relation = claims.dependant.relation.lower() if claims.dependant else ""
            if relation in _CHILDREN:
                return Person.CHILD
            return Person.ELDER if relation in _ELDERS else None
        case _:
            return place.person
