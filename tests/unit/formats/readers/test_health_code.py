"""The provinces' health code, accepted only as `docs/health-code.md` has it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.domain import passes as domain
from scanner.domain.passes import (
    HEALTH_CODE,
    Algorithm,
    Colour,
    DependantRecord,
    Holder,
    IdKind,
    PassClaims,
    PassKind,
    Rejection,
    VaccineRecord,
    VerifiedPass,
)
from scanner.domain.reasons import Reason
from scanner.formats.health_code_claims import HEALTH_CLAIM, Claim
from scanner.formats.masking import mask
from scanner.formats.registry import read_pass
from scanner.issuing.health_code import as_link, encode_claims, issue_health_code
from tests.builders import NOW, a_code, a_key, a_pass, a_ring, a_sign1, as_health_text

words = st.text(min_size=1, max_size=32).filter(str.isprintable)
names = st.text(min_size=1, max_size=40).map(mask).filter(bool)
moments = st.integers(0, 253_402_300_799).map(lambda s: datetime.fromtimestamp(s, UTC))
past_or_none = st.none() | moments
suffixes = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=4, max_size=4)


@st.composite
def passes(draw: st.DrawFn) -> PassClaims:
    """Anything that a province may say."""
    kinds = [PassKind.DYNAMIC, PassKind.PAPER, PassKind.DEPENDANT, PassKind.VISITOR]
    return PassClaims(
        format=HEALTH_CODE,
        kind=draw(st.sampled_from(kinds)),
        issuer="33",
        colour=draw(st.sampled_from(Colour)),
        issued_at=NOW,
        not_before=draw(st.none() | st.just(NOW)),
        expires_at=NOW + timedelta(seconds=draw(st.integers(0, 10**8))),
        code_id=draw(st.none() | st.binary(min_size=1, max_size=64)),
        holder=draw(st.none() | st.builds(Holder, names, st.sampled_from(IdKind), suffixes)),
        division=draw(st.none() | st.integers(330_000, 339_999).map(str)),
        scope=draw(st.none() | st.text(min_size=1, max_size=64).filter(str.isprintable)),
        test=draw(
            st.none()
            | st.builds(
                domain.LaboratoryTest,
                words,
                st.booleans(),
                st.none() | moments,
                st.none() | moments,
            )
        ),
        vaccine=draw(
            st.none()
            | st.builds(VaccineRecord, st.integers(1, 99), st.dates(min_value=date(1970, 1, 1)))
        ),
        reason_class=draw(st.none() | words),
        hard_line=draw(st.booleans()),
        colour_since=draw(st.none() | moments),
        household=draw(st.none() | words),
        dependant=draw(st.none() | st.builds(DependantRecord, words, names)),
        policy_version=draw(st.none() | words),
    )


@given(passes())
def test_what_is_issued_is_read(claims: PassClaims) -> None:
    text = issue_health_code(claims, a_key())
    if len(text) > 4096:
        return
    outcome = read_pass(text, a_ring(), NOW)
    assert isinstance(outcome, VerifiedPass), outcome
    assert outcome.claims == claims


@pytest.mark.parametrize("sent", ["张小三", "张＊三", "张*三"])
def test_a_name_is_masked_whatever_the_issuer_sent(sent: str) -> None:
    text = a_code(
        holder=Holder(sent, IdKind.RESIDENT_CARD, "123X"), dependant=DependantRecord("child", sent)
    )
    outcome = read_pass(text, a_ring(), NOW)
    assert isinstance(outcome, VerifiedPass), outcome
    assert outcome.claims.holder == Holder("张*三", IdKind.RESIDENT_CARD, "123X")
    assert outcome.claims.dependant == DependantRecord("child", "张*三")


@pytest.mark.parametrize("algorithm", Algorithm)
def test_every_algorithm_carries_a_code(algorithm: Algorithm) -> None:
    key = a_key(algorithm=algorithm)
    outcome = read_pass(a_code(key), a_ring(key), NOW)
    assert isinstance(outcome, VerifiedPass)
    assert outcome.claims == a_pass()
    assert outcome.evidence.key_id == key.key_id


@pytest.mark.parametrize("scheme", ["https://", "HTTPS://", "Https://"])
def test_a_code_in_a_link_is_the_same_code(scheme: str) -> None:
    text = a_code(scope="% ")
    link = as_link(text, scheme + "health.example/code?x=1")
    assert " " not in link
    assert read_pass(link, a_ring(), NOW) == read_pass(text, a_ring(), NOW)


def test_an_unescaped_percent_sign_in_a_link_is_refused() -> None:
    for tail in ("%", "%2", "%41", "%zz", "%%20"):
        outcome = read_pass("https://health.example/#JKM1:BB8" + tail, a_ring(), NOW)
        assert isinstance(outcome, Rejection)
        assert outcome.reasons == (Reason.MALFORMED,)


def _signed(content: object, **how: Any) -> str:
    payload = content if isinstance(content, bytes) else cbor2.dumps(content)
    return as_health_text(a_sign1(payload, a_key(), **how))


def _content(**changes: Any) -> dict[Any, Any]:
    content: dict[Any, Any] = cbor2.loads(encode_claims(a_pass(**changes)))
    content[HEALTH_CLAIM] = dict(content[HEALTH_CLAIM])
    return content


def _with_health(key: object, value: object) -> dict[Any, Any]:
    content = _content()
    content[HEALTH_CLAIM][key] = value
    return content


WRONG_HEALTH: list[tuple[object, object]] = [
    (Claim.KIND, 0),
    (Claim.KIND, 6),
    (Claim.KIND, True),
    (Claim.KIND, 1.0),
    (Claim.KIND, "1"),
    (Claim.KIND, PassKind.DYNAMIC.value),
    (Claim.KIND, 5),
    (Claim.COLOUR, 5),
    (Claim.COLOUR, -1),
    (Claim.COLOUR, None),
    (Claim.COLOUR, [1]),
    (Claim.MASKED_NAME, ""),
    (Claim.MASKED_NAME, "x" * 41),
    (Claim.MASKED_NAME, "a\nb"),
    (Claim.MASKED_NAME, "\u202egreen"),
    (Claim.MASKED_NAME, "\x1b[2J"),
    (Claim.MASKED_NAME, b"abc"),
    (Claim.ID_KIND, 0),
    (Claim.ID_SUFFIX, "123"),
    (Claim.ID_SUFFIX, "12345"),
    (Claim.ID_SUFFIX, "123x"),
    (Claim.ID_SUFFIX, "１２３４"),
    (Claim.DIVISION, 440_100),
    (Claim.DIVISION, "330100"),
    (Claim.DIVISION, 33),
    (Claim.SCOPE, "x" * 65),
    (Claim.TEST, {}),
    (Claim.TEST, {1: "PCR"}),
    (Claim.TEST, {1: "PCR", 2: 1}),
    (Claim.TEST, {1: "PCR", 2: True, 3: -1}),
    (Claim.TEST, {1: "PCR", 2: True, 3: 2**40}),
    (Claim.TEST, [1, 2]),
    (Claim.VACCINE, {1: 0, 2: 1}),
    (Claim.VACCINE, {1: 100, 2: 1}),
    (Claim.VACCINE, {1: 1, 2: 3_000_000}),
    (Claim.REASON_CLASS, "\0"),
    (Claim.HARD_LINE, 1),
    (Claim.COLOUR_SINCE, 1.5),
    (Claim.HOUSEHOLD, ""),
    (Claim.DEPENDANT, {1: "parent"}),
    (Claim.POLICY_VERSION, "x" * 33),
    ("kind", 1),
    (1.5, 1),
    (b"\x01", 1),
]


@pytest.mark.parametrize(("key", "value"), WRONG_HEALTH)
def test_a_claim_against_the_rules_spoils_the_code(key: object, value: object) -> None:
    outcome = read_pass(_signed(_with_health(key, value)), a_ring(), NOW)
    assert isinstance(outcome, Rejection)
    assert outcome.reasons == (Reason.MALFORMED,)
    assert outcome.proven is None


@pytest.mark.parametrize("missing", [Claim.KIND, Claim.COLOUR, Claim.MASKED_NAME, Claim.ID_KIND])
def test_a_missing_claim_spoils_the_code(missing: Claim) -> None:
    content = _content()
    del content[HEALTH_CLAIM][missing]
    outcome = read_pass(_signed(content), a_ring(), NOW)
    assert isinstance(outcome, Rejection)
    assert outcome.reasons == (Reason.MALFORMED,)


@pytest.mark.parametrize("claim", [4, 6, HEALTH_CLAIM])
def test_expiry_issue_time_and_health_claims_are_mandatory(claim: int) -> None:
    content = _content()
    del content[claim]
    outcome = read_pass(_signed(content), a_ring(), NOW)
    assert isinstance(outcome, Rejection)
    assert outcome.reasons == (Reason.MALFORMED,)


def test_numbers_that_we_do_not_know_are_an_extension() -> None:
    content = _with_health(99, "later")
    content[9] = {1: {}}
    outcome = read_pass(_signed(content), a_ring(), NOW)
    assert isinstance(outcome, VerifiedPass)
    assert outcome.claims == a_pass()


@pytest.mark.parametrize("issuer", [None, 33, "3", "033", "EU", "", "33 ", "３３", "33\n", b"33"])
def test_the_issuer_is_two_digits(issuer: object) -> None:
    outcome = read_pass(_signed({**_content(), 1: issuer}), a_ring(), NOW)
    assert isinstance(outcome, Rejection)
    assert outcome.reasons == (Reason.MALFORMED,)


def _duplicated_colour() -> bytes:
    """Red and green under one key: `COLOUR: 1` becomes `COLOUR: 3, COLOUR: 1`."""
    payload = encode_claims(a_pass(holder=None))
    pair = bytes((Claim.COLOUR, 1))
    assert payload.endswith(b"\xa2" + bytes((Claim.KIND, 1)) + pair)
    return payload[:-5] + b"\xa3" + bytes((Claim.KIND, 1, Claim.COLOUR, 3)) + pair


BROKEN_PAYLOADS: Mapping[str, bytes] = {
    "duplicate key": _duplicated_colour(),
    "indefinite map": b"\xbf\x01\x6233\xff",
    "trailing byte": encode_claims(a_pass()) + b"\0",
    "no map": b"\x80",
    "empty": b"",
    "deep": b"\x81" * 30 + b"\0",
    "regular expression": b"\xa1\x01\xd8\x23\x61a",
}


@pytest.mark.parametrize("payload", BROKEN_PAYLOADS.values(), ids=BROKEN_PAYLOADS)
def test_unusual_cbor_is_refused_though_rightly_signed(payload: bytes) -> None:
    outcome = read_pass(_signed(payload), a_ring(), NOW)
    assert isinstance(outcome, Rejection)
    assert outcome.reasons == (Reason.MALFORMED,)


def test_only_one_envelope_is_accepted() -> None:
    payload = encode_claims(a_pass())
    assert isinstance(read_pass(_signed(payload), a_ring(), NOW), VerifiedPass)
    for how in ({"tags": ()}, {"tags": (18, 61)}, {"unprotected": {1: 1}}):
        outcome = read_pass(_signed(payload, **how), a_ring(), NOW)
        assert isinstance(outcome, Rejection), how
        assert outcome.reasons == (Reason.MALFORMED,), how


def test_trailing_bytes_after_the_envelope_are_refused() -> None:
    message = a_sign1(encode_claims(a_pass()), a_key())
    outcome = read_pass(as_health_text(message + b"\0"), a_ring(), NOW)
    assert isinstance(outcome, Rejection)
    assert outcome.reasons == (Reason.MALFORMED,)
    assert outcome.detail == "trailing bytes after CBOR"
