"""A guard's badge: a CWT (RFC 8392) in COSE_Sign1 (RFC 9052), Base45 (RFC 9285), prefix `CPB1:`.

Signed by the badge key of the site. It goes past the gate's lens like any code and is never a pass:
no `PassReader` knows it, and nothing of it is recorded but the guard's number. Our own format, so
everything about it is strict. `docs/guards.md` specifies it.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Struct

from scanner.domain.guards import Role, is_guard_id
from scanner.domain.passes import Algorithm
from scanner.formats import base45, cbor, cose, cwt
from scanner.formats.checks import UnreadableError
from scanner.trust.algorithms import is_signed_by

PREFIX: Final = "CPB1:"
SUBJECT: Final = 2
"""`sub` (RFC 8392 section 3.1.2): the guard's number."""
ROLE_CLAIM: Final = -65538
"""A private claim (RFC 8392 section 9.1 leaves integers below -65536 to private use)."""
ROLE_NUMBERS: Final = {Role.GUARD: 1, Role.SUPERVISOR: 2}
LONGEST: Final = timedelta(days=366)
"""No badge holds longer: one that nobody renews is one that nobody misses."""

_MAX_TEXT: Final = 400
_ROLES: Final = {number: role for role, number in ROLE_NUMBERS.items()}
_CLAIMS: Final = frozenset({cwt.ISSUER, SUBJECT, cwt.EXPIRES_AT, cwt.ISSUED_AT, ROLE_CLAIM})


class BadgeFault(StrEnum):
    """Why a badge does not count."""

    UNREADABLE = "unreadable"
    NOT_SIGNED_HERE = "not_signed_here"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"


class Badge(Struct, frozen=True):
    """What a genuine badge says; whether its guard still is one, the roster knows."""

    guard: str
    role: Role
    issued_at: datetime


def is_badge(text: str) -> bool:
    """Whether a text calls itself a badge; nothing about it is checked."""
    return text.startswith(PREFIX)


def read_badge(
    text: str, site: str, public_key: Ed25519PublicKey, now: datetime
) -> Badge | BadgeFault:
    """Verify a badge offline.

    Args:
        text: as decoded; hostile.
        site: whose badges count, as they name it.
        public_key: that site's badge key.
        now: aware UTC, give or take `cwt.SKEW`.
    """
    if len(text) > _MAX_TEXT or not is_badge(text):
        return BadgeFault.UNREADABLE
    try:
        envelope = cose.parse(base45.decode(text.removeprefix(PREFIX)), strict=True)
        if not is_signed_by(envelope.signed, public_key, Algorithm.EDDSA):
            return BadgeFault.NOT_SIGNED_HERE
        claims = cbor.read(envelope.payload, strict=True)
        if not cbor.is_map(claims) or set(claims) != _CLAIMS:
            return BadgeFault.UNREADABLE
        times = cwt.read_times(claims, strict=True)
    except UnreadableError:
        return BadgeFault.UNREADABLE
    guard, number = claims[SUBJECT], claims[ROLE_CLAIM]
    role = _ROLES.get(number) if type(number) is int else None
    if not isinstance(guard, str) or not is_guard_id(guard) or role is None:
        return BadgeFault.UNREADABLE
    if claims[cwt.ISSUER] != site:
        return BadgeFault.NOT_SIGNED_HERE
    issued_at, expires_at = times.issued_at, times.expires_at
    if issued_at is None or expires_at is None or expires_at - issued_at > LONGEST:
        return BadgeFault.UNREADABLE
    if issued_at - now > cwt.SKEW:
        return BadgeFault.NOT_YET_VALID
    if now - expires_at >= cwt.SKEW:
        return BadgeFault.EXPIRED
    return Badge(guard, role, issued_at)
