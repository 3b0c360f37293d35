"""COSE_Sign1 (RFC 9052 section 4.2): the envelope taken apart, strictly or with tolerance."""

from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Final

import cbor2
import msgspec

from scanner.domain.passes import Algorithm, SignedMessage
from scanner.formats import cbor
from scanner.formats.checks import Check, UnreadableError
from scanner.trust.algorithms import SCHEMES

ALGORITHM_LABEL: Final = 1
CRITICAL_LABEL: Final = 2
KEY_ID_LABEL: Final = 4

_SIGNATURE1: Final = b"\x84\x6aSignature1"
"""An array of four and its first item, the context (RFC 9052 section 4.4)."""

_ALGORITHMS: Final = {scheme.cose: algorithm for algorithm, scheme in SCHEMES.items()}


class Sign1(msgspec.Struct, frozen=True):
    """A COSE_Sign1 taken apart, nothing of it proven.

    Attributes:
        protected: the protected header's bytes as signed.
        payload: the payload's bytes as signed.
        signature: as the algorithm makes it.
        algorithm: what the header claims.
        key_id: the claimed kid, the protected header's before the unprotected one's.
    """

    protected: bytes
    payload: bytes
    signature: bytes
    algorithm: Algorithm | None
    key_id: bytes

    @property
    def signed(self) -> SignedMessage:
        """What the signature is over, for the check that every format shares."""
        message = signed_bytes(self.protected, self.payload)
        return SignedMessage(message, self.signature, self.algorithm, self.key_id)


def parse(message: bytes, *, strict: bool) -> Sign1:
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
        raise UnreadableError(Check.ENVELOPE, "not a COSE_Sign1 array")
    protected, unprotected, payload, signature = parts
    if not (
        isinstance(protected, bytes)
        and cbor.is_map(unprotected)
        and isinstance(payload, bytes)
        and isinstance(signature, bytes)
    ):
        raise UnreadableError(Check.ENVELOPE, "COSE_Sign1 fields of the wrong type")
    header = _read_header(protected, strict)
    algorithm, key_id = header.algorithm, header.key_id
    if unprotected:
        if strict:
            raise UnreadableError(Check.ENVELOPE, "unprotected header is not empty")
        both = {**unprotected, **header.members}
        algorithm, key_id = _algorithm(both), _key_id(both)
    return Sign1(header.protected, payload, signature, algorithm, key_id)


class _Header(msgspec.Struct, frozen=True):
    """A protected header and what it says by itself."""

    protected: bytes
    members: Mapping[object, object]
    algorithm: Algorithm | None
    key_id: bytes


@lru_cache(maxsize=64)
def _read_header(protected: bytes, strict: bool) -> _Header:
    """The protected header; all codes of one key share its bytes, so that few are ever read."""
    header = cbor.read(protected, strict=strict) if protected else {}
    if not cbor.is_map(header):
        raise UnreadableError(Check.ENVELOPE, "protected header is no map")
    if CRITICAL_LABEL in header:
        raise UnreadableError(Check.ENVELOPE, "critical headers are not understood")
    # an empty map is signed as an empty string (RFC 9052 sections 3 and 4.4)
    return _Header(protected if header else b"", header, _algorithm(header), _key_id(header))


def _untag(item: object, *, strict: bool) -> object:
    if not strict and isinstance(item, cbor2.CBORTag) and item.tag == cbor.CWT_TAG:
        item = item.value
    if isinstance(item, cbor2.CBORTag) and item.tag == cbor.SIGN1_TAG:
        return item.value
    if strict:
        raise UnreadableError(Check.ENVELOPE, "COSE_Sign1 tag missing")
    return item


def _algorithm(header: Mapping[object, object]) -> Algorithm | None:
    value = header.get(ALGORITHM_LABEL)
    return _ALGORITHMS.get(value) if type(value) is int else None


def _key_id(header: Mapping[object, object]) -> bytes:
    """The claimed kid; empty when there is none, so that no key is found."""
    value = header.get(KEY_ID_LABEL)
    return value if isinstance(value, bytes) else b""


def signed_bytes(protected: bytes, payload: bytes) -> bytes:
    """The Sig_structure of RFC 9052 section 4.4, without external data."""
    return b"".join(
        (
            _SIGNATURE1,
            _bytes_head(len(protected)),
            protected,
            b"\x40",
            _bytes_head(len(payload)),
            payload,
        )
    )


def _bytes_head(length: int) -> bytes:
    """The head of a byte string in its shortest form (RFC 8949 section 3)."""
    if length < 24:
        return bytes((0x40 + length,))
    if length < 0x100:
        return bytes((0x58, length))
    if length < 0x10000:
        return b"\x59" + length.to_bytes(2, "big")
    return b"\x5a" + length.to_bytes(4, "big")


def identity(envelope: Sign1) -> bytes:
    """32 bytes that name what was signed, whatever an outsider changed around it."""
    framed = len(envelope.protected).to_bytes(4, "big") + envelope.protected + envelope.payload
    return sha256(framed).digest()
