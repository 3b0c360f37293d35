"""SMART Health Cards: digits, parts and layers with caps."""

import json
import zlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.domain.passes import (
    IdKind,
    LaboratoryTest,
    PassKind,
    Rejection,
    VaccineRecord,
    VerifiedPass,
)
from scanner.domain.reasons import Reason
from scanner.formats import base64url
from scanner.formats.checks import Check
from scanner.formats.parts import Part
from scanner.formats.readers.smart_health_card import (
    FORMAT,
    MAX_INFLATED,
    MAX_TEXT,
    encode_digits,
)
from scanner.formats.registry import part_of, read_pass, recognises
from scanner.issuing.signing import sign
from scanner.issuing.smart_health_card import (
    issue_smart_health_card,
    split_card,
)
from scanner.trust.key_ring import KeyRing
from tests.builders import NOW, P256_ORDER, a_ring
from tests.smart_health_card_builders import (
    ISSUER,
    a_card,
    a_claims,
    a_dose,
    a_result,
    accepted,
    key_of,
    refused,
)


def _jws_of(text: str) -> str:
    digits = text.removeprefix("shc:/")
    return "".join(chr(int(digits[at : at + 2]) + 45) for at in range(0, len(digits), 2))


def _as_text(compact: str) -> str:
    return "shc:/" + encode_digits(compact)


def test_a_vaccination_in_our_own_shape() -> None:
    verified = accepted(a_card())
    claims = verified.claims
    assert (claims.format, claims.kind, claims.issuer) == (FORMAT, PassKind.VACCINATION, ISSUER)
    assert claims.vaccine == VaccineRecord(2, date(2026, 1, 29))
    assert (claims.colour, claims.test, claims.code_id, claims.expires_at) == (None,) * 4
    assert claims.issued_at == claims.not_before == NOW
    assert claims.holder is not None
    assert (claims.holder.masked_name, claims.holder.id_kind) == ("J*** B*** A***", IdKind.OTHER)
    assert claims.holder.id_suffix == ""
    assert verified.evidence.key_id == key_of().key_id


def test_a_test_in_our_own_shape() -> None:
    claims = accepted(a_card(a_claims(a_result()))).claims
    assert claims.kind is PassKind.TEST
    sampled = datetime(2026, 11, 23, 6, tzinfo=UTC)
    assert claims.test == LaboratoryTest("nucleic acid", True, sampled, None)
    assert claims.vaccine is None


def test_both_facts_of_one_card_are_carried() -> None:
    claims = accepted(a_card(a_claims(a_result(loinc="94558-4"), a_dose()))).claims
    assert claims.kind is PassKind.VACCINATION
    assert claims.vaccine is not None
    assert claims.test is not None
    assert claims.test.kind == "antigen"


@pytest.mark.parametrize("kind", [PassKind.VACCINATION, PassKind.TEST])
def test_what_the_reference_issuer_makes_isaccepted(kind: PassKind) -> None:
    text = issue_smart_health_card(
        key_of(), now=NOW, kind=kind, rid="revoke-1", valid_for=timedelta(days=1)
    )
    claims = accepted(text).claims
    assert claims.kind is kind
    assert claims.code_id == b"revoke-1"
    assert claims.expires_at == NOW + timedelta(days=1)


def test_nothing_that_the_decision_does_not_need_is_carried_on() -> None:
    influenza = a_dose("2025-10-10", "140")
    said = repr(accepted(a_card(a_claims(a_dose(), influenza))).claims)
    for detail in ("1951", "0000001", "Anyperson", "John", "2025", "140", "207"):
        assert detail not in said


# Digits and parts


@pytest.mark.parametrize(
    "text",
    [
        "shc:/",
        "shc:/5",
        "shc:/567",
        "shc:/78",
        "shc:/5699",
        "shc:/56 6",
        "shc:/56\n",
        "shc:/ab",
        "shc:/-1",
        "shc:/\u0661\u0662",
        "shc:/1/2/56",
        "shc:/1/1/5676",
        "shc:/0/2/5676",
        "shc:/3/2/5676",
        "shc:/1/51/5676",
        "shc:/1/2/567",
        "shc:/1/2/",
        "shc:/01/2/5676",
        "shc:/1//5676",
        "shc:///",
        "shc:/1/2/3/5676",
    ],
)
def test_other_than_pairs_of_digits_arerefused(text: str) -> None:
    assert refused(text) == (Check.ENCODING, (Reason.MALFORMED,))


