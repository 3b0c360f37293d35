"""COSE_Sign1 (RFC 9052 section 4.2) with ES256, EdDSA and PS256 (RFC 9053, RFC 8230).

The key chooses the algorithm; a header that names another one is a failed signature.
"""

from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Final

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from scanner.domain.passes import Algorithm, SignedEnvelope
from scanner.formats import cbor
from scanner.formats.checks import Check, UnreadableError
from scanner.trust.keys import TrustedKey

ALGORITHM_LABEL: Final = 1
CRITICAL_LABEL: Final = 2
KEY_ID_LABEL: Final = 4
ALGORITHM_NUMBERS: Final = {Algorithm.ES256: -7, Algorithm.EDDSA: -8, Algorithm.PS256: -37}

_ALGORITHMS: Final = {number: name for name, number in ALGORITHM_NUMBERS.items()}
_ECDSA: Final = ECDSA(SHA256())
_PSS: Final = PSS(mgf=MGF1(SHA256()), salt_length=32)
_P256_BYTES: Final = 32


def parse(message: bytes, *, strict: bool) -> SignedEnvelope:
    """Take a COSE_Sign1 apart.

    Args:
        message: the CBOR bytes.
        strict: demand tag 18, everything in the protected header, an empty unprotected one, and
            CBOR without duplicate keys or indefinite lengths. Otherwise the tag may be missing or
            stand inside the CWT tag, and the unprotected header fills what the protected one lacks.

    Raises:
        UnreadableError: the bytes are no such message.
    """
    item = cbor.read(message, strict=strict)
    parts = _untag(item, strict=strict)
    if not isinstance(parts, list | tuple) or len(parts) != 4:
        raise UnreadableError(Check.COSE, "not a COSE_Sign1 array")
    protected, unprotected, payload, signature = parts
    if not (
        isinstance(protected, bytes)
        and cbor.is_map(unprotected)
        and isinstance(payload, bytes)
        and isinstance(signature, bytes)
    ):
        raise UnreadableError(Check.COSE, "COSE_Sign1 fields of the wrong type")
    header = _read_header(protected, strict)
    if strict and unprotected:
        raise UnreadableError(Check.COSE, "unprotected header is not empty")
    return SignedEnvelope(
        # an empty map is signed as an empty string (RFC 9052 sections 3 and 4.4)
        protected=protected if header else b"",
        payload=payload,
        signature=signature,
        algorithm=_algorithm(header, unprotected),
        key_id=_key_id(header, unprotected),
    )


@lru_cache(maxsize=64)
def _read_header(protected: bytes, strict: bool) -> Mapping[object, object]:
    """The protected header; all codes of one key share its bytes, so that few are ever read."""
    header = cbor.read(protected, strict=strict) if protected else {}
    if not cbor.is_map(header):
        raise UnreadableError(Check.COSE, "protected header is no map")
    if CRITICAL_LABEL in header:
        raise UnreadableError(Check.COSE, "critical headers are not understood")
    return header


def _untag(item: object, *, strict: bool) -> object:
    if not strict and isinstance(item, cbor2.CBORTag) and item.tag == cbor.CWT_TAG:
        item = item.value
    if isinstance(item, cbor2.CBORTag) and item.tag == cbor.SIGN1_TAG:
        return item.value
    if strict:
        raise UnreadableError(Check.COSE, "COSE_Sign1 tag missing")
    return item


def _algorithm(
    protected: Mapping[object, object], unprotected: Mapping[object, object]
) -> Algorithm | None:
    value = protected.get(ALGORITHM_LABEL, unprotected.get(ALGORITHM_LABEL))
    return _ALGORITHMS.get(value) if type(value) is int else None


def _key_id(protected: Mapping[object, object], unprotected: Mapping[object, object]) -> bytes:
    """The claimed kid; empty when there is none, so that no key is found."""
    value = protected.get(KEY_ID_LABEL, unprotected.get(KEY_ID_LABEL))
    return value if isinstance(value, bytes) else b""


def signed_bytes(protected: bytes, payload: bytes) -> bytes:
    """The Sig_structure of RFC 9052 section 4.4, without external data."""
    return cbor2.dumps(["Signature1", protected, b"", payload])


def identity(envelope: SignedEnvelope) -> bytes:
    """32 bytes that name what was signed, whatever an outsider changed around it."""
    framed = len(envelope.protected).to_bytes(4, "big") + envelope.protected + envelope.payload
    return sha256(framed).digest()


def verifies(envelope: SignedEnvelope, key: TrustedKey) -> bool:
    """True when `key` made the signature, with its own algorithm and no other."""
    if envelope.algorithm is not key.algorithm:
        return False
    message = signed_bytes(envelope.protected, envelope.payload)
    signature, public_key = envelope.signature, key.public_key
    try:
        if key.algorithm is Algorithm.ES256 and isinstance(public_key, EllipticCurvePublicKey):
            if len(signature) != 2 * _P256_BYTES:
                return False
            r = int.from_bytes(signature[:_P256_BYTES], "big")
            s = int.from_bytes(signature[_P256_BYTES:], "big")
            public_key.verify(encode_dss_signature(r, s), message, _ECDSA)
        elif key.algorithm is Algorithm.EDDSA and isinstance(public_key, Ed25519PublicKey):
            public_key.verify(signature, message)
        elif key.algorithm is Algorithm.PS256 and isinstance(public_key, RSAPublicKey):
            public_key.verify(signature, message, _PSS, SHA256())
        else:
            return False
    except InvalidSignature:
        return False
    return True
