"""EU certificates: layers with caps, the schema's facts, and tolerance only where it is due."""

import zlib
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import cbor2
import pytest

from scanner.domain.issuers import EU
from scanner.domain.passes import (
    Algorithm,
    PassKind,
    Rejection,
    VerifiedPass,
)
from scanner.domain.reasons import Reason
from scanner.formats import base45
from scanner.formats.checks import Check
from scanner.formats.readers.eu_dcc import FORMAT as EU_DCC
from scanner.formats.readers.eu_dcc import HCERT_CLAIM
from scanner.formats.registry import inspect_pass, read_pass
from scanner.issuing.eu_dcc import issue_eu_dcc
from scanner.issuing.keys import IssuerKey
from tests.builders import NOW, a_key, a_ring, a_sign1

KEY: Final = a_key(EU, Algorithm.ES256)
EXPIRES: Final = int((NOW + timedelta(days=100)).timestamp())
ISSUED: Final = int(NOW.timestamp())
COMMON: Final = {
    "tg": "840539006",
    "co": "SE",
    "is": "Swedish eHealth Agency",
    "ci": "URN:UVCI:01:SE:EHM/100000024GI5HMGZKSMS",
}
VACCINATION: Final = COMMON | {
    "vp": "1119349007",
    "mp": "EU/1/20/1528",
    "ma": "ORG-100030215",
    "dn": 1,
    "sd": 2,
    "dt": "2021-03-18",
}
TEST: Final = COMMON | {"tt": "LP6464-4", "sc": "2021-06-11T12:15:00Z", "tr": "260415000"}
RECOVERY: Final = COMMON | {"fr": "2021-05-01", "df": "2026-11-12", "du": "2027-01-31"}