@pytest.mark.parametrize(
    "change", [lambda text: text + "\n", lambda text: text + "5", lambda text: text + "00"]
)
def test_nothing_may_follow_a_card(change: Any) -> None:
    assert refused(change(a_card()))[1] == (Reason.MALFORMED,)


@pytest.mark.parametrize(
    "text",
    [
        "shc:/5676",
        "shc:/1/1/5676",
        "shc:/0/2/5676",
        "shc:/00/2/5676",
        "shc:/3/2/5676",
        "shc:/1/51/5676",
        "shc:/1/0/5676",
        "shc:/-1/2/5676",
        "shc:/1/2/",
        "shc:/1/2/567",
        "shc:/1/2/56a4",
        "shc:/1/2/\u0661\u0662",
        "shc:/1/2/5676\n",
        "SHC:/1/2/5676",
        "shc:/1/2/" + "5" * MAX_TEXT,
        "shc:/1/50/" + "56" * 164,
        "HC1:NCF",
        "",
    ],
)
def test_what_cannot_be_a_part_is_none(text: str) -> None:
    assert part_of(text) is None


def test_a_part_says_which_it_is_and_is_never_foreign() -> None:
    assert part_of("shc:/2/17/3331") == Part("shc:/", 2, 17, "3331")
    assert part_of("shc:/50/50/" + "56" * 163) is not None
    assert recognises("shc:/2/17/3331")


def test_a_card_in_several_codes_is_one_card() -> None:
    whole = a_card()
    for parts in (2, 3, 17, 50):
        texts = split_card(whole, parts)
        shares = [part_of(text) for text in texts]
        assert [share.index for share in shares if share] == list(range(1, len(texts) + 1))
        assert {share.total for share in shares if share} == {len(texts)}
        assert "shc:/" + "".join(share.body for share in shares if share) == whole


def test_a_card_is_split_only_when_it_must_be() -> None:
    card = a_card()
    assert split_card(card) == [card]
    large = "shc:/" + "56" * 1196
    assert [len(text) for text in split_card(large)] == [len("shc:/1/2/") + 1196] * 2
    assert split_card("shc:/" + "56" * 1195) == ["shc:/" + "56" * 1195]


def test_a_card_longer_than_one_code_is_read() -> None:
    random = Random(1)
    doses = [a_dose(f"2026-01-{day:02}") for day in range(1, 29)]
    others = [{"resourceType": "Location", "name": random.randbytes(8).hex()} for _ in range(200)]
    text = a_card(a_claims(*doses, *others))
    assert 4096 < len(text) <= MAX_TEXT
    assert len(split_card(text)) > 2
    assert accepted(text).claims.vaccine == VaccineRecord(28, date(2026, 1, 28))


@given(st.text("0123456789/", max_size=40))
def test_no_digits_escape(digits: str) -> None:
    outcome = read_pass("shc:/" + digits, KeyRing(), NOW)
    assert isinstance(outcome, Rejection)
    part_of("shc:/" + digits)


# The JWS and what it carries


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ({"zip": "DEF", "alg": "ES256"}, (Check.KEY, Reason.UNKNOWN_KEY)),
        ({"zip": "DEF", "alg": "ES256", "kid": "other"}, (Check.KEY, Reason.UNKNOWN_KEY)),
        ({"zip": "DEF", "alg": "none"}, (Check.SIGNATURE, Reason.BAD_SIGNATURE)),
        ({"zip": "DEF", "alg": "EdDSA"}, (Check.SIGNATURE, Reason.BAD_SIGNATURE)),
        ({"zip": "DEF"}, (Check.ENVELOPE, Reason.MALFORMED)),
        ({"zip": "DEF", "alg": "ES256", "crit": ["x"]}, (Check.ENVELOPE, Reason.MALFORMED)),
        ({"zip": "zlib", "alg": "ES256"}, (Check.ENVELOPE, Reason.MALFORMED)),
        ({"alg": "ES256"}, (Check.COMPRESSION, Reason.MALFORMED)),
    ],
)
def test_headers(header: dict[str, object], expected: tuple[Check, Reason]) -> None:
    if expected[0] in (Check.SIGNATURE, Check.COMPRESSION, Check.ENVELOPE):
        header = header | {"kid": key_of().key_id.decode()}
    check, reasons = refused(a_card(header=header))
    assert (check, *reasons) == expected


