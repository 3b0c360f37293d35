"""The numbers of the health code's claims: `docs/health-code.md` as tables.

Issuer and gate share them, so that neither can drift from the document.
"""

from enum import IntEnum
from typing import Final

from scanner.domain.passes import Colour, IdKind, PassKind

PREFIX: Final = "JKM1:"
HEALTH_CLAIM: Final = -65537
"""The private CWT claim that holds the map of the numbers below."""


class Claim(IntEnum):
    """Keys of the health claim's map."""

    KIND = 1
    COLOUR = 2
    MASKED_NAME = 3
    ID_KIND = 4
    ID_SUFFIX = 5
    DIVISION = 6
    SCOPE = 7
    TEST = 8
    VACCINE = 9
    REASON_CLASS = 10
    HARD_LINE = 11
    COLOUR_SINCE = 12
    HOUSEHOLD = 13
    DEPENDANT = 14
    POLICY_VERSION = 15


class TestClaim(IntEnum):
    """Keys of the test's map."""

    KIND = 1
    NEGATIVE = 2
    SAMPLED_AT = 3
    REPORTED_AT = 4


class VaccineClaim(IntEnum):
    """Keys of the vaccine's map."""

    DOSES = 1
    LAST_DAY = 2


class DependantClaim(IntEnum):
    """Keys of the dependant's map."""

    RELATION = 1
    MASKED_GUARDIAN = 2


KIND_NUMBERS: Final = {
    PassKind.DYNAMIC: 1,
    PassKind.PAPER: 2,
    PassKind.DEPENDANT: 3,
    PassKind.VISITOR: 4,
    PassKind.NATIONAL: 5,
}
COLOUR_NUMBERS: Final = {
    Colour.NONE: 0,
    Colour.GREEN: 1,
    Colour.YELLOW: 2,
    Colour.RED: 3,
    Colour.PENDING: 4,
}
ID_KIND_NUMBERS: Final = {
    IdKind.RESIDENT_CARD: 1,
    IdKind.PASSPORT: 2,
    IdKind.HONG_KONG_MACAU_PERMIT: 3,
    IdKind.TAIWAN_PERMIT: 4,
    IdKind.OTHER: 5,
}

MAX_NAME: Final = 40
MAX_SCOPE: Final = 64
MAX_WORD: Final = 32
MAX_DOSES: Final = 99
MAX_CODE_ID: Final = 64
