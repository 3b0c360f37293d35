"""A code that is bound to a phone counts within the phone's own signature only."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.domain.passes import Algorithm, Colour, PassKind, Rejection, VerifiedPass
from scanner.domain.reasons import Reason
from scanner.formats import base45
from scanner.formats.checks import Check
from scanner.formats.registry import inspect_pass, read_pass
from scanner.issuing.health_code import as_link, encode_claims, issue_health_code
from scanner.issuing.phone import Phone
from scanner.issuing.signing import sign1, sign1_under
from scanner.trust.cose_keys import thumbprint
from tests.builders import NOW, a_bound_code, a_key, a_pass, a_phone, a_ring, as_health_text

PHONES = {algorithm: a_phone(algorithm) for algorithm in (Algorithm.EDDSA, Algorithm.ES256)}
PHONE = PHONES[Algorithm.EDDSA]


def _shown(phone: Phone = PHONE, at: datetime = NOW, **changes: Any) -> str:
    return phone.receives(a_bound_code(phone, **changes)).presents(at)


def _rejection(text: str, now: datetime = NOW) -> Rejection:
    outcome = read_pass(text, a_ring(), now)
    assert isinstance(outcome, Rejection), outcome
    return outcome


def _wrapped(payload: object, header: object = None, phone: Phone = PHONE) -> str:
    protected = cbor2.dumps({1: -8} if header is None else header)
    return as_health_text(sign1_under(protected, cbor2.dumps(payload), phone.private_key))


def _token(phone: Phone = PHONE, **changes: Any) -> bytes:
    return base45.decode(a_bound_code(phone, **changes).removeprefix("JKM1:"))


@pytest.mark.parametrize("phone", PHONES.values(), ids=PHONES)
def test_a_code_that_its_phone_vouches_for_is_genuine(phone: Phone) -> None:
    outcome = read_pass(_shown(phone), a_ring(), NOW)
    assert isinstance(outcome, VerifiedPass)
    expected = a_pass(
        expires_at=NOW + timedelta(days=1),
        holder_key=thumbprint(phone.public_key),
        presented_at=NOW,
    )
    assert outcome.claims == expected


def test_it_may_come_in_a_link() -> None:
    text = _shown()
    assert read_pass(as_link(text, "https://a.example/"), a_ring(), NOW) == read_pass(
        text, a_ring(), NOW
    )


@pytest.mark.parametrize("phone", PHONES.values(), ids=PHONES)
@pytest.mark.parametrize(
    ("offset_s", "reasons"),
    [
        (0, ()),
        (60, ()),
        (-60, ()),
        (60.001, (Reason.SCREENSHOT,)),
        (-60.001, (Reason.SCREENSHOT,)),
        (7200, (Reason.SCREENSHOT,)),
    ],
)
def test_a_picture_of_it_is_worth_nothing_after_a_minute(
    phone: Phone, offset_s: float, reasons: tuple[Reason, ...]
) -> None:
    outcome = read_pass(_shown(phone), a_ring(), NOW + timedelta(seconds=offset_s))
    assert (outcome.reasons if isinstance(outcome, Rejection) else ()) == reasons


def test_a_screenshot_of_a_red_code_is_known_to_be_red() -> None:
    text = _shown(colour=Colour.RED)
    rejection = _rejection(text, NOW + timedelta(minutes=5))
    assert rejection.reasons == (Reason.SCREENSHOT,)
    assert rejection.proven is not None
    assert (rejection.proven.colour, rejection.proven.presented_at) == (Colour.RED, NOW)


@pytest.mark.parametrize("phone", PHONES.values(), ids=PHONES)
def test_the_bare_code_is_a_copy_and_never_a_pass(phone: Phone) -> None:
    bare = a_bound_code(phone, colour=Colour.YELLOW)
    for now in (NOW, NOW + timedelta(hours=12), NOW + timedelta(days=9)):
        rejection = _rejection(bare, now)
        assert rejection.reasons[0] is Reason.HOLDER_UNPROVEN
        assert rejection.proven is not None
        assert rejection.proven.presented_at is None
        assert rejection.proven.colour is Colour.YELLOW


@pytest.mark.parametrize("other", PHONES.values(), ids=PHONES)
def test_another_phone_cannot_vouch_for_it(other: Phone) -> None:
    thief = Phone.new(other.algorithm)
    for colour in (Colour.GREEN, Colour.RED):
        stolen = _token(PHONE, colour=colour)
        text = replace(thief, code=stolen).presents(NOW)
        rejection = _rejection(text)
        assert rejection.reasons == (Reason.BAD_SIGNATURE,)
        assert rejection.proven is None


def test_a_wrong_time_under_a_right_signature_is_a_wrong_signature() -> None:
    message = cbor2.loads(base45.decode(_shown()[5:])).value
    payload = cbor2.dumps([int(NOW.timestamp()) + 3600, _token()])
    forged = cbor2.dumps(cbor2.CBORTag(18, [message[0], {}, payload, message[3]]))
    rejection = _rejection(as_health_text(forged), NOW + timedelta(hours=1))
    assert rejection.reasons == (Reason.BAD_SIGNATURE,)


def test_the_issuers_key_does_not_vouch_for_the_holder() -> None:
    key = a_key()
    payload = cbor2.dumps([int(NOW.timestamp()), _token()])
    text = as_health_text(sign1_under(cbor2.dumps({1: -8}), payload, key.private_key))
    assert _rejection(text).reasons == (Reason.BAD_SIGNATURE,)


def test_a_phone_does_not_make_a_code_of_an_unknown_key_genuine() -> None:
    stranger = a_key("33", Algorithm.PS256)
    text = _shown_by(stranger)
    assert _rejection(text).reasons == (Reason.UNKNOWN_KEY,)
    forger = replace(stranger, key_id=a_key().key_id)
    assert _rejection(_shown_by(forger)).reasons == (Reason.BAD_SIGNATURE,)


def _shown_by(issuer: Any) -> str:
    code = issue_health_code(a_pass(), issuer, PHONE.public_key)
    return PHONE.receives(code).presents(NOW)


def test_all_failures_are_listed() -> None:
    text = _shown(expires_at=NOW - timedelta(hours=1))
    rejection = _rejection(text, NOW + timedelta(minutes=2))
    assert rejection.reasons == (Reason.SCREENSHOT, Reason.EXPIRED)
    spoiled = cbor2.loads(encode_claims(a_pass(), PHONE.public_key))
    spoiled = dict(spoiled) | {-65537: {1: 1}}
    token = sign1(cbor2.dumps(spoiled), a_key())
    rejection = _rejection(_wrapped([int(NOW.timestamp()) - 300, token]))
    assert rejection.reasons == (Reason.SCREENSHOT, Reason.MALFORMED)
    assert rejection.proven is None


def test_a_citys_key_is_not_blamed_for_a_thiefs_phone() -> None:
    key = a_key(division="330100")
    code = issue_health_code(a_pass(division="330100"), key, PHONE.public_key)
    thief = replace(Phone.new(), code=base45.decode(code[5:]))
    outcome = read_pass(thief.presents(NOW), a_ring(key), NOW)
    assert isinstance(outcome, Rejection)
    assert outcome.reasons == (Reason.BAD_SIGNATURE,)


def test_the_identity_is_that_of_the_issuers_message() -> None:
    first = read_pass(_shown(at=NOW), a_ring(), NOW)
    later = read_pass(_shown(at=NOW + timedelta(seconds=30)), a_ring(), NOW)
    bare = read_pass(a_bound_code(PHONE), a_ring(), NOW)
    assert first.identity == later.identity == bare.identity


SECONDS = int(NOW.timestamp())
WRONG_WRAPPERS: dict[str, str] = {
    "a code that names no phone": _wrapped([SECONDS, sign1(encode_claims(a_pass()), a_key())]),
    "a wrapper in a wrapper": _wrapped([SECONDS, base45.decode(_shown()[5:])]),
    "no time": _wrapped([_token()]),
    "a time too many": _wrapped([SECONDS, _token(), SECONDS]),
    "the other way round": _wrapped([_token(), SECONDS]),
    "a fractional time": _wrapped([SECONDS + 0.5, _token()]),
    "true for a time": _wrapped([True, _token()]),
    "a negative time": _wrapped([-1, _token()]),
    "milliseconds": _wrapped([SECONDS * 1000, _token()]),
    "a huge time": _wrapped([2**63, _token()]),
    "a token that is no byte string": _wrapped([SECONDS, cbor2.loads(_token())]),
    "an empty token": _wrapped([SECONDS, b""]),
    "a byte after the token": _wrapped([SECONDS, _token() + b"\0"]),
    "an untagged token": _wrapped([SECONDS, _token()[1:]]),
    "a map instead of an array": _wrapped({1: SECONDS, 2: _token()}),
    "an empty array": _wrapped([]),
    "a kid in the header": _wrapped([SECONDS, _token()], {1: -8, 4: b"kid"}),
    "a critical header": _wrapped([SECONDS, _token()], {1: -8, 2: [1]}),
    "no algorithm": _wrapped([SECONDS, _token()], {}),
    "an algorithm of large keys": _wrapped([SECONDS, _token()], {1: -37}),
    "an unknown algorithm": _wrapped([SECONDS, _token()], {1: -65535}),
    "an algorithm by name": _wrapped([SECONDS, _token()], {1: "EdDSA"}),
}


@pytest.mark.parametrize("text", WRONG_WRAPPERS.values(), ids=WRONG_WRAPPERS)
def test_only_one_form_of_wrapper_is_read(text: str) -> None:
    inspection = inspect_pass(text, a_ring(), NOW)
    assert isinstance(inspection.outcome, Rejection)
    assert inspection.outcome.reasons == (Reason.MALFORMED,)
    assert inspection.failed is Check.ENVELOPE
    assert inspection.outcome.proven is None


def test_an_unprotected_header_around_it_is_refused() -> None:
    header, _, payload, signature = cbor2.loads(base45.decode(_shown()[5:])).value
    for unprotected in ({1: -8}, {4: b""}):
        message = cbor2.CBORTag(18, [header, unprotected, payload, signature])
        assert _rejection(as_health_text(cbor2.dumps(message))).reasons == (Reason.MALFORMED,)


KEY = cbor2.loads(encode_claims(a_pass(), PHONE.public_key))[8][1]
WRONG_CNF: list[object] = [
    None,
    {},
    KEY,
    b"",
    [KEY],
    {1: KEY, 3: b"kid"},
    {3: b"kid"},
    {2: b"encrypted"},
    {True: KEY},
    {1: {**KEY, 3: -8}},
    {1: {**KEY, -2: bytes(32)}},
    {1: {1: 1, -1: 6, -2: b"\1" + bytes(31)}},
    {1: None},
]


@pytest.mark.parametrize("cnf", WRONG_CNF)
def test_a_phones_key_against_the_rules_spoils_the_code(cnf: object) -> None:
    content = dict(cbor2.loads(encode_claims(a_pass()))) | {8: cnf}
    token = sign1(cbor2.dumps(content), a_key())
    for text in (as_health_text(token), _wrapped([SECONDS, token])):
        rejection = _rejection(text)
        assert rejection.reasons == (Reason.MALFORMED,)
        assert rejection.proven is None


@pytest.mark.parametrize("kind", [PassKind.DYNAMIC, PassKind.DEPENDANT, PassKind.VISITOR])
def test_what_a_phone_shows_may_be_bound_to_it(kind: PassKind) -> None:
    assert isinstance(read_pass(_shown(kind=kind), a_ring(), NOW), VerifiedPass)


def test_paper_cannot_be_bound_to_a_phone() -> None:
    assert _rejection(_shown(kind=PassKind.PAPER)).reasons == (Reason.MALFORMED,)


def test_the_holders_step_is_one_of_bound_codes_only() -> None:
    for text, steps, check in (
        (_shown(), True, True),
        (a_bound_code(PHONE), True, False),
        (as_health_text(sign1(encode_claims(a_pass()), a_key())), False, None),
        ("JKM1:", False, None),
    ):
        inspection = inspect_pass(text, a_ring(), NOW)
        assert (Check.HOLDER in inspection.steps) is steps
        assert inspection.trail.checks.get(Check.HOLDER) is check
    inspection = inspect_pass(a_bound_code(PHONE), a_ring(), NOW)
    assert inspection.failed is Check.HOLDER


def test_no_rejection_repeats_what_the_code_says() -> None:
    secret = "SECRET7"
    for text in (
        replace(Phone.new(), code=_token(PHONE, scope=secret)).presents(NOW),
        _wrapped([SECONDS, secret.encode()]),
    ):
        assert secret not in repr(_rejection(text))


@given(st.integers(-(10**6), 10**6))
def test_it_is_accepted_within_a_minute_and_never_else(offset_ms: int) -> None:
    outcome = read_pass(TEXT, a_ring(), NOW + timedelta(milliseconds=offset_ms))
    assert isinstance(outcome, VerifiedPass) is (abs(offset_ms) <= 60_000)


TEXT = _shown(issued_at=NOW - timedelta(hours=1))
