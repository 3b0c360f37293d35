"""Targets beneath the formats: the parsers and tables that formats and operators share."""

import tempfile
from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import cbor2
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from scanner.domain.errors import TrustError
from scanner.domain.passes import Algorithm
from scanner.formats import base45, cbor, cose, cwt, masking, parts
from scanner.formats.checks import UnreadableError
from scanner.issuing.key_file import publish_key_file
from scanner.issuing.keys import IssuerKey
from scanner.trust.algorithms import fits
from scanner.trust.certificates import key_from_certificate
from scanner.trust.foreign_keys import keys_from_did_document, keys_from_jwks
from scanner.trust.key_file import KEYS_NAME, SIGNATURE_NAME, load_key_file
from scanner.trust.keys import TrustedKey
from tests.builders import NOW, a_key, a_sign1
from tests.fuzz.layers import HEALTH_CODE, VDS_NC, Layers
from tests.fuzz.phrases import phrases

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
        part = parts.as_part(line)
        if part is None:
            continue
        assert 1 <= part.index <= part.total <= parts.MAX_PARTS, "a part outside its set"
        collection = parts.collect(collection, part, clock_s)
        clock_s += 1.0
        assert 1 <= collection.have <= collection.total
        if collection.text is not None:
            assert collection.have == collection.total, "whole with a part missing"


def _masking(data: bytes) -> None:
    name = as_text(data)
    masked = masking.mask(name)
    assert masked == masking.mask(name)
    assert masked.isprintable(), "a masked name with control characters"
    assert len(masked) <= max(len(name), SHORT), "a masked name that is longer than the name"


def _key_file(data: bytes) -> None:
    folder, publisher = _publisher()
    (folder / KEYS_NAME).write_bytes(data)
    (folder / SIGNATURE_NAME).write_bytes(b64encode(publisher.sign(data)))
    day = timedelta(days=1)
    try:
        store = load_key_file(folder, folder / "publisher.pem", day, day)
    except TrustError:
        return
    store.staleness(NOW)
    assert store.issued_at.tzinfo is not None, "a time without a zone"


@cache
def _publisher() -> tuple[Path, Ed25519PrivateKey]:
    """A folder of this process and the key whose public half lies in it."""
    folder = Path(_folder().name)
    publisher = Ed25519PrivateKey.generate()
    pem = publisher.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / "publisher.pem").write_bytes(pem)
    return folder, publisher


@cache
def _folder() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="fuzz-")


def _key_file_seeds() -> list[bytes]:
    keys = [a_key("33", algorithm).trusted() for algorithm in Algorithm]
    with tempfile.TemporaryDirectory() as folder:
        publish_key_file(Path(folder), keys, Ed25519PrivateKey.generate(), NOW, "1")
        return [(Path(folder) / KEYS_NAME).read_bytes()]


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


def _classifier(data: bytes) -> None:
    classify = import_module(_CLASSIFIER).classify
    text = as_text(data)
    assert classify(text) is classify(text)


def _jwk_of(key: IssuerKey) -> dict[str, Any]:
    point = key.trusted().public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    x, y = (b64encode(half, b"-_").decode().rstrip("=") for half in (point[1:33], point[33:]))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": "k1", "use": "sig", "alg": "ES256"}


def _jwks_seeds() -> list[bytes]:
    return [msgspec.json.encode({"keys": [_jwk_of(a_key("33", Algorithm.ES256))]})]


def _did_seeds() -> list[bytes]:
    method = {
        "id": "did:web:issuer.example#k1",
        "controller": "did:web:issuer.example",
        "type": "JsonWebKey2020",
        "publicKeyJwk": _jwk_of(a_key("33", Algorithm.ES256)),
    }
    document = {
        "@context": "https://w3.org/ns/did/v1",
        "id": "did:web:issuer.example",
        "verificationMethod": [method],
        "assertionMethod": [method["id"]],
    }
    return [msgspec.json.encode(document)]


def _sign1_seeds() -> list[bytes]:
    payload = cbor2.dumps({1: "33", 4: 1795425000, 6: 1795424400.5})
    return [
        a_sign1(payload, a_key(), tags=tags, unprotected=unprotected)
        for tags in ((18,), (61, 18), ())
        for unprotected in ({}, {4: b"kid"})
    ]


def _names() -> list[bytes]:
    return [
        name.encode() for name in ("张三", "张小三", "Erika  Mustermann<<", "e\u0301 o\u0300", "")
    ]


def _chunks() -> list[bytes]:
    return [b"shc:/1/2/5676\nshc:/2/2/2909", b"shc:/3/3/11\nshc:/1/3/22\nshc:/2/3/33", b"shc:/5676"]


_CLASSIFIER: Final = "scanner.formats.foreign"
"""What a text is that is no pass."""

SMALL: Final = [
    Small("base45", _base45, lambda: [b"", b"BB8", b"%69 VD92EX0", b"QED8WEX0"]),
    Small("cbor", _cbor, _sign1_seeds, HEALTH_CODE),
    Small("cose", _cose, _sign1_seeds, HEALTH_CODE),
    Small("parts", _parts, _chunks),
    Small("masking", _masking, _names),
    Small("key_file", _key_file, _key_file_seeds, VDS_NC),
    Small("jwks", _jwks, _jwks_seeds, VDS_NC),
    Small("did", _did, _did_seeds, VDS_NC),
    Small("certificate", _certificate, lambda: [b""]),
]
if find_spec(_CLASSIFIER):
    SMALL.append(Small("classifier", _classifier, lambda: [b"https://a.example/", b"WIFI:S:a;;"]))
