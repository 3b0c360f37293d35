"""The signed key file: what gates load, and everything that they refuse."""

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256K1,
    SECP384R1,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import (
    generate_private_key as generate_rsa_private_key,
)
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from scanner.domain.errors import TrustError
from scanner.domain.passes import Algorithm, PassKind, VerifiedPass
from scanner.formats.registry import read_pass
from scanner.issuing.key_file import publish_key_file
from scanner.trust.key_file import (
    KEYS_NAME,
    MAX_KEYS_BYTES,
    SIGNATURE_NAME,
    KeyFileStore,
    load_key_file,
)
from scanner.trust.keys import Staleness
from tests.builders import NOW, a_code, a_key

PUBLISHER = Ed25519PrivateKey.generate()
DAY, WEEK = timedelta(days=1), timedelta(days=7)


def _load(folder: Path) -> KeyFileStore:
    return load_key_file(folder, folder / "publisher.pem", DAY, WEEK)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a published key file."""
    pem = PUBLISHER.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "publisher.pem").write_bytes(pem)
    keys = [a_key("33").trusted(), a_key("31", Algorithm.ES256, "310000").trusted()]
    publish_key_file(tmp_path, keys, PUBLISHER, NOW, "2026-11-23")
    return tmp_path


def _resign(folder: Path, data: bytes) -> None:
    (folder / KEYS_NAME).write_bytes(data)
    (folder / SIGNATURE_NAME).write_bytes(b64encode(PUBLISHER.sign(data)))


def _edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the file and sign it again, as a careless publisher would."""
    content = json.loads((folder / KEYS_NAME).read_bytes())
    change(content)
    _resign(folder, json.dumps(content).encode())


def test_what_is_published_is_loaded(folder: Path) -> None:
    store = _load(folder)
    assert store.version == "2026-11-23"
    assert store.issued_at == NOW
    (key,) = store.find("31", a_key("31", Algorithm.ES256, "310000").key_id)
    assert key.division == "310000"
    assert key.algorithm is Algorithm.ES256
    assert isinstance(read_pass(a_code(), store, NOW), VerifiedPass)


@pytest.mark.parametrize("algorithm", Algorithm)
def test_everything_about_a_key_survives(folder: Path, algorithm: Algorithm) -> None:
    key = replace(
        a_key("EU", algorithm, None, frozenset({PassKind.TEST, PassKind.RECOVERY})).trusted(),
        valid_from=NOW - DAY,
        valid_until=NOW + DAY,
        revoked_at=NOW - DAY,
    )
    publish_key_file(folder, [key], PUBLISHER, NOW, "v2")
    assert list(_load(folder).find("EU", key.key_id)) == [key]


@pytest.mark.parametrize(
    ("age", "staleness"),
    [
        (timedelta(0), Staleness.FRESH),
        (DAY, Staleness.FRESH),
        (DAY + timedelta(seconds=1), Staleness.AGEING),
        (WEEK, Staleness.AGEING),
        (WEEK + timedelta(seconds=1), Staleness.DEGRADED),
        (timedelta(days=400), Staleness.DEGRADED),
    ],
)
def test_keys_age(folder: Path, age: timedelta, staleness: Staleness) -> None:
    store = _load(folder)
    assert store.age(NOW + age) == age
    assert store.staleness(NOW + age) is staleness


def test_keys_from_the_future_have_no_negative_age(folder: Path) -> None:
    assert _load(folder).age(NOW - WEEK) == timedelta(0)


def _refusal(folder: Path) -> str:
    with pytest.raises(TrustError) as caught:
        _load(folder)
    assert caught.value.remedy
    return caught.value.found


