"""NZ COVID Passes: one encoding, one version, one algorithm, and the specification's rules."""

import uuid
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any, Final

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.domain.passes import Algorithm, Holder, IdKind, PassKind, Rejection, VerifiedPass
from scanner.domain.reasons import Reason
from scanner.formats import base32, cose
from scanner.formats.checks import Check
from scanner.formats.readers.nz_covid_pass import FORMAT
from scanner.formats.registry import inspect_pass, read_pass, recognises
from scanner.issuing.keys import IssuerKey
from scanner.issuing.nz_covid_pass import as_text, encode_nz_covid_pass, issue_nz_covid_pass
from tests.builders import NOW, P256_ORDER, a_key, a_ring, a_sign1

ISSUER: Final = "did:web:nzcp.example"
KEY: Final = a_key(ISSUER, Algorithm.ES256)
CODE_ID: Final = uuid.UUID("60a4f54d-4e30-4332-be33-ad78b1eafa4b")
NBF: Final = int(NOW.timestamp())
EXP: Final = NBF + 86400
SUBJECT: Final = {"givenName": "Jack", "familyName": "Sparrow", "dob": "1960-04-16"}
CREDENTIAL: Final = {
    "@context": [
        "https://www.w3.org/2018/credentials/v1",
        "https://nzcp.covid19.health.nz/contexts/v1",
    ],
    "version": "1.0.0",
    "type": ["VerifiableCredential", "PublicCovidPass"],
    "credentialSubject": SUBJECT,
}
TOKEN: Final = {1: ISSUER, 5: NBF, 4: EXP, "vc": CREDENTIAL, 7: CODE_ID.bytes}
PROTECTED: Final = {4: KEY.key_id, 1: -7}
WITHOUT: Final = object()


def a_nz_pass(key: IssuerKey = KEY, **how: Any) -> str:
    """A pass as the reference issuer makes it."""
    return issue_nz_covid_pass(key, now=NOW, code_id=CODE_ID, **how)


def _token(claim: object, value: object) -> str:
    token = {key: item for key, item in TOKEN.items() if key != claim}
    return encode_nz_covid_pass(token if value is WITHOUT else {**token, claim: value}, KEY)


def _credential(member: str, value: object) -> str:
    credential: dict[str, object] = {**CREDENTIAL, member: value}
    if value is WITHOUT:
        del credential[member]
    return _token("vc", credential)


def _subject(**changes: object) -> str:
    subject = {**SUBJECT, **changes}
    return _credential(
        "credentialSubject", {key: item for key, item in subject.items() if item is not WITHOUT}
    )


def _message(**how: Any) -> str:
    return as_text(a_sign1(how.pop("payload", cbor2.dumps(TOKEN)), KEY, **how))


def _accepted(text: str, key: IssuerKey = KEY) -> VerifiedPass:
    outcome = read_pass(text, a_ring(key), NOW)
    assert isinstance(outcome, VerifiedPass), outcome
    return outcome


def _refused(text: str, *keys: IssuerKey) -> tuple[Reason, ...]:
    outcome = read_pass(text, a_ring(*keys or (KEY,)), NOW)
    assert isinstance(outcome, Rejection), outcome
    return outcome.reasons


def _failed(text: str) -> Check | None:
    inspection = inspect_pass(text, a_ring(KEY), NOW)
    assert isinstance(inspection.outcome, Rejection), inspection.outcome
    return inspection.failed


def test_a_pass_in_our_own_shape() -> None:
    verified = _accepted(a_nz_pass())
    claims = verified.claims
    assert (claims.format, claims.kind, claims.issuer) == (FORMAT, PassKind.CLEARANCE, ISSUER)
    assert claims.colour is None
    assert claims.holder == Holder("J*** S***", IdKind.OTHER, "")
    assert claims.code_id == CODE_ID.bytes
    assert claims.not_before == claims.issued_at == NOW
    assert claims.expires_at == NOW + timedelta(days=180)
    assert (claims.test, claims.vaccine, claims.recovery) == (None, None, None)
    assert verified.evidence.algorithm is Algorithm.ES256


