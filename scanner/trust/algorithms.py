"""The signature algorithms as a table: their names, the keys that fit them, how they verify.

A new algorithm is one row here, one in `scanner.domain.passes.Algorithm` and, for the reference
issuer, one in `scanner.issuing.keys`. SM2 with SM3 (GB/T 32918, RFC 8998) has its place so: what is
missing is a maintained library that verifies it, not a line of the formats.
"""

from collections.abc import Callable, Mapping
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from msgspec import Struct

from scanner.domain.passes import Algorithm, SignedMessage
from scanner.trust.keys import PublicKey, TrustedKey

_RSA_BITS: Final = range(2048, 4097)
_P256_BYTES: Final = 32
_ECDSA: Final = ECDSA(SHA256())
_PSS: Final = PSS(mgf=MGF1(SHA256()), salt_length=32)


class Scheme(Struct, frozen=True):
    """One algorithm.

    Attributes:
        cose: its number in COSE (RFC 9053).
        jose: its name in JOSE (RFC 7518, RFC 8037).
        key: what a fitting key is, in words.
        fits: the key when it is of the kind and size that is needed, else None.
        verify: raises `InvalidSignature` unless the key made the signature over the message.
    """

    cose: int
    jose: str
    key: str
    fits: Callable[[object], PublicKey | None]
    verify: Callable[[PublicKey, bytes, bytes], None]


def fits(public_key: object, algorithm: Algorithm) -> PublicKey | None:
    """The key when it is of the kind and size that `algorithm` needs, else None."""
    return SCHEMES[algorithm].fits(public_key)


def verifies(signed: SignedMessage, key: TrustedKey) -> bool:
    """True when `key` made the signature, with its own algorithm and no other."""
    return is_signed_by(signed, key.public_key, key.algorithm)


def is_signed_by(signed: SignedMessage, public_key: PublicKey, algorithm: Algorithm) -> bool:
    """The same for a key that nobody trusts by itself, such as a holder's."""
    if signed.algorithm is not algorithm:
        return False
    try:
        SCHEMES[algorithm].verify(public_key, signed.signature, signed.message)
    except InvalidSignature:
        return False
    return True


def _p256(key: object) -> PublicKey | None:
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return key
    return None


def _ed25519(key: object) -> PublicKey | None:
    return key if isinstance(key, Ed25519PublicKey) else None


def _rsa(key: object) -> PublicKey | None:
    return key if isinstance(key, RSAPublicKey) and key.key_size in _RSA_BITS else None


def _verify_es256(key: PublicKey, signature: bytes, message: bytes) -> None:
    if not isinstance(key, EllipticCurvePublicKey) or len(signature) != 2 * _P256_BYTES:
        raise InvalidSignature
    r = int.from_bytes(signature[:_P256_BYTES], "big")
    s = int.from_bytes(signature[_P256_BYTES:], "big")
    key.verify(encode_dss_signature(r, s), message, _ECDSA)


def _verify_eddsa(key: PublicKey, signature: bytes, message: bytes) -> None:
    if not isinstance(key, Ed25519PublicKey):
        raise InvalidSignature
    key.verify(signature, message)


def _verify_ps256(key: PublicKey, signature: bytes, message: bytes) -> None:
    if not isinstance(key, RSAPublicKey):
        raise InvalidSignature
    key.verify(signature, message, _PSS, SHA256())


SCHEMES: Final[Mapping[Algorithm, Scheme]] = {
    Algorithm.ES256: Scheme(-7, "ES256", "P-256", _p256, _verify_es256),
    Algorithm.EDDSA: Scheme(-8, "EdDSA", "Ed25519", _ed25519, _verify_eddsa),
    Algorithm.PS256: Scheme(-37, "PS256", "RSA of 2048 to 4096 bits", _rsa, _verify_ps256),
}
