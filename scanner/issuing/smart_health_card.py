"""Issuing SMART Health Cards that look real, under a test key: for demo, tests and pilots."""

import json
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from scanner.domain.passes import Algorithm, PassKind
from scanner.formats import base64url, jws
from scanner.formats import smart_health_card_codes as codes
from scanner.formats.readers.smart_health_card import HEALTH_CARD, PREFIX, encode_digits
from scanner.issuing.keys import IssuerKey
from scanner.issuing.signing import sign
from scanner.trust.algorithms import SCHEMES
from scanner.trust.keys import PublicKey

MOST_IN_ONE_CODE: Final = 1195
MOST_IN_A_PART: Final = 1191
"""Characters of a JWS ("Chunking Larger SHCs")."""

_P256_BYTES: Final = 32
_VACCINE: Final = "207"
_PCR: Final = "94500-6"


def new_key(issuer: str) -> IssuerKey:
    """A new ES256 key whose kid is its JWK thumbprint, as verifiers of these cards expect.

    Args:
        issuer: the https address without final slash that its cards name.
    """
    key = IssuerKey.generate(issuer, Algorithm.ES256)
    return replace(key, key_id=thumbprint(key.private_key.public_key()).encode())


def jwk(public: PublicKey) -> dict[str, str]:
    """A public key as a JSON Web Key (RFC 7517), for the issuer's `jwks.json`.

    Raises:
        ValueError: it is no P-256 key.
    """
    if not isinstance(public, EllipticCurvePublicKey):
        raise ValueError("SMART Health Cards are signed by P-256 keys only")
    numbers = public.public_numbers()
    x, y = (
        base64url.encode(value.to_bytes(_P256_BYTES, "big")) for value in (numbers.x, numbers.y)
    )
    return {"crv": "P-256", "kty": "EC", "x": x, "y": y}


def thumbprint(public: PublicKey) -> str:
    """The SHA-256 JWK thumbprint (RFC 7638): what a card names its key by.

    Raises:
        ValueError: it is no P-256 key.
    """
    return base64url.encode(sha256(_minified(jwk(public))).digest())


def issue_smart_health_card(
    key: IssuerKey,
    *,
    now: datetime,
    kind: PassKind = PassKind.VACCINATION,
    family: str = "Anyperson",
    given: Sequence[str] = ("John", "B."),
    negative: bool = True,
    valid_for: timedelta | None = None,
    rid: str | None = None,
) -> str:
    """The text for the QR code of a vaccination or test card.

    Args:
        key: signs it; its issuer is what the card names.
        now: when it is issued; the medical events lie a plausible time before.
        kind: vaccination or test.
        family: surname of the holder.
        given: forenames.
        negative: the result, for a test.
        valid_for: until the card expires; such cards usually do not.
        rid: revocation id, up to 24 characters of base64url.

    Raises:
        ValueError: these cards have no such kind.
    """
    patient = {"resourceType": "Patient", "name": [{"family": family, "given": list(given)}]}
    if kind is PassKind.VACCINATION:
        facts = _doses(now)
    elif kind is PassKind.TEST:
        facts = [_test(now, negative=negative)]
    else:
        raise ValueError(f"SMART Health Cards have no kind {kind}")
    credential = encode_credential([patient, *facts])
    if rid is not None:
        credential["rid"] = rid
    claims: dict[str, object] = {"iss": key.issuer, "nbf": now.timestamp(), "vc": credential}
    if valid_for is not None:
        claims["exp"] = (now + valid_for).timestamp()
    return PREFIX + encode_digits(sign_card(claims, key))


def encode_credential(resources: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """The `vc` claim around these FHIR resources."""
    entries = [
        {"fullUrl": f"resource:{at}", "resource": resource} for at, resource in enumerate(resources)
    ]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    subject = {"fhirVersion": "4.0.1", "fhirBundle": bundle}
    return {"type": [HEALTH_CARD], "credentialSubject": subject}


def sign_card(
    claims: Mapping[str, object] | bytes,
    key: IssuerKey,
    *,
    header: Mapping[str, object] | None = None,
) -> str:
    """Any claims, valid or not, minified, deflated and signed, as a compact JWS.

    Args:
        claims: an object, or the bytes that stand for one.
        key: signs it.
        header: instead of the one that a card needs.
    """
    if header is None:
        name = SCHEMES[key.algorithm].jose
        kid = key.key_id.decode(errors="replace")  # a province's kid is no text
        header = {"zip": jws.DEFLATE, "alg": name, "kid": kid}
    payload = claims if isinstance(claims, bytes) else _minified(claims)
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    parts = (_minified(header), packer.compress(payload) + packer.flush())
    signing_input = ".".join(map(base64url.encode, parts))
    signature = sign(key.private_key, signing_input.encode("ascii"))
    return f"{signing_input}.{base64url.encode(signature)}"


def split_card(text: str, parts: int | None = None) -> list[str]:
    """A card as the texts of several codes of about the same size; one that is enough stays whole.

    Args:
        text: as `issue_smart_health_card` returned it.
        parts: how many; by default as few as the specification allows.
    """
    digits = text.removeprefix(PREFIX)
    characters = len(digits) // 2
    if parts is None:
        one = characters <= MOST_IN_ONE_CODE
        parts = 1 if one else math.ceil(characters / MOST_IN_A_PART)
    if parts == 1:
        return [text]
    share = 2 * math.ceil(characters / parts)
    bodies = [digits[at : at + share] for at in range(0, len(digits), share)]
    return [f"{PREFIX}{at}/{len(bodies)}/{body}" for at, body in enumerate(bodies, 1)]


def _doses(now: datetime) -> list[dict[str, object]]:
    return [
        {
            "resourceType": "Immunization",
            "status": "completed",
            "vaccineCode": _concept(codes.CVX, _VACCINE),
            "patient": {"reference": "resource:0"},
            "occurrenceDateTime": (now - timedelta(days=days)).date().isoformat(),
        }
        for days in (58, 30)
    ]


def _test(now: datetime, *, negative: bool) -> dict[str, object]:
    result = codes.NOT_DETECTED if negative else codes.DETECTED
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": _concept(codes.LOINC, _PCR),
        "subject": {"reference": "resource:0"},
        "effectiveDateTime": (now - timedelta(hours=6)).isoformat(timespec="seconds"),
        "valueCodeableConcept": _concept(codes.SNOMED, result),
    }


def _concept(system: str, code: str) -> dict[str, object]:
    return {"coding": [{"system": system, "code": code}]}


def _minified(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
