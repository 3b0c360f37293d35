"""JWS in compact form (RFC 7515 section 7.1): taken apart strictly."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

import msgspec

from scanner.domain.passes import Algorithm, SignedMessage
from scanner.formats import base64url, strict_json
from scanner.formats.checks import Check, UnreadableError
from scanner.trust.algorithms import SCHEMES

DEFLATE: Final = "DEF"

_ALGORITHMS: Final = {scheme.jose: algorithm for algorithm, scheme in SCHEMES.items()}
_HEADER_DEPTH: Final = 4


class Jws(msgspec.Struct, frozen=True):
    """A compact JWS taken apart, nothing of it proven.

    Attributes:
        payload: the payload's bytes; raw DEFLATE when `is_deflated`.
        is_deflated: the header says `"zip": "DEF"` (RFC 7516 section 4.1.3, borrowed by issuers).
        signed: the ASCII of header and payload with the dot between them, and its signature.
    """

    payload: bytes
    is_deflated: bool
    signed: SignedMessage


def parse(text: str) -> Jws:
    """Take a compact JWS apart.

    Args:
        text: `header.payload.signature`; the caller has capped its length.

    Raises:
        UnreadableError: not three parts of base64url, a header that is no JSON object with `alg`,
            critical extensions, or an unknown compression.
    """
    parts = text.split(".")
    if len(parts) != 3:
        raise UnreadableError(Check.ENVELOPE, "not three parts of a compact JWS")
    header_bytes, payload, signature = map(base64url.decode, parts)
    header = strict_json.read(header_bytes, max_depth=_HEADER_DEPTH)
    if not isinstance(header, dict):
        raise UnreadableError(Check.ENVELOPE, "JWS header is no object")
    if "crit" in header:
        raise UnreadableError(Check.ENVELOPE, "critical headers are not understood")
    if header.get("zip", DEFLATE) != DEFLATE:
        raise UnreadableError(Check.ENVELOPE, "unknown compression in the JWS header")
    signed = SignedMessage(
        message=text.rpartition(".")[0].encode("ascii"),
        signature=signature,
        algorithm=_algorithm(header),
        key_id=_key_id(header),
    )
    return Jws(payload, "zip" in header, signed)


def identity(envelope: Jws) -> bytes:
    """32 bytes that name what was signed; the signature, which may be rewritten, is not in it."""
    return sha256(envelope.signed.message).digest()


def _algorithm(header: Mapping[str, object]) -> Algorithm | None:
    name = header.get("alg")
    if not isinstance(name, str):
        raise UnreadableError(Check.ENVELOPE, "JWS header without alg")
    return _ALGORITHMS.get(name)


def _key_id(header: Mapping[str, object]) -> bytes:
    """The claimed kid; empty when there is none, so that no key is found."""
    value = header.get("kid", "")
    if not isinstance(value, str):
        raise UnreadableError(Check.ENVELOPE, "kid in the JWS header is no text")
    return value.encode()
