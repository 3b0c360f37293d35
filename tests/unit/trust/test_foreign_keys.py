"""Keys as foreign issuers publish them: what is taken, what is left out, what refuses the file."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePublicKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from scanner.domain.errors import TrustError
from scanner.domain.passes import Algorithm
from scanner.formats import base64url
from scanner.trust.foreign_keys import keys_from_did_document, keys_from_jwks
from scanner.trust.keys import TrustedKey

ISSUER = "https://health.example/cards"
DID = "did:web:health.example"
P256 = derive_private_key(1, SECP256R1()).public_key()
ED25519 = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()


def a_p256(key: EllipticCurvePublicKey = P256, **changes: object) -> dict[str, Any]:
    """A P-256 key as a JSON Web Key."""
    numbers = key.public_numbers()
    x, y = (base64url.encode(value.to_bytes(32, "big")) for value in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": "k1", "use": "sig"} | changes


def an_ed25519(**changes: object) -> dict[str, Any]:
    """An Ed25519 key as a JSON Web Key (RFC 8037)."""
    x = base64url.encode(ED25519.public_bytes_raw())
    return {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": "k2"} | changes


def a_key_set(*keys: object) -> bytes:
    """A JSON Web Key Set."""
    return json.dumps({"keys": keys}).encode()


def a_document(*methods: dict[str, Any], assertion: object = None, **changes: object) -> bytes:
    """A DID document whose methods all assert, unless told otherwise."""
    ids = [method["id"] for method in methods]
    document = {
        "@context": "https://w3.org/ns/did/v1",
        "id": DID,
        "verificationMethod": methods,
        "assertionMethod": ids if assertion is None else assertion,
    }
    return json.dumps(document | changes).encode()


def a_method(name: str = "key-1", **changes: object) -> dict[str, Any]:
    """A verification method with a P-256 key."""
    method = {"id": f"{DID}#{name}", "controller": DID, "type": "JsonWebKey2020"}
    return method | {"publicKeyJwk": a_p256(kid=None, use=None)} | changes


def test_both_kinds_of_key_of_a_set_are_the_issuers() -> None:
    assert keys_from_jwks(ISSUER, a_key_set(a_p256(), an_ed25519())) == [
        TrustedKey(ISSUER, b"k1", Algorithm.ES256, P256),
        TrustedKey(ISSUER, b"k2", Algorithm.EDDSA, ED25519),
    ]


def test_what_issuers_add_to_a_key_is_not_looked_at() -> None:
    keys = keys_from_jwks(ISSUER, a_key_set(a_p256(x5c=["AAAA"], crlVersion=1, alg="ES256")))
    assert len(keys) == 1


@pytest.mark.parametrize(
    "key",
    [
        a_p256(use="enc"),
        a_p256(crv="P-384"),
        a_p256(crv="secp256k1"),
        {"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "r"},
        {"kty": "oct", "k": "AAAA", "kid": "s"},
    ],
)
def test_keys_for_something_else_are_left_out(key: dict[str, Any]) -> None:
    assert [key.key_id for key in keys_from_jwks(ISSUER, a_key_set(key, a_p256()))] == [b"k1"]


@pytest.mark.parametrize("kid", [None, ""])
def test_a_key_without_kid_answers_to_no_code(kid: object) -> None:
    assert keys_from_jwks(ISSUER, a_key_set(a_p256(kid=kid))) == []


@pytest.mark.parametrize(
    "key",
    [
        a_p256(x=None),
        a_p256(y="AAAA"),
        a_p256(x="A" * 43),
        a_p256(x="\u00e9" * 43),
        a_p256(x=base64url.encode(bytes(40))),
        an_ed25519(x=None),
        an_ed25519(x="AAAA"),
    ],
)
def test_a_damaged_key_refuses_the_set(key: dict[str, Any]) -> None:
    with pytest.raises(TrustError, match="not on its curve"):
        keys_from_jwks(ISSUER, a_key_set(a_p256(), key))


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"{}", b'{"keys": {}}', b'{"keys": [1]}', b'{"keys": [{}]}', b"\xff"]
)
def test_what_is_no_set_is_refused(data: bytes) -> None:
    with pytest.raises(TrustError, match="JSON Web Key Set"):
        keys_from_jwks(ISSUER, data)


def test_the_keys_of_a_document_are_those_that_assert() -> None:
    other = a_method("key-2", publicKeyJwk=an_ed25519())
    data = a_document(a_method(), other, assertion=[f"{DID}#key-1"])
    assert keys_from_did_document(data) == [TrustedKey(DID, b"key-1", Algorithm.ES256, P256)]
    both = keys_from_did_document(a_document(a_method(), other))
    assert [(key.key_id, key.algorithm) for key in both] == [
        (b"key-1", Algorithm.ES256),
        (b"key-2", Algorithm.EDDSA),
    ]


def test_a_relative_id_names_the_same_key() -> None:
    data = a_document(a_method(id="#key-1"))
    assert [key.key_id for key in keys_from_did_document(data)] == [b"key-1"]


def test_a_method_without_a_json_web_key_is_left_out() -> None:
    method = a_method("key-3", publicKeyJwk=None, publicKeyMultibase="z6Mk")
    assert [key.key_id for key in keys_from_did_document(a_document(a_method(), method))] == [
        b"key-1"
    ]


def test_a_method_without_a_name_answers_to_no_code() -> None:
    assert keys_from_did_document(a_document(a_method(id=DID))) == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        a_document(id=None),
        a_document(verificationMethod="x"),
        a_document(assertionMethod=None),
        a_document(a_method(id=1), assertion=[]),
    ],
)
def test_what_is_no_document_is_refused(data: bytes) -> None:
    with pytest.raises(TrustError, match="DID document"):
        keys_from_did_document(data)


def test_a_damaged_key_refuses_the_document() -> None:
    with pytest.raises(TrustError, match="not on its curve"):
        keys_from_did_document(a_document(a_method(publicKeyJwk=a_p256(x="AAAA"))))


@given(st.binary(max_size=60))
def test_nothing_else_escapes(data: bytes) -> None:
    with pytest.raises(TrustError):
        keys_from_jwks(ISSUER, data)
    with pytest.raises(TrustError):
        keys_from_did_document(data)
