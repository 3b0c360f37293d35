"""Public keys as foreign issuers publish them: JSON Web Key Sets, DID documents, certificates.

An operator turns them into entries of the trust list; no gate fetches them. Whatever does not fit
one of our algorithms is left out, because such sets also hold keys that sign other things.
"""

from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from scanner.domain.decoding import UndecodableError, decode_json
from scanner.domain.errors import TrustError
from scanner.domain.passes import Algorithm
from scanner.trust.certificates import key_from_certificate
from scanner.trust.keys import PublicKey, TrustedKey

T = TypeVar("T")

_CURVES: Final = {"P-256": Algorithm.ES256, "Ed25519": Algorithm.EDDSA}


class _Jwk(msgspec.Struct, frozen=True):
    """One public key (RFC 7517 section 4, RFC 7518 section 6.2, RFC 8037 section 2)."""

    kty: str
    crv: str | None = None
    x: str | None = None
    y: str | None = None
    kid: str | None = None
    use: str | None = None


class _KeySet(msgspec.Struct, frozen=True):
    keys: tuple[_Jwk, ...]


class _Method(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    public_key_jwk: _Jwk | None = None


class _Document(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    verification_method: tuple[_Method, ...]
    assertion_method: tuple[str, ...]


def keys_from_jwks(issuer: str, data: bytes) -> list[TrustedKey]:
    """The signing keys of a JSON Web Key Set (RFC 7517), as SMART Health Card issuers publish it.

    Args:
        issuer: whose set it is: what `iss` must say in the cards that they sign.
        data: the file.

    Raises:
        TrustError: it is no key set, or a key in it is damaged.
    """
    keys = _decoded(data, _KeySet, "JSON Web Key Set").keys
    signing = ((key.kid or "", key) for key in keys if key.use in (None, "sig"))
    return list(_trusted(issuer, signing))


def keys_from_did_document(data: bytes) -> list[TrustedKey]:
    """The assertion keys of a DID document (W3C DID Core 5.3.2), as the NZ COVID Pass has it.

    The issuer is the document's own id, and a kid is what follows the `#` of a method's id.

    Raises:
        TrustError: it is no such document, or a key in it is damaged.
    """
    document = _decoded(data, _Document, "DID document")
    methods = (
        (method.id.removeprefix(document.id).removeprefix("#"), method.public_key_jwk)
        for method in document.verification_method
        if method.id in document.assertion_method and method.public_key_jwk is not None
    )
    return list(_trusted(document.id, methods))


def keys_from_certificate(issuer: str, der: bytes) -> list[TrustedKey]:
    """The key of a signer of ICAO seals, under the kid that its seals lead to.

    Who vouches for the certificate, and how long, is for the operator to know: ICAO's directory and
    the state's own authority (CSCA) do, this function does not look.

    Args:
        issuer: the state's three letters, what `hdr.is` must say in the seals that it signs.
        der: the signer's certificate.

    Raises:
        TrustError: it cannot be read or holds no key for one of our algorithms. Certificates with
            odd parameters are in use that OpenSSL's command reads and this refuses; the
            specification's own example is one. Their entry in the trust list is made by hand.
    """
    key = key_from_certificate(der)
    if key is None:
        raise TrustError(
            f"This is no certificate with a key that {issuer} could sign with, or an odd one.",
            "Take its key out (openssl x509 -inform DER -pubkey -noout); the kid is the first 8 "
            "bytes of the SHA-256 of the whole file.",
        )
    return [replace(key, issuer=issuer, kinds=None)]


def _decoded(data: bytes, kind: type[T], name: str) -> T:
    try:
        return decode_json(data, kind)
    except UndecodableError as error:
        raise TrustError(f"This is no {name}: {error}.") from error


def _trusted(issuer: str, keys: Iterator[tuple[str, _Jwk]]) -> Iterator[TrustedKey]:
    for kid, jwk in keys:
        # A code without a kid asks for the empty one, and no key may answer to that.
        if kid and (algorithm := _CURVES.get(jwk.crv or "")) is not None:
            yield TrustedKey(issuer, kid.encode(), algorithm, _public_key(jwk, algorithm))


def _public_key(jwk: _Jwk, algorithm: Algorithm) -> PublicKey:
    try:
        if algorithm is Algorithm.EDDSA:
            return Ed25519PublicKey.from_public_bytes(_bytes(jwk.x))
        x, y = (int.from_bytes(_bytes(value), "big") for value in (jwk.x, jwk.y))
        return EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key()
    except ValueError as error:
        raise TrustError("A key of the set is not on its curve.") from error


def _bytes(value: str | None) -> bytes:
    return urlsafe_b64decode((value or "") + "==")
