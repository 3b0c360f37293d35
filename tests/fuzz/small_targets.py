"""Targets beneath the formats: the parsers and tables that formats and operators share."""

import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import cbor2
from tuf.api.metadata import Root, Snapshot, Targets, Timestamp

from scanner.domain.errors import TrustError
from scanner.domain.guards import is_guard_id
from scanner.formats import (
    base32,
    base45,
    cbor,
    cose,
    cwt,
    guard_badge,
    jws,
    masking,
    parts,
    strict_json,
)
from scanner.formats.canonical_json import canonical
from scanner.formats.checks import UnreadableError
from scanner.formats.foreign import classify
from scanner.formats.guard_badge import Badge, BadgeFault
from scanner.formats.inflate import inflate
from scanner.formats.readers.smart_health_card import MAX_INFLATED
from scanner.formats.registry import part_of, recognises
from scanner.issuing.signing import sign1_under
from scanner.trust.algorithms import fits
from scanner.trust.bundle.issuer_keys import IssuerKeyRing, decode_issuer_keys
from scanner.trust.bundle.layout import keys_path
from scanner.trust.bundle.signed import verified
from scanner.trust.certificates import key_from_certificate
from scanner.trust.cose_keys import cose_key, read_cose_key, thumbprint
from scanner.trust.foreign_keys import keys_from_did_document, keys_from_jwks
from scanner.trust.keys import TrustedKey
from scanner.trust.revocation.deltas import Changes, merge, read_delta
from scanner.trust.revocation.exact import ExactList
from scanner.trust.revocation.fuse import FuseFilter
from scanner.trust.revocation.hashes import HASH_BYTES, RevokedHash
from scanner.trust.revocation.layout import HEADER_BYTES
from tests.builders import NOW
from tests.fuzz import small_seeds as seeds
from tests.fuzz.layers import HEALTH_CODE, VDS_NC, Layers
from tests.fuzz.phrases import phrases
from tests.guard_builders import BADGE_KEY

SHORT: Final = 32
"""Characters; a masked name of this length is short, whatever the name's."""


@dataclass(frozen=True)
class Small:
    """A target beneath the formats.

    Attributes:
        layers: a format whose content is coded as the input is; None for plain bytes.
    """

    name: str
    check: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]
    layers: Layers | None = None


def as_text(data: bytes) -> str:
    """Bytes as any text that a decoder may hand on; what is no UTF-8 becomes lone surrogates."""
    return data.decode("utf-8", "surrogateescape")


def _fixed(error: UnreadableError) -> None:
    assert error.detail in phrases(), "a detail that is no fixed phrase"


def _guard_badge(data: bytes) -> None:
    """A text by itself logs nobody in; claims that the site signed, whoever they name rightly."""
    issuer, public = "east", BADGE_KEY.public_key()
    for text in (as_text(data), guard_badge.PREFIX + as_text(data)):
        assert isinstance(guard_badge.read_badge(text, issuer, public, NOW), BadgeFault)
    signed = sign1_under(cbor2.dumps({cose.ALGORITHM_LABEL: -8}), data, BADGE_KEY)
    text = guard_badge.PREFIX + base45.encode(signed)
    found = guard_badge.read_badge(text, issuer, public, NOW)
    if isinstance(found, Badge):
        assert is_guard_id(found.guard), "somebody without a number is on duty"
        assert found.issued_at <= NOW + cwt.SKEW, "a badge from the future"


def _base45(data: bytes) -> None:
    assert base45.decode(base45.encode(data)) == data, "there and back is not the same"
    text = as_text(data)
    try:
        decoded = base45.decode(text)
    except UnreadableError as error:
        _fixed(error)
        return
    assert base45.encode(decoded) == text, "two texts for the same bytes"


def _cbor(data: bytes) -> None:
    lenient = _read(data, strict=False)
    strict = _read(data, strict=True)
    if strict is not None:
        # compared as text, because a NaN is not equal to itself
        assert repr(strict) == repr(lenient), "strict reading gives something else"


def _read(data: bytes, *, strict: bool) -> tuple[object] | None:
    try:
        return (cbor.read(data, strict=strict),)
    except UnreadableError as error:
        _fixed(error)
        return None


def _cose(data: bytes) -> None:
    for strict in (True, False):
        try:
            envelope = cose.parse(data, strict=strict)
            claims = cbor.read(envelope.payload, strict=strict)
            if cbor.is_map(claims):
                cwt.read_times(claims, strict=strict).failures(NOW)
        except UnreadableError as error:
            _fixed(error)
            continue
        expected = cbor2.dumps(["Signature1", envelope.protected, b"", envelope.payload])
        assert envelope.signed.message == expected, "another Sig_structure than RFC 9052's"
        assert len(cose.identity(envelope)) == 32


def _parts(data: bytes) -> None:
    collection, clock_s = None, 0.0
    for line in as_text(data).split("\n"):
        part = part_of(line)
        if part is None:
            continue
        assert 1 <= part.index <= part.total, "a part outside its set"
        collection = parts.collect(collection, part, clock_s)
        clock_s += 1.0
        assert 1 <= collection.have <= collection.total
        if collection.text is not None:
            assert collection.have == collection.total, "whole with a part missing"
            assert recognises(collection.text), "put together, and too long to be looked at"


def _base32(data: bytes) -> None:
    assert base32.decode(base32.encode(data)) == data, "there and back is not the same"
    text = as_text(data)
    try:
        decoded = base32.decode(text)
    except UnreadableError as error:
        _fixed(error)
        return
    assert base32.encode(decoded) == text, "two texts for the same bytes"