@pytest.mark.parametrize("name", [KEYS_NAME, SIGNATURE_NAME, "publisher.pem"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert name in _refusal(folder)


@pytest.mark.parametrize("name", [KEYS_NAME, SIGNATURE_NAME, "publisher.pem"])
def test_a_file_that_is_too_large_is_not_read(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b" " * (MAX_KEYS_BYTES + 1))
    assert "larger" in _refusal(folder)


def test_one_changed_byte_is_noticed(folder: Path) -> None:
    data = bytearray((folder / KEYS_NAME).read_bytes())
    data[-2:-2] = b" "
    (folder / KEYS_NAME).write_bytes(data)
    assert "not signed" in _refusal(folder)


def test_another_publisher_is_refused(folder: Path) -> None:
    publish_key_file(folder, [a_key().trusted()], Ed25519PrivateKey.generate(), NOW, "v2")
    assert "not signed" in _refusal(folder)


@pytest.mark.parametrize("signature", [b"", b"!", b"AAAA", "é".encode(), b"\xff" * 88])
def test_a_signature_that_is_none(folder: Path, signature: bytes) -> None:
    (folder / SIGNATURE_NAME).write_bytes(signature)
    assert _refusal(folder)


@pytest.mark.parametrize("pem", [b"", b"-----BEGIN PUBLIC KEY-----\nAAAA\n", b"\0" * 100])
def test_a_publisher_key_that_is_none(folder: Path, pem: bytes) -> None:
    (folder / "publisher.pem").write_bytes(pem)
    assert "publisher.pem" in _refusal(folder)


def test_a_publisher_key_of_another_kind(folder: Path) -> None:
    other = X25519PrivateKey.generate().public_key()
    pem = other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / "publisher.pem").write_bytes(pem)
    assert "Ed25519" in _refusal(folder)


FAULTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "no version": lambda file: file.pop("version"),
    "odd version": lambda file: file.update(version="v1\n"),
    "naive time": lambda file: file.update(issued_at="2026-11-23T09:00:00"),
    "unknown field": lambda file: file.update(extra=1),
    "unknown field of a key": lambda file: file["keys"][0].update(extra=1),
    "issuer of three digits": lambda file: file["keys"][0].update(issuer="331"),
    "issuer with a newline": lambda file: file["keys"][0].update(issuer="33\n"),
    "empty kid": lambda file: file["keys"][0].update(kid=""),
    "kid that is no base64": lambda file: file["keys"][0].update(kid="!"),
    "unknown algorithm": lambda file: file["keys"][0].update(algorithm="none"),
    "empty kinds": lambda file: file["keys"][0].update(kinds=[]),
    "unknown kind": lambda file: file["keys"][0].update(kinds=["diplomat"]),
    "short division": lambda file: file["keys"][0].update(division="3301"),
    "no key": lambda file: file["keys"][0].update(spki="AAAA"),
    "keys are no list": lambda file: file.update(keys={}),
}


@pytest.mark.parametrize("change", FAULTS.values(), ids=FAULTS)
def test_a_signed_file_against_the_form_is_refused_whole(
    folder: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    _edit(folder, change)
    assert KEYS_NAME in _refusal(folder)


@pytest.mark.parametrize("data", [b"", b"null", b"[]", b"{", b"\xff\xfe", b"[" * 100_000])
def test_signed_bytes_that_are_no_key_file(folder: Path, data: bytes) -> None:
    _resign(folder, data)
    assert KEYS_NAME in _refusal(folder)


@pytest.mark.parametrize(
    ("algorithm", "public_key"),
    [
        (Algorithm.ES256, generate_private_key(SECP384R1()).public_key()),
        (Algorithm.ES256, generate_private_key(SECP256K1()).public_key()),
        (Algorithm.ES256, Ed25519PrivateKey.generate().public_key()),
        (Algorithm.EDDSA, a_key("33", Algorithm.ES256).private_key.public_key()),
        (Algorithm.EDDSA, X25519PrivateKey.generate().public_key()),
        (Algorithm.PS256, generate_rsa_private_key(65537, 1024).public_key()),  # noqa: S505
        (Algorithm.PS256, a_key("33", Algorithm.ES256).private_key.public_key()),
    ],
)
def test_a_key_of_the_wrong_curve_or_size_is_refused(
    folder: Path, algorithm: Algorithm, public_key: Any
) -> None:
    spki = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    fields = {"algorithm": algorithm.value, "spki": b64encode(spki).decode()}
    _edit(folder, lambda file: file["keys"][0].update(fields))
    assert "keys[0]" in _refusal(folder)


def test_publishing_leaves_no_temporary_files(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}
    assert names == {KEYS_NAME, SIGNATURE_NAME, "publisher.pem"}