def test_one_name_is_enough() -> None:
    holder = _accepted(a_nz_pass(family_name=None)).claims.holder
    assert holder == Holder("J***", IdKind.OTHER, "")


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("\u202eevil \x1b[31mred", "E*** M*** S***"),
        ("张小三", "张*三 S***"),
        ("\u200b\u2066", "S***"),
        ("A" * 100, "A*** S***"),
    ],
)
def test_no_trick_in_a_name_reaches_the_screen(name: str, masked: str) -> None:
    holder = _accepted(_subject(givenName=name)).claims.holder
    assert holder is not None
    assert holder.masked_name == masked


def test_a_kid_may_be_text_as_specified_or_bytes_as_in_the_examples() -> None:
    key = replace(KEY, key_id=b"key-1")
    for kid in (b"key-1", "key-1"):
        text = _message(protected={1: -7, 4: kid})
        assert _accepted(text, key).evidence.key_id == b"key-1"


@pytest.mark.parametrize(
    ("text", "failed"),
    [
        ("NZCP:/", Check.PREFIX),
        ("NZCP:/1", Check.ENVELOPE),
        (a_nz_pass().replace("/1/", "/2/"), Check.PREFIX),
        (a_nz_pass().replace("/1/", "/01/"), Check.PREFIX),
        (a_nz_pass().replace("/1/", "/１/"), Check.PREFIX),
        (a_nz_pass().replace("/1/", "/"), Check.PREFIX),
        (a_nz_pass().replace("/1/", "/1//"), Check.ENCODING),
        (a_nz_pass().replace("/1/", "/1/ "), Check.ENCODING),
        ("NZCP:/1/" + a_nz_pass()[8:].lower(), Check.ENCODING),
        (a_nz_pass() + "=", Check.ENCODING),
        (a_nz_pass() + "======", Check.ENCODING),
        (a_nz_pass() + "\n", Check.ENCODING),
        (a_nz_pass() + "1", Check.ENCODING),
        (a_nz_pass() + "?a=b", Check.ENCODING),
        ("NZCP:/1/MZ", Check.ENCODING),
        (as_text(b""), Check.ENVELOPE),
        (as_text(base32.decode(a_nz_pass()[8:]) + b"\0"), Check.ENVELOPE),
        (as_text(b"\x9f" * 400), Check.ENVELOPE),
        (_message(tags=()), Check.ENVELOPE),
        (_message(tags=(98,)), Check.ENVELOPE),
        (_message(tags=(18, 61)), Check.ENVELOPE),
        (_message(tags=(18, 18)), Check.ENVELOPE),
        (_message(protected={1: -7}), Check.ENVELOPE),
        (_message(protected={1: -7, 4: ""}), Check.ENVELOPE),
        (_message(protected={1: -7, 4: 1}), Check.ENVELOPE),
        (_message(protected={4: KEY.key_id}), Check.ENVELOPE),
        (_message(protected={4: KEY.key_id}, unprotected={1: -7}), Check.ENVELOPE),
        (_message(protected={1: -7}, unprotected={4: KEY.key_id}), Check.ENVELOPE),
        (_message(unprotected={4: KEY.key_id}), Check.ENVELOPE),
        (_message(protected={**PROTECTED, 2: [4]}), Check.ENVELOPE),
        (_message(protected=b"\xa3\x01\x26\x01\x26\x04\x41\x01"), Check.ENVELOPE),
        (_message(protected={**PROTECTED, 1: -8}), Check.ENVELOPE),
        (_message(protected={**PROTECTED, 1: -37}), Check.ENVELOPE),
        (_message(protected={**PROTECTED, 1: -35}), Check.ENVELOPE),
        (_message(protected={**PROTECTED, 1: "ES256"}), Check.ENVELOPE),
        (_message(payload=b""), Check.ENVELOPE),
        (_message(payload=cbor2.dumps([TOKEN])), Check.ENVELOPE),
        (_message(payload=b"\xbf" + cbor2.dumps(TOKEN)[1:] + b"\xff"), Check.ENVELOPE),
        (_message(payload=b"\xa6\x05\x00" + cbor2.dumps(TOKEN)[1:]), Check.ENVELOPE),
        (_token(1, WITHOUT), Check.ENVELOPE),
        (_token(1, b"did:web:nzcp.example"), Check.ENVELOPE),
        (_token(1, "did:key:z6Mk"), Check.ENVELOPE),
        (_token(1, "33"), Check.ENVELOPE),
        (_token(1, "EU"), Check.ENVELOPE),
        (_token(1, "did:web:"), Check.ENVELOPE),
        (_token(1, "did:web:a\u202eb"), Check.ENVELOPE),
        (_token(1, "did:web:nzcp.example\n"), Check.ENVELOPE),
        (_token(1, "did:web:" + "a" * 201), Check.ENVELOPE),
    ],
    ids=count(),
)
def test_what_is_no_pass_of_version_1_is_malformed(text: str, failed: Check) -> None:
    assert recognises(text)
    assert _failed(text) is failed
    assert _refused(text) == (Reason.MALFORMED,)


