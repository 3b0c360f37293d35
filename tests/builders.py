"""Passes, keys and codes for tests, each with one word for what is special about it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

import cbor2
from msgspec.structs import replace

from scanner.domain.passes import (
    HEALTH_CODE,
    Algorithm,
    Colour,
    Evidence,
    Holder,
    IdKind,
    PassClaims,
    PassKind,
    VerifiedPass,
)
from scanner.formats import base45, cose
from scanner.issuing.health_code import issue_health_code
from scanner.issuing.keys import IssuerKey
from scanner.issuing.phone import Phone
from scanner.issuing.signing import sign
from scanner.trust.algorithms import SCHEMES
from scanner.trust.key_ring import KeyRing

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Order of the curve's group (FIPS 186-4): with (r, s), (r, order - s) is a signature, too."""


def a_pass(**changes: Any) -> PassClaims:
    """A green dynamic code of Zhejiang, a minute old and good for nine more."""
    claims = PassClaims(
        format=HEALTH_CODE,
        kind=PassKind.DYNAMIC,
        issuer="33",
        colour=Colour.GREEN,
        issued_at=NOW - timedelta(minutes=1),
        expires_at=NOW + timedelta(minutes=9),
        code_id=b"code-001",
        holder=Holder("张*三", IdKind.RESIDENT_CARD, "123X"),
    )
    return replace(claims, **changes)


def a_verified_pass(**changes: Any) -> VerifiedPass:
    """The same, proven."""
    evidence = Evidence(HEALTH_CODE, b"key-0001", Algorithm.EDDSA)
    return VerifiedPass(a_pass(**changes), bytes(32), evidence)


def a_key(
    issuer: str = "33",
    algorithm: Algorithm = Algorithm.EDDSA,
    division: str | None = None,
    kinds: frozenset[PassKind] | None = None,
) -> IssuerKey:
    """A key of `issuer`; the same one for the same arguments."""
    return _key(issuer, algorithm, division, kinds)


@cache
def _key(
    issuer: str, algorithm: Algorithm, division: str | None, kinds: frozenset[PassKind] | None
) -> IssuerKey:
    return IssuerKey.generate(issuer, algorithm, division, kinds)


def a_ring(*keys: IssuerKey) -> KeyRing:
    """Trust in `keys`; in Zhejiang's without any."""
    return KeyRing(key.trusted() for key in keys or (a_key(),))


def a_code(key: IssuerKey | None = None, **changes: Any) -> str:
    """The QR text of `a_pass`, signed by Zhejiang unless told otherwise."""
    return issue_health_code(a_pass(**changes), key or a_key())


@cache
def a_phone(algorithm: Algorithm = Algorithm.EDDSA) -> Phone:
    """A phone without a code; the same one for the same algorithm."""
    return Phone.new(algorithm)


def a_bound_code(phone: Phone | None = None, key: IssuerKey | None = None, **changes: Any) -> str:
    """The QR text of `a_pass` for a day, bound to a phone; bare, as its issuer sends it."""
    claims = a_pass(**{"expires_at": NOW + timedelta(days=1), **changes})
    return issue_health_code(claims, key or a_key(), (phone or a_phone()).public_key)


def a_sign1(
    payload: bytes,
    key: IssuerKey,
    *,
    protected: Mapping[Any, object] | bytes | None = None,
    unprotected: Mapping[Any, object] | None = None,
    tags: Sequence[int] = (18,),
    signature: bytes | None = None,
) -> bytes:
    """A COSE_Sign1 with any header, tag and signature; rightly signed unless one is given."""
    if protected is None:
        number = SCHEMES[key.algorithm].cose
        protected = {cose.ALGORITHM_LABEL: number, cose.KEY_ID_LABEL: key.key_id}
    header = protected if isinstance(protected, bytes) else cbor2.dumps(protected)
    if signature is None:
        signature = sign(key.private_key, cose.signed_bytes(header, payload))
    message: object = [header, unprotected or {}, payload, signature]
    for tag in tags:
        message = cbor2.CBORTag(tag, message)
    return cbor2.dumps(message)


def as_health_text(message: bytes) -> str:
    """Any bytes as the text of a health code."""
    return "JKM1:" + base45.encode(message)
