"""The order of the checks, and what a rejection tells."""

from dataclasses import replace
from datetime import timedelta

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.domain.issuers import EU
from scanner.domain.passes import Algorithm, Colour, PassKind, Rejection, VerifiedPass
from scanner.domain.reasons import Reason
from scanner.formats.checks import Check
from scanner.formats.registry import MAX_TEXT, inspect_pass, read_pass, recognises
from scanner.issuing.eu_dcc import issue_eu_dcc
from scanner.issuing.health_code import encode_claims
from scanner.trust.key_ring import KeyRing
from tests.builders import NOW, a_code, a_key, a_pass, a_ring, a_sign1, as_health_text


def _rejection(text: str, keys: KeyRing) -> Rejection:
    outcome = read_pass(text, keys, NOW)
    assert isinstance(outcome, Rejection), outcome
    return outcome


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://qr.example.com/pay/1",
        "wxp://f2f0xyz",
        "BEGIN:VCARD\nN:张;三\nEND:VCARD",
        "WIFI:S:gate;T:WPA;P:12345678;;",
        "HC2:6BF",
        "HL0:6BF",
        "hc1:6BF",
        "jkm1:6BF",
        " JKM1:6BF",
        "JKM2:6BF",
        "shc:5676290952",
        "SHC:/5676290952",
        " shc:/5676290952",
        "http://health.example/#JKM1:BB8",
        "https://health.example/?JKM1:BB8",
        "$(reboot)",
        "JKM1:" + "0" * MAX_TEXT,
    ],
)
def test_everything_else_is_not_a_health_code(text: str) -> None:
    assert not recognises(text)
    assert _rejection(text, a_ring()).reasons == (Reason.NOT_A_HEALTH_CODE,)


@given(st.text())
@pytest.mark.parametrize("prefix", ["", "JKM1:", "HC1:", "https://a/#JKM1:"])
def test_no_text_raises(prefix: str, text: str) -> None:
    outcome = read_pass(prefix + text, a_ring(), NOW)
    assert isinstance(outcome, Rejection)
    assert outcome.reasons


def test_a_code_of_an_issuer_without_keys_is_of_an_unknown_issuer() -> None:
    assert _rejection(a_code(a_key("65"), issuer="65"), a_ring()).reasons == (
        Reason.UNKNOWN_ISSUER,
    )


def test_a_code_under_a_new_kid_is_of_an_unknown_key() -> None:
    stranger = replace(a_key(), key_id=b"unheard")
    assert _rejection(a_code(stranger), a_ring()).reasons == (Reason.UNKNOWN_KEY,)


def test_a_key_out_of_its_period_is_as_good_as_unknown() -> None:
    key = a_key().trusted()
    for other in (
        replace(key, valid_from=NOW + timedelta(seconds=1)),
        replace(key, valid_until=NOW),
        replace(key, valid_until=NOW - timedelta(days=1)),
    ):
        assert _rejection(a_code(), KeyRing([other])).reasons == (Reason.UNKNOWN_KEY,)
    in_service = replace(key, valid_from=NOW, valid_until=NOW + timedelta(seconds=1))
    assert isinstance(read_pass(a_code(), KeyRing([in_service]), NOW), VerifiedPass)


def test_a_forger_who_names_a_known_kid_has_a_bad_signature() -> None:
    forger = replace(a_key("65"), issuer="33", key_id=a_key().key_id)
    rejection = _rejection(a_code(forger), a_ring())
    assert rejection.reasons == (Reason.BAD_SIGNATURE,)
    assert rejection.proven is None
    assert rejection.identity is not None


def test_zhejiangs_key_cannot_sign_for_guangdong() -> None:
    ring = a_ring(a_key("33"), a_key("44"))
    assert _rejection(a_code(a_key("33"), issuer="44"), ring).reasons == (Reason.UNKNOWN_KEY,)
    borrowed = replace(a_key("33"), key_id=a_key("44").key_id)
    assert _rejection(a_code(borrowed, issuer="44"), ring).reasons == (Reason.BAD_SIGNATURE,)


def test_an_eu_key_cannot_sign_for_a_province_nor_the_other_way_round() -> None:
    eu, province = a_key(EU, Algorithm.ES256), a_key("33", Algorithm.ES256)
    assert _rejection(a_code(eu), a_ring(eu)).reasons == (Reason.UNKNOWN_ISSUER,)
    assert _rejection(a_code(eu, issuer=EU), a_ring(eu)).reasons == (Reason.MALFORMED,)
    certificate = issue_eu_dcc(province, now=NOW)
    assert _rejection(certificate, a_ring(province)).reasons == (Reason.UNKNOWN_ISSUER,)


