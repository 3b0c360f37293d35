"""Public keys as a COSE_Key (RFC 9052 section 7): the two kinds that a phone's keystore makes.

Read strictly. Whoever enrols chooses the bytes of his key, so a key that anybody can sign for (a
point of small order) is refused like one that is off its curve.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from scanner.domain.passes import Algorithm
from scanner.trust.algorithms import fits
from scanner.trust.keys import PublicKey

_KTY, _CRV, _X, _Y = 1, -1, -2, -3
_OKP, _EC2 = 1, 2
_ED25519, _P256 = 6, 1
_BYTES: Final = 32

_P: Final = 2**255 - 19
_D: Final = -121665 * pow(121666, -1, _P) % _P
_ORDER_8_Y: Final = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_SMALL_ORDER_Y: Final = frozenset({0, 1, _P - 1, _ORDER_8_Y, _P - _ORDER_8_Y})
"""The y of Ed25519's eight points of an order that divides 8."""


def read_cose_key(value: object) -> tuple[Algorithm, PublicKey]:
    """The key, and the one algorithm that it signs with.

    Args:
        value: decoded CBOR: exactly kty, crv, x and, for P-256, y. A member beyond these would
            restrict the key (alg, key_ops) in a way that nobody here weighs, so none may stand.

    Raises:
        ValueError: anything else, or a point that is not on its curve.
    """
    if not isinstance(value, Mapping) or any(type(label) is not int for label in value):
        raise ValueError("no map with integer labels")
    kind = value.get(_KTY), value.get(_CRV)
    if any(type(part) is not int for part in kind):
        raise ValueError("kty or crv is no integer")
    if kind == (_OKP, _ED25519) and set(value) == {_KTY, _CRV, _X}:
        return Algorithm.EDDSA, _ed25519(_coordinate(value[_X]))
    if kind == (_EC2, _P256) and set(value) == {_KTY, _CRV, _X, _Y}:
        x, y = (int.from_bytes(_coordinate(value[label]), "big") for label in (_X, _Y))
        return Algorithm.ES256, EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key()
    raise ValueError("neither an Ed25519 nor a P-256 key, or members beside it")


def cose_key(public_key: PublicKey) -> dict[int, int | bytes]:
    """The key as a map in the order of deterministic encoding.

    Raises:
        ValueError: it is neither an Ed25519 nor a P-256 key.
    """
    if isinstance(public_key, Ed25519PublicKey):
        return {_KTY: _OKP, _CRV: _ED25519, _X: public_key.public_bytes_raw()}
    if fits(public_key, Algorithm.ES256) is None:
        raise ValueError("neither an Ed25519 nor a P-256 key")
    point = public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)[1:]
    return {_KTY: _EC2, _CRV: _P256, _X: point[:_BYTES], _Y: point[_BYTES:]}


def thumbprint(public_key: PublicKey) -> bytes:
    """The key's name: SHA-256 over its required members (RFC 9679 section 3).

    Raises:
        ValueError: it is neither an Ed25519 nor a P-256 key.
    """
    return sha256(cbor2.dumps(cose_key(public_key))).digest()


def _coordinate(value: object) -> bytes:
    if not isinstance(value, bytes) or len(value) != _BYTES:
        raise ValueError("a coordinate is not 32 bytes")
    return value


def _ed25519(encoded: bytes) -> Ed25519PublicKey:
    """The key of a point on the curve (RFC 8032 section 5.1.3); OpenSSL takes any 32 bytes."""
    y = int.from_bytes(encoded, "little") & (2**255 - 1)
    # The product of the two is a square exactly when their quotient, x^2, is one.
    square = (y * y - 1) * (_D * y * y + 1) % _P
    if y >= _P or y in _SMALL_ORDER_Y or pow(square, (_P - 1) // 2, _P) != 1:
        raise ValueError("no point of the curve that only one person can sign for")
    return Ed25519PublicKey.from_public_bytes(encoded)
