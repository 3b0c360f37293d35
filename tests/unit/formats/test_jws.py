"""Compact JWS: one spelling of every byte string, and headers that mean one thing."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.domain.passes import Algorithm
from scanner.formats import base64url, jws
from scanner.formats.checks import Check, UnreadableError
from scanner.trust.algorithms import SCHEMES

PAYLOAD = b"payload"
SIGNATURE = bytes(64)


def a_jws(header: object = None, payload: bytes = PAYLOAD, signature: bytes = SIGNATURE) -> str:
    """Header, payload and signature, joined."""
    if header is None:
        header = {"alg": "ES256", "kid": "k", "zip": "DEF"}
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    return ".".join(map(base64url.encode, (head, payload, signature)))


def _refused(text: str) -> str:
    with pytest.raises(UnreadableError) as refused:
        jws.parse(text)
    assert refused.value.check is Check.ENVELOPE
    return refused.value.detail


def test_the_parts_of_a_jws() -> None:
    text = a_jws()
    parsed = jws.parse(text)
    assert (parsed.payload, parsed.is_deflated) == (PAYLOAD, True)
    assert parsed.signed.message == text.rpartition(".")[0].encode()
    assert parsed.signed.signature == SIGNATURE
    assert parsed.signed.algorithm is Algorithm.ES256
    assert parsed.signed.key_id == b"k"


@pytest.mark.parametrize("algorithm", Algorithm)
def test_every_algorithm_by_its_name_in_jose(algorithm: Algorithm) -> None:
    signed = jws.parse(a_jws({"alg": SCHEMES[algorithm].jose})).signed
    assert signed.algorithm is algorithm
    assert signed.key_id == b""


@pytest.mark.parametrize("name", ["none", "None", "HS256", "es256", "ES 256", "ES256K", ""])
def test_an_unknown_algorithm_is_none_of_ours(name: str) -> None:
    assert jws.parse(a_jws({"alg": name})).signed.algorithm is None


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"{",
        b"[]",
        b'"ES256"',
        b"null",
        b'{"alg":"ES256","alg":"EdDSA"}',
        b'{"alg":"ES256","x":' + b"[" * 9 + b"]" * 9 + b"}",
        {},
        {"alg": None},
        {"alg": 1},
        {"alg": ["ES256"]},
        {"alg": "ES256", "kid": 1},
        {"alg": "ES256", "kid": None},
        {"alg": "ES256", "zip": "GZ"},
        {"alg": "ES256", "zip": "def"},
        {"alg": "ES256", "zip": None},
        {"alg": "ES256", "zip": ["DEF"]},
        {"alg": "ES256", "crit": ["b64"], "b64": False},
        {"alg": "ES256", "crit": []},
    ],
)
def test_a_header_with_another_meaning_is_refused(header: object) -> None:
    _refused(a_jws(header))


@pytest.mark.parametrize(
    "text", ["", ".", "..", "...", "a.b", a_jws() + ".", a_jws().rpartition(".")[0], a_jws() + ".x"]
)
def test_other_than_three_parts_are_refused(text: str) -> None:
    _refused(text)


@pytest.mark.parametrize(
    "spelling", ["AA=", "AA==", "A", "AAAAA", "AB", "AAB", "A+", "A/", "A A", "AA\n", "ＡＡ", "é"]
)
def test_base64url_has_one_spelling(spelling: str) -> None:
    with pytest.raises(UnreadableError):
        base64url.decode(spelling)
    head, payload, _ = a_jws().split(".")
    _refused(f"{head}.{payload}.{spelling}")
    _refused(f"{head}.{spelling}.{payload}")


@given(st.binary(max_size=100))
def test_bytes_come_back_from_base64url(data: bytes) -> None:
    assert base64url.decode(base64url.encode(data)) == data


@given(st.text("ABCabc019-_", max_size=12))
def test_what_decodes_encodes_to_the_same_text(text: str) -> None:
    try:
        data = base64url.decode(text)
    except UnreadableError:
        return
    assert base64url.encode(data) == text


def test_the_identity_is_of_what_is_signed() -> None:
    one = jws.identity(jws.parse(a_jws()))
    assert len(one) == 32
    assert jws.identity(jws.parse(a_jws(signature=b"\1" * 64))) == one
    assert jws.identity(jws.parse(a_jws(payload=b"other"))) != one
    assert jws.identity(jws.parse(a_jws({"alg": "ES256"}))) != one


@given(st.text() | st.text("AB.-_="))
def test_nothing_else_escapes(text: str) -> None:
    with suppress(UnreadableError):
        jws.parse(text)
