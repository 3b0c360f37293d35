"""What a phone takes, keeps and shows."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from scanner.domain.errors import TrustError
from scanner.domain.passes import Algorithm
from scanner.formats import base45
from scanner.formats.holder_proof import PHONE_ALGORITHMS
from scanner.issuing.phone import Phone
from tests.builders import NOW, a_bound_code, a_code, a_phone


@pytest.mark.parametrize("algorithm", PHONE_ALGORITHMS)
def test_a_phone_is_loaded_as_it_was_saved(tmp_path: Path, algorithm: Algorithm) -> None:
    phone = Phone.new(algorithm)
    phone = phone.receives(a_bound_code(phone))
    phone.save(tmp_path / "phone")
    loaded = Phone.load(tmp_path / "phone")
    assert (loaded.code, loaded.ends_at) == (phone.code, NOW + timedelta(days=1))
    assert loaded.public_key == phone.public_key


def test_a_key_is_never_replaced(tmp_path: Path) -> None:
    first = Phone.new()
    first.save(tmp_path)
    Phone.new().save(tmp_path)
    assert Phone.load(tmp_path).public_key == first.public_key


def test_a_phone_makes_no_large_keys() -> None:
    with pytest.raises(ValueError, match="do not sign"):
        Phone.new(Algorithm.PS256)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (a_code(), "another phone"),
        (a_bound_code(a_phone(Algorithm.ES256)), "another phone"),
        (a_phone().receives(a_bound_code()).presents(NOW), "issuer's own"),
        ("JKM1:", "no health code"),
        ("HC1:6BF", "no health code"),
        ("JKM1:" + base45.encode(os.urandom(200)), "no health code"),
    ],
    ids=["unbound", "another's", "presented", "empty", "foreign", "noise"],
)
def test_a_phone_takes_only_a_code_that_was_issued_for_it(text: str, says: str) -> None:
    with pytest.raises(TrustError, match=says):
        a_phone().receives(text)


def test_a_phone_without_a_code_shows_nothing() -> None:
    with pytest.raises(TrustError, match="no code yet"):
        a_phone().presents(NOW)


@pytest.mark.parametrize("content", [b"", b"not a key", b"\xff"])
def test_a_damaged_phone_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "phone.pem").write_bytes(content)
    with pytest.raises(TrustError):
        Phone.load(tmp_path)
