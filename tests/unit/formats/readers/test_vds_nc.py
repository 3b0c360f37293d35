"""ICAO seals: one meaning of JSON, keys from the trust list only, facts about COVID-19 only."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from hashlib import sha256
from itertools import count
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.domain.passes import Algorithm, Holder, IdKind, PassKind, Rejection, VerifiedPass
from scanner.domain.reasons import Reason
from scanner.formats.canonical_json import canonical
from scanner.formats.checks import Check, UnreadableError
from scanner.formats.readers.vds_nc import FORMAT
from scanner.formats.registry import inspect_pass, read_pass, recognises
from scanner.issuing.keys import IssuerKey
from scanner.issuing.signing import sign
from scanner.issuing.vds_nc import certificate, encode_vds_nc, generate_signer, issue_vds_nc
from tests.builders import NOW, a_key, a_ring

P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
WITHOUT: Final = object()
VACCINATION: Final[dict[str, Any]] = {
    "hdr": {"t": "icao.vacc", "v": 1, "is": "UTO"},
    "msg": {
        "uvci": "U32870",
        "pid": {"n": "Smith Bill", "dob": "1990-01-02", "sex": "M", "i": "A1234567Z"},
        "ve": [
            {
                "des": "XM68M6",
                "nam": "Comirnaty",
                "dis": "RA01.0",
                "vd": [
                    {"dvc": "2021-03-03", "seq": 1, "ctr": "UTO", "lot": "VC35679"},
                    {"dvc": "2021-03-24", "seq": 2, "ctr": "UTO", "lot": "VC87540"},
                ],
            }
        ],
    },
}
TEST: Final[dict[str, Any]] = {
    "hdr": {"t": "icao.test", "v": 1, "is": "UTO"},
    "msg": {
        "utci": "T32870",
        "pid": {"n": "Smith Bill", "dob": "1990-01-02", "dt": "P", "dn": "A1234567Z"},
        "sp": {"spn": "Lab", "ctr": "UTO", "cd": {"p": "+12345", "e": "a@b.example", "a": "1 St"}},
        "dat": {"sc": "2026-11-22T20:00:00+10:00", "ri": "2026-11-22T23:00:00+10:00"},
        "tr": {"tc": "molecular(PCR)", "r": "negative", "m": "saliva"},
    },
}
YELLOW_FEVER: Final = {"des": "XM0N24", "dis": "1D47", "vd": [{"dvc": "2019-01-01", "seq": 1}]}


@cache
def _signer(issuer: str = "UTO") -> IssuerKey:
    return generate_signer(issuer)


KEY: Final = _signer()


def a_seal(*path_and_value: Any, of: dict[str, Any] = VACCINATION) -> str:
    """A signed seal; the last argument stands where the others lead to."""
    return encode_vds_nc(_changed(of, *path_and_value), KEY)


def _changed(value: Any, *path_and_value: Any) -> Any:
    changed = deepcopy(value)
    if not path_and_value:
        return changed
    *path, last, new = path_and_value
    inner = changed
    for step in path:
        inner = inner[step]
    if new is WITHOUT:
        del inner[last]
    else:
        inner[last] = new
    return changed


def _with_sig(**changes: object) -> str:
    """A good seal with other members of `sig`."""
    seal = json.loads(a_seal())
    seal["sig"] |= changes
    seal["sig"] = {key: item for key, item in seal["sig"].items() if item is not WITHOUT}
    return json.dumps(seal, separators=(",", ":"))


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _accepted(text: str, *keys: IssuerKey) -> VerifiedPass:
    outcome = read_pass(text, a_ring(*keys or (KEY,)), NOW)
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


def test_a_vaccination_in_our_own_shape() -> None:
    claims = _accepted(a_seal()).claims
    assert (claims.format, claims.kind) == (FORMAT, PassKind.VACCINATION)
    assert (claims.issuer, claims.country, claims.colour) == ("UTO", "UTO", None)
    assert claims.code_id == b"U32870"
    assert claims.holder == Holder("S*** B***", IdKind.PASSPORT, "567Z")
    assert claims.vaccine is not None
    assert (claims.vaccine.doses, claims.vaccine.last_day) == (2, date(2021, 3, 24))
    assert (claims.test, claims.recovery, claims.expires_at) == (None, None, None)


def test_a_test_in_our_own_shape() -> None:
    claims = _accepted(a_seal(of=TEST)).claims
    assert claims.kind is PassKind.TEST
    assert claims.code_id == b"T32870"
    assert claims.holder == Holder("S*** B***", IdKind.PASSPORT, "567Z")
    assert claims.test is not None
    assert (claims.test.kind, claims.test.negative) == ("molecular(PCR)", True)
    assert claims.test.sampled_at == datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert claims.test.reported_at == datetime(2026, 11, 22, 13, tzinfo=UTC)
    assert claims.vaccine is None


@pytest.mark.parametrize("kind", [PassKind.VACCINATION, PassKind.TEST])
def test_what_the_reference_issuer_makes_is_read(kind: PassKind) -> None:
    assert _accepted(issue_vds_nc(KEY, now=NOW, kind=kind)).claims.kind is kind


def test_a_signer_has_one_certificate_and_its_kid() -> None:
    assert certificate(KEY) == certificate(KEY)
    assert KEY.key_id == sha256(certificate(KEY)).digest()[:8]


def test_the_number_of_the_document_is_nowhere_but_its_end() -> None:
    for seal in (VACCINATION, TEST):
        assert "A1234567Z" not in repr(_accepted(a_seal(of=seal)))
        assert "12345" not in repr(_accepted(a_seal(of=seal)))
    late = a_seal("msg", "ve", 0, "vd", 0, "dvc", "2099-01-01")
    wrong = a_seal("msg", "pid", "n", None)
    for text in (late, wrong, _with_sig(sigvl=""), _with_sig(alg=1), a_seal()[:-1]):
        outcome = read_pass(text, a_ring(KEY), NOW)
        assert isinstance(outcome, Rejection)
        for secret in ("A1234567Z", "Smith", "1990"):
            assert secret not in repr(outcome)


@pytest.mark.parametrize(
    ("number", "kind", "suffix"),
    [
        ("A1234567Z", IdKind.PASSPORT, "567Z"),
        ("a12-3456<7z<<", IdKind.PASSPORT, "567Z"),
        ("12345", IdKind.PASSPORT, "2345"),
        ("1234", IdKind.OTHER, ""),
        ("12 34", IdKind.OTHER, ""),
        ("\u202e12345\u202c六", IdKind.PASSPORT, "2345"),
        ("六六六六六六", IdKind.OTHER, ""),
        ("", IdKind.OTHER, ""),
        (None, IdKind.OTHER, ""),
    ],
)
def test_of_a_document_four_characters_are_kept_and_never_all(
    number: str | None, kind: IdKind, suffix: str
) -> None:
    holder = _accepted(a_seal("msg", "pid", "i", number)).claims.holder
    assert holder == Holder("S*** B***", kind, suffix)


def test_a_document_that_is_no_passport_is_none() -> None:
    holder = _accepted(a_seal("msg", "pid", "dt", "ID", of=TEST)).claims.holder
    assert holder == Holder("S*** B***", IdKind.OTHER, "567Z")


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("JANE  CITIZEN", "J*** C***"),
        ("\u202e\u2066Bill\x1b[31m \u200bSmith\0", "B*** S***"),
        ("王小明", "王*明"),
        ("Müller<<José", "M*** J***"),
    ],
)
def test_no_trick_in_a_name_reaches_the_screen(name: str, masked: str) -> None:
    holder = _accepted(a_seal("msg", "pid", "n", name)).claims.holder
    assert holder is not None
    assert holder.masked_name == masked


def test_a_name_without_letters_leaves_no_holder() -> None:
    assert _accepted(a_seal("msg", "pid", "n", "\u202e 12 \u200b")).claims.holder is None


@pytest.mark.parametrize(
    ("dis", "des", "counts"),
    [
        ("RA01", "XM68M6", True),
        ("RA01.0", "XM8NQ0", True),
        ("RA01.1", "", True),
        ("XN109", "XM0GQ8", True),
        (None, "XM68M6", True),
        (WITHOUT, "XM0GQ8", True),
        (WITHOUT, "XM1NL1", True),
        ("RA0", "XM0N24", False),
        ("RA010", "XM0N24", False),
        ("RA02", "XM0N24", False),
        ("1D47", "XM0N24", False),
        (WITHOUT, "XM0N24", False),
        ("", "xm68m6", False),
    ],
)
def test_only_vaccination_against_covid_counts(dis: object, des: str, counts: bool) -> None:
    entry = _changed(VACCINATION["msg"]["ve"][0], "dis", dis) | {"des": des}
    text = a_seal("msg", "ve", [entry])
    if counts:
        _accepted(text)
    else:
        assert _refused(text) == (Reason.WRONG_SCOPE,)
        assert _failed(text) is Check.SCHEMA


def test_other_vaccinations_beside_it_are_not_counted() -> None:
    entries = [YELLOW_FEVER, *VACCINATION["msg"]["ve"], YELLOW_FEVER]
    vaccine = _accepted(a_seal("msg", "ve", entries)).claims.vaccine
    assert vaccine is not None
    assert (vaccine.doses, vaccine.last_day) == (2, date(2021, 3, 24))
    assert "2019" not in repr(vaccine)


@pytest.mark.parametrize(
    ("doses", "count", "last"),
    [
        ([("2021-10-01", 3)], 3, date(2021, 10, 1)),
        ([("2021-10-01", "3")], 3, date(2021, 10, 1)),
        ([("2021-10-01", 1), ("2021-01-01", 1)], 2, date(2021, 10, 1)),
        ([("2021-01-01", 1), ("2021-01-01", 1)], 1, date(2021, 1, 1)),
        ([("2021-01-01", "02"), ("2020-12-01", 1)], 2, date(2021, 1, 1)),
        ([("0001-01-01", 1)], 1, date(1, 1, 1)),
    ],
)
def test_doses_by_number_or_by_day(
    doses: list[tuple[str, int | str]], count: int, last: date
) -> None:
    entry = VACCINATION["msg"]["ve"][0] | {"vd": [{"dvc": day, "seq": seq} for day, seq in doses]}
    vaccine = _accepted(a_seal("msg", "ve", [entry])).claims.vaccine
    assert vaccine is not None
    assert (vaccine.doses, vaccine.last_day) == (count, last)


@pytest.mark.parametrize(
    ("result", "negative"),
    [
        ("negative", True),
        ("Negative", True),
        ("NORMAL", True),
        ("positive", False),
        ("abnormal", False),
        ("inconclusive", False),
        ("not negative", False),
        ("", False),
        ("\u202enegative", False),
    ],
)
def test_only_two_words_mean_negative(result: str, negative: bool) -> None:
    test = _accepted(a_seal("msg", "tr", "r", result, of=TEST)).claims.test
    assert test is not None
    assert test.negative is negative


@pytest.mark.parametrize("kind", ["antibody", "Antibody (IgG)"])
def test_a_test_for_antibodies_clears_nobody(kind: str) -> None:
    assert _refused(a_seal("msg", "tr", "tc", kind, of=TEST)) == (Reason.WRONG_SCOPE,)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22T10:00:00Z", datetime(2026, 11, 22, 10, tzinfo=UTC)),
        ("2026-11-22T10:00", datetime(2026, 11, 22, 10, tzinfo=UTC)),
        ("2026-11-22T10:00:00.123456789-0330", datetime(2026, 11, 22, 13, 30, 0, 123456, UTC)),
        ("2026-11-22T10:00:00+08", datetime(2026, 11, 22, 2, tzinfo=UTC)),
        ("2026-11-22", datetime(2026, 11, 22, tzinfo=UTC)),
        ("0001-01-01", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_when_a_sample_was_taken(text: str, moment: datetime) -> None:
    seal = _changed(TEST, "msg", "dat", {"sc": text})
    test = _accepted(encode_vds_nc(seal, KEY)).claims.test
    assert test is not None
    assert (test.sampled_at, test.reported_at) == (moment, None)


@pytest.mark.parametrize(
    ("of", "path", "not_yet"),
    [
        (VACCINATION, ("msg", "ve", 0, "vd", 1, "dvc", "2026-11-23"), False),
        (VACCINATION, ("msg", "ve", 0, "vd", 0, "dvc", "2026-11-24"), True),
        (VACCINATION, ("msg", "ve", 0, "vd", 1, "dvc", "9999-12-31"), True),
        (TEST, ("msg", "dat", "sc", "2026-11-23T23:00:00"), False),
        (TEST, ("msg", "dat", "sc", "2026-11-23T23:00:01"), True),
        (TEST, ("msg", "dat", "ri", "2026-11-24T09:00:00Z"), True),
        (TEST, ("msg", "dat", "sc", "9999-12-31T23:59:59-00:00"), True),
    ],
)
def test_what_lies_in_the_future_has_not_happened(
    of: dict[str, Any], path: tuple[Any, ...], not_yet: bool
) -> None:
    outcome = read_pass(a_seal(*path, of=of), a_ring(KEY), NOW)
    if not_yet:
        assert isinstance(outcome, Rejection)
        assert outcome.reasons == (Reason.NOT_YET_VALID,)
        assert outcome.proven is not None
        assert _failed(a_seal(*path, of=of)) is Check.TIME
    else:
        assert isinstance(outcome, VerifiedPass)


def test_local_days_ahead_of_utc_are_not_the_future() -> None:
    evening = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
    text = a_seal("msg", "ve", 0, "vd", 1, "dvc", "2026-11-24")
    assert isinstance(read_pass(text, a_ring(KEY), evening), VerifiedPass)


WRONG_VERSIONS: Final[list[object]] = [2, 0, "1", None, WITHOUT, True]
WRONG_LISTS: Final[list[object]] = [[], {}, [[]], "XM68M6"]
WRONG_NUMBERS: Final[list[object]] = [WITHOUT, 0, -1, 100, "0", "1.0", "", "²", True, None]
SCHEMA_FAULTS: Final[list[tuple[dict[str, Any], tuple[Any, ...]]]] = [
    *((VACCINATION, ("hdr", "v", value)) for value in WRONG_VERSIONS),
    (VACCINATION, ("msg", WITHOUT)),
    (VACCINATION, ("msg", [])),
    *((VACCINATION, ("msg", name, WITHOUT)) for name in ("uvci", "pid", "ve")),
    *((VACCINATION, ("msg", "uvci", value)) for value in ("", "x" * 81, 1, "a\nb", "a\u202eb")),
    (VACCINATION, ("msg", "pid", "n", WITHOUT)),
    (VACCINATION, ("msg", "pid", "n", "x" * 101)),
    (VACCINATION, ("msg", "pid", "i", 1234567)),
    (VACCINATION, ("msg", "pid", "i", "1" * 41)),
    *((VACCINATION, ("msg", "ve", value)) for value in WRONG_LISTS),
    *((VACCINATION, ("msg", "ve", 0, "vd", value)) for value in ([], None, [1])),
    *(
        (VACCINATION, ("msg", "ve", 0, "vd", 0, "dvc", value))
        for value in (
            WITHOUT, None, "2021", "20210303", "2021-W01-1", "2021-02-30", "2021-03-03T00:00:00Z",
            "03.03.2021", "-001-01-01", "２０２１-03-03", 20210303, 1614729600, 1614729600000,
        )
    ),
    *(
        (VACCINATION, ("msg", "ve", 0, "vd", 0, "seq", value))
        for value in WRONG_NUMBERS
    ),
    *((TEST, ("msg", name, WITHOUT)) for name in ("utci", "pid", "dat", "tr")),
    *(
        (TEST, ("msg", "dat", "sc", value))
        for value in (
            WITHOUT, None, "", "yesterday", "2026-11-22T25:00:00Z", "2026-11-22 10:00:00Z",
            "2026-11-22T10:00:00Z\n", "0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-02:00",
            "2026-W47-7", 1795425000, 1795425000000, -1,
        )
    ),
    (TEST, ("msg", "dat", "ri", "later")),
    (TEST, ("msg", "dat", "ri", "")),
    (TEST, ("msg", "tr", "tc", WITHOUT)),
    (TEST, ("msg", "tr", "tc", "PCR\u202e")),
    (TEST, ("msg", "tr", "tc", "x" * 41)),
    (TEST, ("msg", "tr", "r", WITHOUT)),
    (TEST, ("msg", "tr", "r", False)),
]  # fmt: skip


@pytest.mark.parametrize(("of", "path"), SCHEMA_FAULTS)
def test_content_against_the_data_sets_is_malformed(
    of: dict[str, Any], path: tuple[Any, ...]
) -> None:
    text = a_seal(*path, of=of)
    assert _failed(text) is Check.SCHEMA
    assert _refused(text) == (Reason.MALFORMED,)


@pytest.mark.parametrize("kind", ["icao.dta", "icao.vacc ", "ICAO.VACC", "", None, 1, ["x"], {}])
def test_another_type_of_seal_is_genuine_and_of_another_scope(kind: object) -> None:
    assert _refused(a_seal("hdr", "t", kind)) == (Reason.WRONG_SCOPE,)


@pytest.mark.parametrize(
    "issuer", ["UT", "UTOP", "uto", "UT1", "ＵＴＯ", "UTO\n", "", None, 33, ["x"]]
)
def test_an_issuer_that_is_no_state_is_malformed(issuer: object) -> None:
    assert _failed(a_seal("hdr", "is", issuer)) is Check.ENVELOPE


def test_no_key_of_the_eu_or_of_a_province_signs_seals() -> None:
    for issuer in ("EU", "33"):
        key = replace(KEY, issuer=issuer)
        assert _failed(a_seal("hdr", "is", issuer)) is Check.ENVELOPE
        assert _refused(a_seal(), key) == (Reason.UNKNOWN_ISSUER,)


def test_a_state_signs_for_itself_only() -> None:
    other = _signer("AUS")
    assert _refused(encode_vds_nc(VACCINATION, other), KEY, other) == (Reason.UNKNOWN_KEY,)
    as_other = _changed(VACCINATION, "hdr", "is", "AUS")
    assert _refused(encode_vds_nc(as_other, KEY), KEY, other) == (Reason.UNKNOWN_KEY,)
    assert _refused(encode_vds_nc(as_other, KEY), KEY) == (Reason.UNKNOWN_ISSUER,)


def test_the_certificate_of_an_attacker_proves_nothing() -> None:
    attacker = generate_signer("UTO")
    assert _refused(encode_vds_nc(VACCINATION, attacker)) == (Reason.UNKNOWN_KEY,)
    forged = json.loads(encode_vds_nc(VACCINATION, attacker))
    forged["sig"]["cer"] = json.loads(a_seal())["sig"]["cer"]
    assert _refused(json.dumps(forged)) == (Reason.BAD_SIGNATURE,)
    swapped = _with_sig(cer=_base64url(certificate(attacker)))
    assert _refused(swapped) == (Reason.UNKNOWN_KEY,)


def test_the_certificate_is_never_read() -> None:
    junk = b"\x30\x84\xff\xff\xff\xff" + bytes(40)
    key = replace(KEY, key_id=sha256(junk).digest()[:8])
    _accepted(_with_sig(cer=_base64url(junk)), key)


def test_without_a_certificate_no_key_is_named() -> None:
    nameless = replace(KEY, key_id=sha256(b"").digest()[:8])
    for text in (_with_sig(cer=WITHOUT), _with_sig(cer=None)):
        assert _refused(text, KEY, nameless) == (Reason.UNKNOWN_KEY,)


@pytest.mark.parametrize("algorithm", ["ES256", "ES 256", "es256", " ES256 "])
def test_spellings_of_the_algorithm(algorithm: str) -> None:
    _accepted(_with_sig(alg=algorithm))


@pytest.mark.parametrize("algorithm", ["ES384", "EdDSA", "PS256", "none", "", "ES256K", "ES-256"])
def test_another_algorithm_is_a_bad_signature(algorithm: str) -> None:
    assert _refused(_with_sig(alg=algorithm)) == (Reason.BAD_SIGNATURE,)


def test_a_key_for_another_algorithm_never_counts() -> None:
    key = replace(a_key("UTO", Algorithm.EDDSA), key_id=KEY.key_id)
    signature = _base64url(sign(key.private_key, canonical(VACCINATION)))
    for algorithm in ("ES256", "EdDSA"):
        text = _with_sig(alg=algorithm, sigvl=signature)
        assert _refused(text, key) == (Reason.BAD_SIGNATURE,)
        assert _refused(text, KEY) == (Reason.BAD_SIGNATURE,)


@pytest.mark.parametrize(
    "signature",
    [
        "",
        _base64url(bytes(64)),
        _base64url(b"\xff" * 64),
        _base64url(bytes(63)),
        _base64url(bytes.fromhex("3006020101020101")),
    ],
)
def test_no_other_signature_holds(signature: str) -> None:
    assert _refused(_with_sig(sigvl=signature)) == (Reason.BAD_SIGNATURE,)


ALTERED: Final = [
    ("msg", "pid", "n", "Smith Will"),
    ("msg", "pid", "i", "A1234568Z"),
    ("msg", "ve", 0, "vd", 1, "dvc", "2021-03-25"),
    ("msg", "ve", 0, "vd", 1, "seq", 3),
    ("msg", "ve", 0, "vd", 1, "seq", "2"),
    ("msg", "extra", None),
    ("msg", "uvci", "U32871"),
]


@pytest.mark.parametrize("change", ALTERED)
def test_an_altered_seal_has_a_bad_signature(change: tuple[Any, ...]) -> None:
    seal = json.loads(a_seal())
    seal["data"] = _changed(seal["data"], *change)
    assert _refused(json.dumps(seal)) == (Reason.BAD_SIGNATURE,)


def test_the_other_s_verifies_and_is_the_same_seal() -> None:
    text = a_seal()
    signature = urlsafe_b64decode(json.loads(text)["sig"]["sigvl"] + "==")
    s = P256_ORDER - int.from_bytes(signature[32:], "big")
    mirrored = text.replace(
        json.loads(text)["sig"]["sigvl"], _base64url(signature[:32] + s.to_bytes(32, "big"))
    )
    assert mirrored != text
    assert _accepted(mirrored).identity == _accepted(text).identity


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reversed(value[key]) for key in reversed(value)}
    return [_reversed(item) for item in value] if isinstance(value, list) else value


def test_another_spelling_is_the_same_seal() -> None:
    text = a_seal("msg", "pid", "n", "Smith Bíll 😀")
    seal = json.loads(text)
    original = _accepted(text).identity
    padded = seal["sig"] | {"sigvl": seal["sig"]["sigvl"] + "=="}
    for spelling in (
        json.dumps(_reversed(seal), ensure_ascii=True),
        json.dumps(seal, indent=2),
        " \n\t" + json.dumps({"sig": seal["sig"], "data": seal["data"]}) + "\r\n",
        json.dumps({"data": seal["data"], "sig": padded}),
        json.dumps({**seal, "note": "not signed, not read"}),
        text.replace('"msg"', '"\\u006dsg"'),
    ):
        assert spelling != text
        assert _accepted(spelling).identity == original


def test_accents_are_not_normalised() -> None:
    composed = a_seal("msg", "pid", "n", "José")
    assert _refused(composed.replace("José", "Jose\u0301")) == (Reason.BAD_SIGNATURE,)


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        "[" + a_seal() + "]",
        '{"data": 1}',
        '{"data": {"temperature": 21}}',
        '{"data": {"hdrs": {}}}',
        '{"data": {"hdr"',
        '{"sig": {"kid": "a"}}',
        '{"ssid": "guest", "data": {"hdr": {}}}',
        '{"type": "payment", "sig": {"alg": "ES256"}}',
        '{"DATA": {"hdr": {}}}',
        "{'data': {'hdr': {}}}",
        "\ufeff" + a_seal(),
        "\xa0" + a_seal(),
        "x" + a_seal(),
        '"' + a_seal(),
    ],
    ids=count(),
)
def test_other_json_is_no_seal_at_all(text: str) -> None:
    assert not recognises(text)
    assert _refused(text) == (Reason.NOT_A_HEALTH_CODE,)


DATA: Final = json.dumps(VACCINATION)
SIG: Final = json.dumps(json.loads(a_seal())["sig"])


@pytest.mark.parametrize(
    "text",
    [
        '{"data":{"hdr":',
        '{"sig":{"alg":',
        a_seal()[:-1],
        a_seal() + "}",
        a_seal() + a_seal(),
        a_seal() + "\0",
        f'{{"data":{DATA}}}',
        f'{{"sig":{SIG}}}',
        f'{{"data":{DATA},"sig":null}}',
        f'{{"data":{DATA},"sig":[{SIG}]}}',
        f'{{"data":{DATA},"data":{DATA},"sig":{SIG}}}',
        f'{{"data":{DATA},"sig":{SIG},"sig":{SIG}}}',
        f'{{"data":{DATA},"d\\u0061ta":{{}},"sig":{SIG}}}',
        a_seal().replace('"v":1', '"v":1,"v":1'),
        a_seal().replace('"v":1', '"v":1.0'),
        a_seal().replace('"v":1', '"v":1e0'),
        a_seal().replace('"v":1', '"v":01'),
        a_seal().replace('"v":1', '"v":NaN'),
        a_seal().replace('"v":1', '"v":Infinity'),
        a_seal().replace('"v":1', '"v":-Infinity'),
        a_seal().replace('"v":1', '"v":1e999'),
        a_seal().replace('"v":1', '"v":' + "9" * 3000),
        a_seal().replace('"v":1', '"v":9007199254740992'),
        a_seal().replace('"v":1', '"v":' + "[" * 1500 + "]" * 1500),
        a_seal().replace('"v":1', '"v":' + "[" * 9 + "]" * 9),
        a_seal().replace('"v":1', '"v":' + '{"a":' * 400),
        a_seal().replace("Smith", "\\ud800"),
        a_seal().replace("Smith", "\\udc00\\ud800"),
        a_seal().replace("Smith", "\ud800"),
        a_seal().replace("Smith", "\x00"),
        a_seal().replace("Smith", "\n"),
        a_seal().replace("Smith", "\\x41"),
        a_seal().replace('"dob"', "dob"),
        a_seal().replace('{"hdr"', '{"hdr":{},"hdr"'),
        a_seal("hdr", WITHOUT).replace('{"data":{', '{"data":{"hdr":[],'),
        _with_sig(alg=WITHOUT),
        _with_sig(alg=None),
        _with_sig(alg=-7),
        _with_sig(sigvl=WITHOUT),
        _with_sig(sigvl=None),
        _with_sig(sigvl="A"),
        _with_sig(sigvl="AB"),
        _with_sig(sigvl="AA==="),
        _with_sig(sigvl="A A"),
        _with_sig(sigvl="AA\n"),
        _with_sig(sigvl="A+/A"),
        _with_sig(sigvl="ＡＡ"),
        _with_sig(cer=1),
        _with_sig(cer=[]),
        _with_sig(cer="A"),
        _with_sig(cer="MI+/"),
    ],
    ids=count(),
)
def test_json_with_two_meanings_or_none_is_malformed(text: str) -> None:
    assert recognises(text)
    assert _failed(text) is Check.ENVELOPE
    assert _refused(text) == (Reason.MALFORMED,)


def test_a_key_for_other_kinds_may_not_sign_vaccinations() -> None:
    key = replace(KEY, kinds=frozenset({PassKind.TEST}))
    assert _refused(a_seal(), key) == (Reason.WRONG_KEY_USAGE,)
    _accepted(a_seal(of=TEST), key)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_edit_of_the_text_is_believed(data: st.DataObject) -> None:
    original = a_seal()
    expected = _accepted(original)
    at = data.draw(st.integers(0, len(original)))
    new = data.draw(st.text('0123456789abcdefABCDEF{}[]":,. -\\', max_size=4) | st.text(max_size=3))
    text = original[:at] + new + original[at + data.draw(st.sampled_from([0, len(new), 1, 8])) :]
    outcome = read_pass(text, a_ring(KEY), NOW)
    if isinstance(outcome, VerifiedPass):
        assert outcome.claims == expected.claims
        assert outcome.identity == expected.identity
    else:
        assert outcome.proven is None


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_a_state_signs_is_read_or_refused_and_nothing_escapes(
    data: st.DataObject,
) -> None:
    of = data.draw(st.sampled_from([VACCINATION, TEST]))
    path: list[Any] = []
    inner: Any = of
    while isinstance(inner, dict | list) and inner and (not path or data.draw(st.booleans())):
        keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
        path.append(data.draw(st.sampled_from(keys)))
        inner = inner[path[-1]]
    seal = {"data": _changed(of, *path, data.draw(json_values)), "sig": json.loads(SIG)}
    try:
        signature = sign(KEY.private_key, canonical(seal["data"]))
        seal["sig"]["sigvl"] = _base64url(signature)
    except UnreadableError:
        assert not isinstance(read_pass(json.dumps(seal), a_ring(KEY), NOW), VerifiedPass)
        return
    outcome = read_pass(json.dumps(seal), a_ring(KEY), NOW)
    assert isinstance(outcome, VerifiedPass | Rejection)