@pytest.mark.parametrize(
    "text", ["nzcp:/1/" + a_nz_pass()[8:], "NZCP:1/AA", " NZCP:/1/AA", "NZCP"], ids=count()
)
def test_what_does_not_begin_as_a_pass_is_none(text: str) -> None:
    assert _refused(text) == (Reason.NOT_A_HEALTH_CODE,)


def test_the_issuer_chooses_the_keys_and_the_kid_one_of_them() -> None:
    other = a_key("did:web:other.example", Algorithm.ES256)
    assert _refused(a_nz_pass(other)) == (Reason.UNKNOWN_ISSUER,)
    assert _refused(a_nz_pass(replace(KEY, key_id=b"key-2"))) == (Reason.UNKNOWN_KEY,)
    disguised = replace(other, issuer=ISSUER)
    assert _refused(a_nz_pass(disguised), KEY, other) == (Reason.UNKNOWN_KEY,)
    named = replace(disguised, key_id=KEY.key_id)
    assert _refused(a_nz_pass(named), KEY, other) == (Reason.BAD_SIGNATURE,)


def test_no_key_of_a_province_or_of_the_eu_signs_passes() -> None:
    for issuer in ("33", "EU", "NZL"):
        key = a_key(issuer, Algorithm.ES256)
        assert _refused(a_nz_pass(replace(key, issuer=ISSUER)), key) == (Reason.UNKNOWN_ISSUER,)


def test_a_key_for_another_algorithm_never_counts() -> None:
    key = a_key(ISSUER, Algorithm.EDDSA)
    assert _refused(a_nz_pass(key), key) == (Reason.MALFORMED,)
    text = as_text(a_sign1(cbor2.dumps(TOKEN), key, protected={1: -7, 4: key.key_id}))
    assert _refused(text, key) == (Reason.BAD_SIGNATURE,)


def test_an_altered_payload_has_a_bad_signature() -> None:
    message = base32.decode(a_nz_pass()[8:])
    assert _refused(as_text(message.replace(b"Sparrow", b"Swallow"))) == (Reason.BAD_SIGNATURE,)
    for signature in (b"", bytes(64), bytes(63), b"\xff" * 64):
        assert _refused(_message(signature=signature)) == (Reason.BAD_SIGNATURE,)


def test_the_other_s_verifies_and_is_the_same_pass() -> None:
    original = _accepted(a_nz_pass())
    envelope = cose.parse(base32.decode(a_nz_pass()[8:]), strict=True)
    s = P256_ORDER - int.from_bytes(envelope.signature[32:], "big")
    signature = envelope.signature[:32] + s.to_bytes(32, "big")
    mirrored = a_sign1(envelope.payload, KEY, protected=envelope.protected, signature=signature)
    assert _accepted(as_text(mirrored)).identity == original.identity


@pytest.mark.parametrize(
    ("nbf", "exp", "reasons"),
    [
        (NBF + 60, EXP, ()),
        (NBF + 61, EXP, (Reason.NOT_YET_VALID,)),
        (NBF - 99, NBF - 59, ()),
        (NBF - 99, NBF - 60, (Reason.EXPIRED,)),
        (NBF + 99, NBF - 99, (Reason.EXPIRED, Reason.NOT_YET_VALID)),
        (0, 0, (Reason.EXPIRED,)),
        (253_402_300_799, 253_402_300_799, (Reason.NOT_YET_VALID,)),
    ],
)
def test_a_pass_out_of_its_time_is_proven_and_refused(
    nbf: int, exp: int, reasons: tuple[Reason, ...]
) -> None:
    outcome = read_pass(encode_nz_covid_pass({**TOKEN, 5: nbf, 4: exp}, KEY), a_ring(KEY), NOW)
    assert (outcome.reasons if isinstance(outcome, Rejection) else ()) == reasons
    if isinstance(outcome, Rejection):
        assert outcome.proven is not None
        assert outcome.proven.kind is PassKind.CLEARANCE