def test_all_keys_under_one_kid_are_tried() -> None:
    right = a_key("33", Algorithm.ES256)
    wrong = [
        replace(a_key("33", Algorithm.EDDSA), key_id=right.key_id),
        replace(a_key("33", Algorithm.PS256), key_id=right.key_id),
        replace(a_key("44", Algorithm.ES256), key_id=right.key_id, issuer="33"),
    ]
    assert isinstance(read_pass(a_code(right), a_ring(*wrong, right), NOW), VerifiedPass)
    assert _rejection(a_code(right), a_ring(*wrong)).reasons == (Reason.BAD_SIGNATURE,)


def test_an_expired_red_code_is_proven_to_be_red() -> None:
    expired = a_code(colour=Colour.RED, expires_at=NOW - timedelta(hours=1))
    rejection = _rejection(expired, a_ring())
    assert rejection.reasons == (Reason.EXPIRED,)
    assert rejection.proven is not None
    assert rejection.proven.colour is Colour.RED


def test_all_failures_after_the_signature_are_listed() -> None:
    key = a_key(kinds=frozenset({PassKind.PAPER}))
    text = a_code(key, issued_at=NOW + timedelta(days=1), expires_at=NOW - timedelta(days=1))
    rejection = _rejection(text, a_ring(key))
    assert rejection.reasons == (
        Reason.EXPIRED,
        Reason.NOT_YET_VALID,
        Reason.WRONG_KEY_USAGE,
    )
    assert rejection.proven is not None


@pytest.mark.parametrize(
    ("key_division", "code_division", "reasons"),
    [
        ("330100", "330100", ()),
        ("330100", "330106", ()),
        ("330106", "330106", ()),
        ("330000", "330200", ()),
        ("330106", "330100", (Reason.WRONG_KEY_USAGE,)),
        ("330100", "330200", (Reason.WRONG_KEY_USAGE,)),
        ("330100", None, (Reason.WRONG_KEY_USAGE,)),
        (None, "330200", ()),
    ],
)
def test_a_citys_key_signs_for_its_city_only(
    key_division: str | None, code_division: str | None, reasons: tuple[Reason, ...]
) -> None:
    key = a_key(division=key_division)
    outcome = read_pass(a_code(key, division=code_division), a_ring(key), NOW)
    assert (outcome.reasons if isinstance(outcome, Rejection) else ()) == reasons


def test_two_keys_of_one_province_both_count() -> None:
    first, second = a_key("31"), a_key("31", Algorithm.ES256)
    ring = a_ring(first, second)
    for key in (first, second):
        assert isinstance(read_pass(a_code(key, issuer="31"), ring, NOW), VerifiedPass)


@pytest.mark.parametrize("claim", [4, 5, 6])
@pytest.mark.parametrize("value", [-1, 1.5, float("nan"), NOW.timestamp() * 1000, 2**62, "now"])
def test_a_time_that_is_none_spoils_a_proven_code(claim: int, value: object) -> None:
    content = {**cbor2.loads(encode_claims(a_pass())), claim: value}
    inspection = inspect_pass(as_health_text(a_sign1(cbor2.dumps(content), a_key())), a_ring(), NOW)
    assert isinstance(inspection.outcome, Rejection)
    assert inspection.outcome.reasons == (Reason.MALFORMED,)
    assert inspection.failed is Check.TIME


def test_an_inspection_shows_how_far_each_check_got() -> None:
    inspection = inspect_pass(a_code(replace(a_key(), key_id=b"?")), a_ring(), NOW)
    assert inspection.failed is Check.KEY
    assert inspection.trail.checks == {
        Check.PREFIX: True,
        Check.ENCODING: True,
        Check.ENVELOPE: True,
        Check.KEY: False,
    }


def test_no_rejection_repeats_what_the_code_says() -> None:
    secret = "SECRET7"
    texts = (
        f"HC1:{secret}",
        f"JKM1:{secret}",
        secret,
        as_health_text(a_sign1(cbor2.dumps({1: secret}), a_key())),
        a_code(scope=secret, division="440100"),
    )
    for text in texts:
        assert secret not in repr(_rejection(text, a_ring()))


def test_the_longest_text_that_is_looked_at_is_the_documented_one() -> None:
    longest = "JKM1:".ljust(MAX_TEXT, "0")
    assert (recognises(longest), recognises(longest + "0")) == (True, False)