def _json(data: bytes) -> None:
    for text in (data, as_text(data)):
        try:
            value = strict_json.read(text)
            spelling = canonical(value)
        except UnreadableError as error:
            _fixed(error)
            continue
        assert strict_json.read(spelling) == value, "the canonical form says something else"
        assert canonical(strict_json.read(spelling)) == spelling, "two canonical forms"


def _jws(data: bytes) -> None:
    try:
        envelope = jws.parse(as_text(data))
    except UnreadableError as error:
        _fixed(error)
        return
    assert len(jws.identity(envelope)) == 32
    try:
        inflate(envelope.payload, MAX_INFLATED, raw=True)
    except UnreadableError as error:
        _fixed(error)


def _cose_key(data: bytes) -> None:
    item = _read(data, strict=True)
    try:
        algorithm, key = read_cose_key(item[0] if item else None)
    except ValueError:
        return
    assert fits(key, algorithm), "a key that does not fit its algorithm"
    assert read_cose_key(cose_key(key))[0] is algorithm
    assert len(thumbprint(key)) == 32


def _masking(data: bytes) -> None:
    name = as_text(data)
    masked = masking.mask(name)
    assert masked == masking.mask(name)
    assert masked.isprintable(), "a masked name with control characters"
    assert len(masked) <= max(len(name), SHORT), "a masked name that is longer than the name"


def _key_set(data: bytes) -> None:
    try:
        keys = decode_issuer_keys(keys_path("33"), data)
    except TrustError:
        return
    assert keys.issuer == "33", "keys of another issuer"
    for record in keys.keys:
        for key in IssuerKeyRing([keys]).find("33", record.kid):
            assert fits(key.public_key, key.algorithm), "a key that does not fit its algorithm"


def _metadata(data: bytes) -> None:
    """Whatever the bytes are, they are refused as `TrustError`, or signed by the root that is."""
    root, _ = verified(seeds.root(), Root, "root", None)
    for read in (
        lambda: verified(data, Root, "root", root),
        lambda: verified(data, Timestamp, "timestamp", root),
        lambda: verified(data, Snapshot, "snapshot", root),
        lambda: verified(data, Targets, "targets", root),
    ):
        try:
            state = read()[1]
        except TrustError:
            continue
        assert state.expires_at.tzinfo is not None, "a time without a zone"
        assert state.issued_at is None or state.issued_at.tzinfo is not None


def _jwks(data: bytes) -> None:
    _foreign(lambda: keys_from_jwks("https://issuer.example", data))


def _did(data: bytes) -> None:
    _foreign(lambda: keys_from_did_document(data))


def _foreign(read: Callable[[], Iterable[TrustedKey]]) -> None:
    try:
        keys = list(read())
    except TrustError:
        return
    for key in keys:
        assert fits(key.public_key, key.algorithm), "a key that does not fit its algorithm"


def _certificate(data: bytes) -> None:
    key = key_from_certificate(data)
    assert key is None or fits(key.public_key, key.algorithm)


@cache
def _folder() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="fuzz-")


def _revocation(data: bytes) -> None:
    path = Path(_folder().name) / "revocation.bin"
    path.unlink(missing_ok=True)  # never written in place: a map of it would be cut off
    path.write_bytes(data)
    for look in (_revoked_list, _revoked_delta, _revoked_filter):
        with suppress(TrustError):
            look(path)


def _revoked_list(path: Path) -> None:
    exact = ExactList(path)
    assert RevokedHash(1) not in exact or len(exact), "an empty list with something on it"
    exact.verify()
    assert all(RevokedHash(one) in exact for one in exact.hashes), "a hash that is not found"


def _revoked_delta(path: Path) -> None:
    delta = read_delta(path)
    changes = merge(delta.list_id, [delta]) if delta.sequence == 1 else Changes()
    assert not changes.added & changes.removed, "revoked and not revoked"
    size = HEADER_BYTES + HASH_BYTES * (len(delta.added) + len(delta.removed))
    assert path.stat().st_size == size, "bytes without a meaning"


def _revoked_filter(path: Path) -> None:
    fuse = FuseFilter(path)
    for one in (0, 1, 2**32, 2**63, 2**64 - 1):
        assert (RevokedHash(one) in fuse) in (True, False)


def _classifier(data: bytes) -> None:
    text = as_text(data)
    assert classify(text) is classify(text)


SMALL: Final = [
    Small("base45", _base45, lambda: [b"", b"BB8", b"%69 VD92EX0", b"QED8WEX0"]),
    Small("cbor", _cbor, seeds.sign1, HEALTH_CODE),
    Small("cose", _cose, seeds.sign1, HEALTH_CODE),
    Small("parts", _parts, seeds.chunks),
    Small("masking", _masking, seeds.names),
    Small("key_set", _key_set, seeds.key_set, VDS_NC),
    Small("metadata", _metadata, seeds.metadata, VDS_NC),
    Small("jwks", _jwks, seeds.jwks, VDS_NC),
    Small("did", _did, seeds.did, VDS_NC),
    Small("base32", _base32, lambda: [b"", b"MFRGG", b"MZXW6YTB"]),
    Small("json", _json, lambda: [b'{"b": [1, "\\u00e9"], "a": null}'], VDS_NC),
    Small("jws", _jws, seeds.jws),
    Small("cose_key", _cose_key, seeds.cose_key, HEALTH_CODE),
    Small("classifier", _classifier, lambda: [b"https://a.example/", b"WIFI:S:a;;", b"wxp://f2f"]),
    Small("guard_badge", _guard_badge, seeds.badge_claims),
    Small("certificate", _certificate, seeds.certificate),
    Small("revocation", _revocation, seeds.revocation),
]