@pytest.mark.parametrize(
    "issuer",
    [
        None,
        1,
        "",
        "33",
        "EU",
        "health.example",
        "http://health.example/cards",
        "HTTPS://health.example",
        ISSUER + "/",
        "https://",
        "https:///",
        "https://a b",
        "https://a\n",
        "https://" + "a" * 241,
    ],
)
def test_an_issuer_is_a_https_address_without_final_slash(issuer: object) -> None:
    text = a_card(a_claims(a_dose(), iss=issuer))
    assert refused(text) == (Check.ENVELOPE, (Reason.MALFORMED,))


def test_the_kid_of_another_issuer_is_unknown() -> None:
    other = key_of("https://other.example")
    ring = a_ring(key_of(), other)
    under_its_name = a_claims(a_dose(), iss="https://other.example")
    assert refused(a_card(under_its_name), ring) == (Check.KEY, (Reason.UNKNOWN_KEY,))
    assert refused(a_card(under_its_name)) == (Check.KEY, (Reason.UNKNOWN_ISSUER,))


def test_a_key_of_a_province_signs_no_card() -> None:
    ring = KeyRing([replace(key_of().trusted(), issuer="33")])
    assert refused(a_card(), ring) == (Check.KEY, (Reason.UNKNOWN_ISSUER,))


def test_a_signature_in_der_is_no_signature() -> None:
    head, _, _ = _jws_of(a_card()).rpartition(".")
    private = key_of().private_key
    assert isinstance(private, EllipticCurvePrivateKey)
    der = private.sign(head.encode(), ECDSA(SHA256()))
    text = _as_text(f"{head}.{base64url.encode(der)}")
    assert refused(text) == (Check.SIGNATURE, (Reason.BAD_SIGNATURE,))


def test_a_changed_payload_has_a_bad_signature() -> None:
    head, _, signature = _jws_of(a_card()).split(".")
    other = _jws_of(a_card(a_claims(a_dose(cvx="208")))).split(".")[1]
    text = _as_text(f"{head}.{other}.{signature}")
    assert refused(text) == (Check.SIGNATURE, (Reason.BAD_SIGNATURE,))


def test_an_inverted_signature_is_the_same_pass() -> None:
    text = a_card()
    head, _, tail = _jws_of(text).rpartition(".")
    signature = base64url.decode(tail)
    s = P256_ORDER - int.from_bytes(signature[32:], "big")
    inverted = base64url.encode(signature[:32] + s.to_bytes(32, "big"))
    twin = _as_text(f"{head}.{inverted}")
    assert twin != text
    assert accepted(twin).identity == accepted(text).identity


def _signed(payload: bytes) -> str:
    """A card around any bytes in the payload's place."""
    head = base64url.encode(
        json.dumps({"zip": "DEF", "alg": "ES256", "kid": key_of().key_id.decode()}).encode()
    )
    message = f"{head}.{base64url.encode(payload)}"
    signature = sign(key_of().private_key, message.encode())
    return _as_text(f"{message}.{base64url.encode(signature)}")


