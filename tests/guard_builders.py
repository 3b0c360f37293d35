"""Guards of a site: a roster whose PINs cost nothing to compare, and badges."""

import os
from datetime import datetime, timedelta
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from scanner.domain.guards import Role
from scanner.gate.guard_messages import SecondPerson
from scanner.guards.roster import BadgeIssuer, Roster, RosterGuard
from scanner.issuing.guard_badge import issue_badge
from tests.builders import NOW

SITE: Final = "east"
BADGE_KEY: Final = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PINS: Final = {"07": "4711", "08": "8265", "90": "907153", "91": "315790"}
"""07 and 08 are guards, 90 and 91 supervisors; 09 is a guard who has a badge only."""


def cheap(pin: str) -> str:
    """A PIN sealed with the least memory and time that a roster takes."""
    hasher = Argon2id(salt=os.urandom(16), length=32, iterations=1, lanes=1, memory_cost=8)
    return hasher.derive_phc_encoded(pin.encode())


ROSTER: Final = Roster(
    (
        *(
            RosterGuard(number, Role.SUPERVISOR if number > "89" else Role.GUARD, cheap(pin))
            for number, pin in PINS.items()
        ),
        RosterGuard("09", Role.GUARD),
    ),
    BadgeIssuer(SITE, BADGE_KEY.public_key().public_bytes_raw()),
)


def second(guard: str, pin: str | None = None) -> SecondPerson:
    return SecondPerson(guard, PINS[guard] if pin is None else pin)


def a_badge(
    guard: str = "07",
    role: Role = Role.GUARD,
    *,
    issued_at: datetime = NOW - timedelta(hours=1),
    expires_at: datetime = NOW + timedelta(days=1),
    key: Ed25519PrivateKey = BADGE_KEY,
) -> str:
    return issue_badge(
        key, site=SITE, guard=guard, role=role, issued_at=issued_at, expires_at=expires_at
    )