@pytest.mark.parametrize("claim", [4, 5])
@pytest.mark.parametrize(
    "value",
    [
        NBF * 1000,
        -1,
        float(NBF),
        NBF + 0.5,
        float("nan"),
        float("inf"),
        2**70,
        str(NBF),
        None,
        True,
        cbor2.CBORTag(1, NBF),
    ],
)
def test_a_time_that_is_none_spoils_a_pass(claim: int, value: object) -> None:
    assert _refused(_token(claim, value)) == (Reason.MALFORMED,)


SCHEMA_FAULTS: Final = [
    _token(4, WITHOUT),
    _token(5, WITHOUT),
    _token(7, WITHOUT),
    _token(7, b""),
    _token(7, CODE_ID.bytes[:15]),
    _token(7, CODE_ID.bytes + b"\0"),
    _token(7, str(CODE_ID)),
    _token("vc", WITHOUT),
    _token("vc", None),
    _token("vc", [CREDENTIAL]),
    _credential("@context", WITHOUT),
    _credential("@context", []),
    _credential("@context", ["https://nzcp.covid19.health.nz/contexts/v1"]),
    _credential("@context", "https://www.w3.org/2018/credentials/v1"),
    _credential("version", WITHOUT),
    _credential("version", "1.1.0"),
    _credential("version", "2.0.0"),
    _credential("version", "1.0"),
    _credential("version", "1.0.0\n"),
    _credential("version", 1),
    _credential("type", WITHOUT),
    _credential("type", []),
    _credential("type", ["PublicCovidPass"]),
    _credential("type", ["PublicCovidPass", "VerifiableCredential"]),
    _credential("type", "PublicCovidPass"),
    _credential("credentialSubject", WITHOUT),
    _credential("credentialSubject", None),
    _credential("credentialSubject", [SUBJECT]),
    _subject(givenName=WITHOUT),
    _subject(givenName=None),
    _subject(givenName="x" * 101),
    _subject(givenName=b"Jack"),
    _subject(familyName=None),
    _subject(familyName="x" * 101),
    _subject(dob=WITHOUT),
    _subject(dob="1960"),
    _subject(dob="1960-02-30"),
    _subject(dob="16.04.1960"),
    _subject(dob="1960-04-16T00:00:00Z"),
    _subject(dob=19600416),
]


@pytest.mark.parametrize("text", SCHEMA_FAULTS, ids=count())
def test_content_against_the_specification_is_malformed(text: str) -> None:
    assert _failed(text) is Check.SCHEMA
    assert _refused(text) == (Reason.MALFORMED,)


def test_another_type_of_pass_is_genuine_and_of_another_scope() -> None:
    text = _credential("type", ["VerifiableCredential", "PublicTestPass"])
    assert _refused(text) == (Reason.WRONG_SCOPE,)
    assert _failed(text) is Check.SCHEMA


def test_a_patch_of_version_1_is_read() -> None:
    _accepted(_credential("version", "1.0.1"))


def test_a_key_for_other_kinds_may_not_sign_clearances() -> None:
    key = replace(KEY, kinds=frozenset({PassKind.VACCINATION}))
    assert _refused(a_nz_pass(), key) == (Reason.WRONG_KEY_USAGE,)


def test_no_rejection_repeats_what_the_pass_says() -> None:
    for text in (*SCHEMA_FAULTS, _message(signature=bytes(64)), a_nz_pass().replace("/1/", "/7/")):
        outcome = read_pass(text, a_ring(KEY), NOW)
        assert "Sparrow" not in repr(outcome)
        assert "1960" not in repr(outcome)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_edit_of_the_text_is_believed(data: st.DataObject) -> None:
    original = a_nz_pass()
    at = data.draw(st.integers(0, len(original)))
    new = data.draw(st.text(base32.ALPHABET, max_size=4) | st.text(max_size=3))
    text = original[:at] + new + original[at + data.draw(st.sampled_from([0, len(new), 1, 8])) :]
    outcome = read_pass(text, a_ring(KEY), NOW)
    if isinstance(outcome, VerifiedPass):
        assert text == original
