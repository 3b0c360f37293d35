"""Which way people pass a gate."""

from enum import StrEnum


class Direction(StrEnum):
    """Of a gate, or of somebody who passes it.

    Attributes:
        IN: into the site.
        OUT: out of it.
        BOTH: of a gate only, whose guard says which way people go at present.
    """

    IN = "in"
    OUT = "out"
    BOTH = "both"
