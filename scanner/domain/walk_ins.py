"""People who come without a code: who they are to the gate, and what is known of them.

The manual path is first class: a code must not be the only credential (State Council Office,
24 November 2020). The machine proves nothing here, so that it never admits; the guard does.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec

from scanner.domain.passes import IdKind
from scanner.domain.reasons import GuardReason

MAX_DEPENDANTS: Final = 10
"""With one guardian in one go; a school class comes in groups."""
MAX_FIELD: Final = 40
"""Characters of a visitor's host and name."""
_PHONE_DIGITS: Final = range(3, 16)
"""A short number of the house up to E.164's longest."""


class PersonKind(StrEnum):
    """What brings somebody to the guard instead of a code."""

    ELDER = "elder"
    CHILD = "child"
    PAPER_PASS = "paper_pass"
    GUARDIAN = "guardian"
    DEPENDANT = "dependant"
    RESIDENT_CARD = "resident_card"
    TYPED_NUMBER = "typed_number"
    PASSPORT = "passport"
    HONG_KONG_MACAU_PERMIT = "hong_kong_macau_permit"
    TAIWAN_PERMIT = "taiwan_permit"
    VISITOR = "visitor"
    STAFF = "staff"
    EMERGENCY = "emergency"


ALWAYS_MEASURED: Final = frozenset(
    {PersonKind.ELDER, PersonKind.CHILD, PersonKind.PAPER_PASS, PersonKind.DEPENDANT}
)
"""Who passes after a temperature only, whatever a site's rules say."""

DOCUMENTS: Final[Mapping[PersonKind, IdKind]] = {
    PersonKind.RESIDENT_CARD: IdKind.RESIDENT_CARD,
    PersonKind.PASSPORT: IdKind.PASSPORT,
    PersonKind.HONG_KONG_MACAU_PERMIT: IdKind.HONG_KONG_MACAU_PERMIT,
    PersonKind.TAIWAN_PERMIT: IdKind.TAIWAN_PERMIT,
}
"""Whose document's number is typed."""

NUMBERED: Final = frozenset({*DOCUMENTS, PersonKind.TYPED_NUMBER})
"""Who comes with a number: a document's, or one that the site has registered."""

GUARD_REASONS: Final[Mapping[PersonKind, GuardReason]] = {
    PersonKind.ELDER: GuardReason.ELDER_WITHOUT_PHONE,
    PersonKind.CHILD: GuardReason.CHILD_WITH_GUARDIAN,
    PersonKind.PAPER_PASS: GuardReason.PAPER_PASS,
    PersonKind.GUARDIAN: GuardReason.GUARDIAN_OF_DEPENDANTS,
    PersonKind.DEPENDANT: GuardReason.CHILD_WITH_GUARDIAN,
    PersonKind.RESIDENT_CARD: GuardReason.ID_REGISTERED,
    PersonKind.TYPED_NUMBER: GuardReason.ID_REGISTERED,
    PersonKind.PASSPORT: GuardReason.ID_REGISTERED,
    PersonKind.HONG_KONG_MACAU_PERMIT: GuardReason.ID_REGISTERED,
    PersonKind.TAIWAN_PERMIT: GuardReason.ID_REGISTERED,
    PersonKind.VISITOR: GuardReason.VISITOR_REGISTERED,
    PersonKind.STAFF: GuardReason.STAFF_ON_DUTY,
    PersonKind.EMERGENCY: GuardReason.EMERGENCY_MEDICAL,
}
"""Why the guard lets each of them in, as the decision's entry says it."""

MEASURED: Final = frozenset(GUARD_REASONS[kind] for kind in ALWAYS_MEASURED)
"""Reasons for which nobody is let in without a visit, in which the temperature stands."""


class Attendee(msgspec.Struct, frozen=True):
    """One person without a code, as far as a decision needs to know; no name and no number.

    Attributes:
        kind: what the guard tapped.
        refused_earlier: a guard refused the same number here today.
        party: visit of the guardian with whom this dependant comes.
        place: which one of the dependants, from 1; 0 for everybody else.
        dependants: how many come with this guardian, or with this dependant's.
        guardian_admitted: False while a dependant's guardian is not.
    """

    kind: PersonKind
    refused_earlier: bool = False
    party: int | None = None
    place: int = 0
    dependants: int = 0
    guardian_admitted: bool = True

    @property
    def is_followed(self) -> bool:
        """Whether others of the same party are still to come."""
        return self.place < self.dependants


class TypedNumber(msgspec.Struct, frozen=True):
    """A number on its way from the keys to the pseudonym."""

    text: str

    def __repr__(self) -> str:
        """Without the number: a repr ends up in logs and tracebacks."""
        return "TypedNumber()"


class VisitorDetails(msgspec.Struct, frozen=True):
    """Whom a visitor visits and how to reach the visitor. Sealed to the hub, never shown again.

    Attributes:
        host: flat or unit that is visited.
        phone: the visitor's, digits only.
        name: of the visitor; empty where nobody asked.
    """

    host: str
    phone: str
    name: str = ""

    def __repr__(self) -> str:
        """Without the person: a repr ends up in logs and tracebacks."""
        return "VisitorDetails()"

    @property
    def is_complete(self) -> bool:
        """Host and phone are there, and nothing is too long or steers a screen."""
        return (
            0 < len(self.host.strip()) <= MAX_FIELD
            and len(self.name) <= MAX_FIELD
            and (self.host + self.name).isprintable()
            and is_phone(self.phone)
        )


def is_phone(digits: str) -> bool:
    """Whether somebody can be reached under these digits, as far as their count tells."""
    return digits.isascii() and digits.isdigit() and len(digits) in _PHONE_DIGITS
