"""What the small targets begin with: one well-formed input of each kind, made by our own issuer."""

import tempfile
from base64 import b64encode
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import cbor2
import msgspec
import numpy as np
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from scanner.domain.passes import Algorithm
from scanner.formats.holder_proof import PHONE_ALGORITHMS
from scanner.issuing.keys import IssuerKey
from scanner.issuing.vds_nc import certificate as certificate_of
from scanner.publishing.pilot import PilotPublisher
from scanner.publishing.repository import DraftRepository
from scanner.publishing.revocation import change, publish_list, write_filter
from scanner.trust.bundle.issuer_keys import IssuerKeys, encode_issuer_keys
from scanner.trust.cose_keys import cose_key as cose_key_of
from scanner.trust.revocation.hashes import RevokedHash
from scanner.trust.revocation.index import FILTER_NAME
from tests.builders import NOW, a_key, a_phone, a_sign1
from tests.fuzz.layers import SMART_HEALTH_CARD
from tests.trust_builders import a_record


def key_set() -> list[bytes]:
    records = (a_record(a_key("33", algorithm)) for algorithm in Algorithm)
    return [encode_issuer_keys(IssuerKeys("33", tuple(records)))]


@cache
def _draft() -> DraftRepository:
    publisher = PilotPublisher.create(NOW)
    publisher.set_keys("33", [a_record(a_key("33"))], NOW)
    publisher.draft.publish(publisher.signers["snapshot"], publisher.signers["timestamp"], NOW)
    return publisher.draft


def badge_claims() -> list[bytes]:
    """What a guard's badge says, as its site signs it."""
    day = 86_400
    now = int(NOW.timestamp())
    return [cbor2.dumps({1: "east", 2: "07", 4: now + day, 6: now - day, -65538: 1})]


def root() -> bytes:
    """The root that signs what `metadata` begins with."""
    return _draft().root.to_bytes()


def metadata() -> list[bytes]:
    draft = _draft()
    return [
        draft.root.to_bytes(),
        draft.timestamp.to_bytes(),
        draft.snapshot.to_bytes(),
        draft.targets.to_bytes(),
        *(role.to_bytes() for role in draft.delegated.values()),
    ]


def _jwk_of(key: IssuerKey) -> dict[str, Any]:
    point = key.trusted().public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    x, y = (b64encode(half, b"-_").decode().rstrip("=") for half in (point[1:33], point[33:]))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": "k1", "use": "sig", "alg": "ES256"}


def jwks() -> list[bytes]:
    return [msgspec.json.encode({"keys": [_jwk_of(a_key("33", Algorithm.ES256))]})]


def did() -> list[bytes]:
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


def sign1() -> list[bytes]:
    payload = cbor2.dumps({1: "33", 4: 1795425000, 6: 1795424400.5})
    return [
        a_sign1(payload, a_key(), tags=tags, unprotected=unprotected)
        for tags in ((18,), (61, 18), ())
        for unprotected in ({}, {4: b"kid"})
    ]


def jws() -> list[bytes]:
    key = replace(a_key("33", Algorithm.ES256), key_id=b"kid")
    card = SMART_HEALTH_CARD.sign(b'{"iss": "https://a.example"}', key)
    return [SMART_HEALTH_CARD.open(card)]


def cose_key() -> list[bytes]:
    keys = (a_phone(algorithm).public_key for algorithm in PHONE_ALGORITHMS)
    return [cbor2.dumps(cose_key_of(key)) for key in keys]


def certificate() -> list[bytes]:
    return [certificate_of(a_key("UTO", Algorithm.ES256))]


def revocation() -> list[bytes]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        publish_list(folder, map(RevokedHash, (3, 5, 2**64 - 1)))
        change(folder, map(RevokedHash, (4, 9)), map(RevokedHash, (5,)))
        hashes = np.array([3, 5, 2**64 - 1], np.uint64)
        write_filter(folder / FILTER_NAME, hashes, bytes(32))
        return [path.read_bytes() for path in sorted(folder.glob("*.bin"))]


def names() -> list[bytes]:
    return [
        name.encode() for name in ("张三", "张小三", "Erika  Mustermann<<", "e\u0301 o\u0300", "")
    ]


def chunks() -> list[bytes]:
    return [b"shc:/1/2/5676\nshc:/2/2/2909", b"shc:/3/3/11\nshc:/1/3/22\nshc:/2/3/33", b"shc:/5676"]