def a_document(
    group: str = "v", entry: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    """The content of a certificate with one entry."""
    entries: dict[str, dict[str, Any]] = {"v": VACCINATION, "t": TEST, "r": RECOVERY}
    document = {
        "ver": "1.3.0",
        "nam": {"fn": "Lövström", "gn": "Oscar", "fnt": "LOEVSTROEM", "gnt": "OSCAR"},
        "dob": "1958-11-11",
        group: [dict(entries[group] if entry is None else entry)],
    }
    return document | more


def a_content(document: object) -> dict[Any, Any]:
    """The claims around it."""
    return {1: "SE", 4: EXPIRES, 6: ISSUED, HCERT_CLAIM: {1: document}}


def a_text(content: object, key: IssuerKey = KEY, **how: Any) -> str:
    """Any claims, signed, compressed and encoded."""
    payload = content if isinstance(content, bytes) else cbor2.dumps(content)
    return "HC1:" + base45.encode(zlib.compress(a_sign1(payload, key, **how)))


def _accepted(text: str) -> VerifiedPass:
    outcome = read_pass(text, a_ring(KEY), NOW)
    assert isinstance(outcome, VerifiedPass), outcome
    return outcome


def _failed(text: str) -> Check | None:
    inspection = inspect_pass(text, a_ring(KEY), NOW)
    assert isinstance(inspection.outcome, Rejection)
    return inspection.failed


def test_a_vaccination_in_our_own_shape() -> None:
    claims = _accepted(a_text(a_content(a_document()))).claims
    assert claims.format is EU_DCC
    assert claims.kind is PassKind.VACCINATION
    assert (claims.issuer, claims.country) == (EU, "SE")
    assert claims.colour is None
    assert claims.holder is not None
    assert claims.holder.masked_name == "O*** L***"
    assert claims.vaccine is not None
    assert (claims.vaccine.doses, claims.vaccine.last_day) == (1, date(2021, 3, 18))
    assert claims.code_id == COMMON["ci"].encode()
    assert claims.issued_at == NOW


def test_a_test_in_our_own_shape() -> None:
    claims = _accepted(a_text(a_content(a_document("t")))).claims
    assert claims.kind is PassKind.TEST
    assert claims.test is not None
    assert claims.test.negative
    assert claims.test.sampled_at == datetime(2021, 6, 11, 12, 15, tzinfo=UTC)


@pytest.mark.parametrize("result", ["260373001", "", "negative"])
def test_only_not_detected_is_negative(result: str) -> None:
    claims = _accepted(a_text(a_content(a_document("t", TEST | {"tr": result})))).claims
    assert claims.test is not None
    assert not claims.test.negative


def test_a_recovery_holds_no_longer_than_it_says() -> None:
    claims = _accepted(a_text(a_content(a_document("r")))).claims
    assert claims.kind is PassKind.RECOVERY
    assert claims.not_before == datetime(2026, 11, 12, tzinfo=UTC)
    assert claims.expires_at is not None
    assert claims.expires_at.date() == date(2027, 1, 31)
    last_day = a_document("r", RECOVERY | {"du": "9999-12-31"})
    assert _accepted(a_text(a_content(last_day))).claims.expires_at == NOW + timedelta(days=100)


@pytest.mark.parametrize("kind", [PassKind.VACCINATION, PassKind.TEST, PassKind.RECOVERY])
def test_what_the_reference_issuer_makes_is_read(kind: PassKind) -> None:
    assert _accepted(issue_eu_dcc(KEY, now=NOW, kind=kind)).claims.kind is kind


def test_the_issuing_country_does_not_choose_the_keys() -> None:
    for country in ("AT", "33", 7, None):
        assert _accepted(a_text(a_content(a_document()) | {1: country})).claims.issuer == EU


WITHOUT: Final = object()
SCHEMA_FAULTS: Final[list[tuple[str, object]]] = [
    ("ver", WITHOUT),
    ("ver", "1.3"),
    ("ver", 1),
    ("nam", WITHOUT),
    ("nam", {}),
    ("nam", {"fn": "Lövström", "gn": "Oscar"}),
    ("nam", {"fnt": "Loevstroem"}),
    ("nam", {"fnt": "A" * 81}),
    ("nam", {"gnt": "A", "gn": "x" * 81}),
    ("dob", WITHOUT),
    ("dob", "1899-01-01"),
    ("dob", "1958-11-11T00:00:00"),
    ("dob", None),
    ("v", WITHOUT),
    ("v", []),
    ("v", [VACCINATION, VACCINATION]),
    ("v", VACCINATION),
    ("t", [TEST]),
    ("t", []),
    ("r", None),
]


@pytest.mark.parametrize(("field", "value"), SCHEMA_FAULTS)
def test_content_against_the_schema_is_malformed(field: str, value: object) -> None:
    document = a_document()
    if value is WITHOUT:
        del document[field]
    else:
        document[field] = value
    assert _failed(a_text(a_content(document))) is Check.SCHEMA


ENTRY_FAULTS: Final[list[tuple[str, str, object]]] = [
    *((group, field, WITHOUT) for group in "vtr" for field in COMMON),
    *(("v", field, WITHOUT) for field in ("vp", "mp", "ma", "dn", "sd", "dt")),
    *(("t", field, WITHOUT) for field in ("tt", "sc", "tr")),
    *(("r", field, WITHOUT) for field in ("fr", "df", "du")),
    ("v", "dn", 0),
    ("v", "dn", 1.5),
    ("v", "dn", float("nan")),
    ("v", "dn", float("inf")),
    ("v", "dn", "1"),
    ("v", "sd", True),
    ("v", "dt", "18.03.2021"),
    ("v", "dt", "2021-02-30"),
    ("v", "dt", 20210318),
    ("v", "co", "se"),
    ("v", "is", "x" * 81),
    ("v", "ci", "x" * 81),
    ("v", "tg", 840539006),
    ("t", "sc", "yesterday"),
    ("t", "sc", "0001-01-01T00:00:00+14:00"),
    ("t", "nm", "x" * 81),
    ("t", "tc", None),
    ("r", "du", "2021-13-01"),
    ("r", "df", "0001-01-01T00:00:00+14:00"),
    ("r", "df", "9999-12-31T23:59:59-14:00"),
]


@pytest.mark.parametrize(("group", "field", "value"), ENTRY_FAULTS)
def test_an_entry_against_the_schema_is_malformed(group: str, field: str, value: object) -> None:
    document = a_document(group)
    if value is WITHOUT:
        del document[group][0][field]
    else:
        document[group][0][field] = value
    assert _failed(a_text(a_content(document))) is Check.SCHEMA


@pytest.mark.parametrize(
    "document",
    [
        a_document(dob=""),
        a_document(dob="1958"),
        a_document(dob="1958-11"),
        a_document(nam={"gnt": "OSCAR"}),
        a_document(extra={"more": 1}),
        a_document("v", VACCINATION | {"dt": "2021-03-18T00:00:00Z", "dn": 3, "sd": 2}),
        a_document("v", VACCINATION | {"mp": "no such product", "note": 1}),
        a_document("v", VACCINATION | {"dn": 1.0, "sd": 2.0}),
        a_document("t", TEST | {"sc": "2021-06-11T14:15:00+02:00", "nm": "", "ma": "1232"}),
        a_document("t", TEST | {"sc": "2021-06-11T12:15:00.123456789Z"}),
        a_document("t", TEST | {"sc": cbor2.CBORTag(0, "2021-06-11T12:15:00Z")}),
    ],
)
def test_what_the_schema_allows_is_accepted(document: dict[str, Any]) -> None:
    _accepted(a_text(a_content(document)))


def test_a_schema_fault_of_a_forged_certificate_is_not_even_looked_at() -> None:
    text = a_text(a_content(a_document(ver=1)), signature=bytes(64))
    inspection = inspect_pass(text, a_ring(KEY), NOW)
    assert isinstance(inspection.outcome, Rejection)
    assert inspection.outcome.reasons == (Reason.BAD_SIGNATURE,)
    assert Check.SCHEMA not in inspection.trail.checks


@pytest.mark.parametrize("how", [{"tags": ()}, {"tags": (18, 61)}, {"unprotected": {4: b"x"}}])
def test_what_foreign_issuers_write_around_the_message_is_tolerated(how: dict[str, Any]) -> None:
    content = a_content(a_document())
    payload = cbor2.dumps(content)
    text = a_text(payload, **how)
    expected = _accepted(a_text(payload))
    assert _accepted(text).identity == expected.identity


def test_duplicate_keys_and_indefinite_lengths_are_tolerated_in_foreign_certificates() -> None:
    payload = cbor2.dumps(a_content(a_document()))
    assert payload[0] == 0xA4
    issuer = bytes.fromhex("01 62 5345")
    _accepted(a_text(b"\xbf" + payload[1:] + b"\xff"))
    _accepted(a_text(b"\xa5" + issuer + payload[1:]))


@pytest.mark.parametrize("expires", [EXPIRES, float(EXPIRES), EXPIRES + 0.5])
def test_times_may_be_fractions(expires: float) -> None:
    _accepted(a_text(a_content(a_document()) | {4: expires}))


@pytest.mark.parametrize("expires", [float("nan"), float("inf"), -1, EXPIRES * 1000, "x", None])
def test_what_is_no_time_fails_the_time_check(expires: object) -> None:
    assert _failed(a_text(a_content(a_document()) | {4: expires})) is Check.TIME


@pytest.mark.parametrize(
    "hcert", [WITHOUT, b"\xa1", {}, {2: {}}, {1: b"\xa1"}, {1: []}, {1: None}, [1]]
)
def test_without_a_certificate_there_is_nothing_to_verify(hcert: object) -> None:
    content = a_content(a_document()) | {HCERT_CLAIM: hcert}
    if hcert is WITHOUT:
        del content[HCERT_CLAIM]
    assert _failed(a_text(content)) is Check.ENVELOPE


def _wrapped(data: bytes) -> str:
    return "HC1:" + base45.encode(data)


def test_a_zip_bomb_is_refused_at_its_cap() -> None:
    bomb = zlib.compress(bytes(1_500_000), 9)
    assert len(_wrapped(bomb)) < 4096
    assert _failed(_wrapped(bomb)) is Check.COMPRESSION


@pytest.mark.parametrize("fault", ["cut off", "trailing", "not compressed", "raw deflate"])
def test_one_whole_zlib_stream_and_nothing_else(fault: str) -> None:
    message = a_sign1(cbor2.dumps(a_content(a_document())), KEY)
    whole = zlib.compress(message)
    data = {
        "cut off": whole[:-1],
        "trailing": whole + b"\0",
        "not compressed": message,
        "raw deflate": whole[2:-4],
    }[fault]
    assert _failed(_wrapped(data)) is Check.COMPRESSION


@pytest.mark.parametrize("kind", [PassKind.VACCINATION, PassKind.TEST, PassKind.RECOVERY])
@pytest.mark.parametrize("allowed", [PassKind.VACCINATION, PassKind.TEST, PassKind.RECOVERY])
def test_a_key_signs_only_the_kinds_it_was_given(kind: PassKind, allowed: PassKind) -> None:
    key = a_key(EU, Algorithm.ES256, None, frozenset({allowed}))
    outcome = read_pass(issue_eu_dcc(key, now=NOW, kind=kind), a_ring(key), NOW)
    if kind is allowed:
        assert isinstance(outcome, VerifiedPass)
    else:
        assert isinstance(outcome, Rejection)
        assert outcome.reasons == (Reason.WRONG_KEY_USAGE,)
        assert outcome.proven is not None


def test_a_restricted_key_cannot_hide_a_second_kind() -> None:
    key = a_key(EU, Algorithm.ES256, None, frozenset({PassKind.TEST}))
    text = a_text(a_content(a_document("t", v=[VACCINATION])), key)
    outcome = read_pass(text, a_ring(key), NOW)
    assert isinstance(outcome, Rejection)
    assert outcome.reasons == (Reason.WRONG_KEY_USAGE, Reason.MALFORMED)


@pytest.mark.parametrize("test_type", ["PCR\u202e", "a\x1b[2J", "x" * 33, ""])
def test_a_test_type_that_no_screen_should_show_is_unknown(test_type: str) -> None:
    claims = _accepted(a_text(a_content(a_document("t", TEST | {"tt": test_type})))).claims
    assert claims.test is not None
    assert claims.test.kind == "unknown"


@pytest.mark.parametrize("doses", [100, 1e300, float("inf"), float("nan"), 2**63])
def test_a_count_of_doses_beyond_any_course_is_malformed(doses: float) -> None:
    for field in ("dn", "sd"):
        document = a_document("v", a_document()["v"][0] | {field: doses})
        assert _failed(a_text(a_content(document))) is Check.SCHEMA