def _deflated(payload: bytes) -> bytes:
    packer = zlib.compressobj(9, wbits=-15)
    return packer.compress(payload) + packer.flush()


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff" * 20,
        b'{"iss": "x"}',
        zlib.compress(b"{}"),
        _deflated(b"{}")[:-1],
        _deflated(b"{}") + b"\0",
        _deflated(b" " * (MAX_INFLATED + 1)),
    ],
    ids=["empty", "noise", "plain", "zlib", "cut off", "trailing", "bomb"],
)
def test_a_payload_is_one_deflate_stream_within_limits(payload: bytes) -> None:
    assert refused(_signed(payload)) == (Check.COMPRESSION, (Reason.MALFORMED,))


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"null",
        b'{"iss":"https://a.example","iss":"https://b.example"}',
        b'{"iss":"https://a.example","nbf":NaN}',
        b'{"iss":"https://a.example","x":"\\ud800"}',
        b'{"iss":"https://a.example","x":' + b"[" * 5000 + b"]" * 5000 + b"}",
    ],
)
def test_a_payload_is_json_of_one_meaning(payload: bytes) -> None:
    assert refused(a_card(payload)) == (Check.ENVELOPE, (Reason.MALFORMED,))


# Times


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"nbf": NOW.timestamp() + 61}, Reason.NOT_YET_VALID),
        ({"nbf": NOW.timestamp() + 61.5}, Reason.NOT_YET_VALID),
        ({"exp": NOW.timestamp() - 60}, Reason.EXPIRED),
        ({"exp": 0}, Reason.EXPIRED),
        ({"nbf": NOW.timestamp() * 1000}, Reason.MALFORMED),
        ({"nbf": int(NOW.timestamp() * 1000)}, Reason.MALFORMED),
        ({"nbf": -1}, Reason.MALFORMED),
        ({"nbf": -0.5}, Reason.MALFORMED),
        ({"nbf": None}, Reason.MALFORMED),
        ({"nbf": True}, Reason.MALFORMED),
        ({"nbf": "2026-11-23"}, Reason.MALFORMED),
        ({"nbf": [1]}, Reason.MALFORMED),
        ({"exp": None}, Reason.MALFORMED),
        ({"exp": "never"}, Reason.MALFORMED),
        ({"exp": NOW.timestamp() * 1000}, Reason.MALFORMED),
    ],
)
def test_times(changes: dict[str, object], reason: Reason) -> None:
    assert refused(a_card(a_claims(a_dose(), **changes))) == (Check.TIME, (reason,))


def test_a_card_without_its_time_of_issue_isrefused() -> None:
    claims = a_claims(a_dose())
    del claims["nbf"]
    assert refused(a_card(claims)) == (Check.TIME, (Reason.MALFORMED,))


def test_clocks_may_differ_and_fractions_count() -> None:
    claims = a_claims(a_dose(), nbf=NOW.timestamp() + 59.5, exp=NOW.timestamp() - 59.5)
    issued = accepted(a_card(claims)).claims.issued_at
    assert issued == NOW + timedelta(seconds=59.5)


# Mutations


@st.composite
def changed_cards(draw: st.DrawFn) -> str:
    """A valid card, edited in its digits or in one part of its JWS."""
    text = an_original()
    if draw(st.booleans()):
        at, length = draw(st.integers(0, len(text))), draw(st.integers(0, 4))
        return text[:at] + draw(st.text("0123456789/", max_size=4)) + text[at + length :]
    parts = [base64url.decode(part) for part in _jws_of(text).split(".")]
    chosen = draw(st.integers(0, 2))
    data = zlib.decompress(parts[1], -15) if chosen == 1 else parts[chosen]
    at, length = draw(st.integers(0, len(data))), draw(st.integers(0, 4))
    data = data[:at] + draw(st.binary(max_size=4)) + data[at + length :]
    parts[chosen] = _deflated(data) if chosen == 1 else data
    return _as_text(".".join(map(base64url.encode, parts)))


@cache
def an_original() -> str:
    """One card for all mutations."""
    return a_card()


@settings(max_examples=500, derandomize=True, deadline=None, database=None)
@given(changed_cards())
def test_no_changed_card_is_believed_and_nothing_escapes(text: str) -> None:
    original = accepted(an_original())
    outcome = read_pass(text, a_ring(key_of()), NOW)
    claims = outcome.claims if isinstance(outcome, VerifiedPass) else outcome.proven
    if claims is not None:
        assert outcome.identity == original.identity
        assert claims == original.claims
