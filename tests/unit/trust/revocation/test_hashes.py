"""What a list can name, and what it has no place for."""

from hashlib import sha256
from inspect import signature

from hypothesis import given
from hypothesis import strategies as st

from scanner.trust.revocation.hashes import code_hash, pass_hash, revoked_hash

IDENTITY = bytes(range(32))
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def test_a_code_is_named_by_the_digest_that_the_document_tells() -> None:
    framed = b"checkpoint revoked code v1\n\x00\x0233code-001"
    assert code_hash("33", b"code-001") == int.from_bytes(sha256(framed).digest()[:8], "little")
    assert code_hash("33", b"code-001").to_bytes(8, "little").hex() == "a7c11eb893f09502"


def test_a_code_without_an_id_is_named_by_what_was_signed() -> None:
    framed = b"checkpoint revoked pass v1\n\x00\x0233" + IDENTITY
    assert pass_hash("33", IDENTITY) == int.from_bytes(sha256(framed).digest()[:8], "little")
    for nothing in (None, b""):
        assert revoked_hash("33", nothing, IDENTITY) == pass_hash("33", IDENTITY)


def test_an_id_that_looks_like_a_digest_names_no_digest() -> None:
    assert code_hash("33", IDENTITY) != pass_hash("33", IDENTITY)


@given(texts, texts, st.binary(max_size=8), st.binary(max_size=8))
def test_no_other_issuer_and_id_run_into_the_same_hash(
    issuer: str, other: str, code_id: bytes, other_id: bytes
) -> None:
    same = (issuer, code_id) == (other, other_id)
    assert (code_hash(issuer, code_id) == code_hash(other, other_id)) is same


def test_a_code_with_an_id_is_revoked_by_that_alone() -> None:
    assert revoked_hash("33", b"a", IDENTITY) == revoked_hash("33", b"a", bytes(32))


def test_nothing_but_issuer_and_code_can_be_named() -> None:
    assert [*signature(code_hash).parameters] == ["issuer", "code_id"]
    assert [*signature(pass_hash).parameters] == ["issuer", "identity"]
