"""What an ICAO seal says: facts about COVID-19 only, and as little of the person as can be."""

from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any, Final

import pytest

from scanner.domain.passes import Holder, IdKind, PassKind, Rejection, VerifiedPass
from scanner.domain.reasons import Reason
from scanner.formats.checks import Check
from scanner.formats.readers.vds_nc import FORMAT
from scanner.formats.registry import read_pass
from scanner.issuing.vds_nc import certificate, encode_vds_nc, issue_vds_nc
from tests.builders import NOW, a_ring
from tests.vds_nc_builders import (
    KEY,
    TEST,
    VACCINATION,
    WITHOUT,
    YELLOW_FEVER,
    a_seal,
    accepted,
    changed,
    failed,
    refused,
    with_sig,
)


def test_a_vaccination_in_our_own_shape() -> None:
    claims = accepted(a_seal()).claims
    assert (claims.format, claims.kind) == (FORMAT, PassKind.VACCINATION)
    assert (claims.issuer, claims.country, claims.colour) == ("UTO", "UTO", None)
    assert claims.code_id == b"U32870"
    assert claims.holder == Holder("S*** B***", IdKind.PASSPORT, "567Z")
    assert claims.vaccine is not None
    assert (claims.vaccine.doses, claims.vaccine.last_day) == (2, date(2021, 3, 24))
    assert (claims.test, claims.recovery, claims.expires_at) == (None, None, None)


def test_a_test_in_our_own_shape() -> None:
    claims = accepted(a_seal(of=TEST)).claims
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
    assert accepted(issue_vds_nc(KEY, now=NOW, kind=kind)).claims.kind is kind


def test_a_signer_has_one_certificate_and_its_kid() -> None:
    assert certificate(KEY) == certificate(KEY)
    assert KEY.key_id == sha256(certificate(KEY)).digest()[:8]


def test_the_number_of_the_document_is_nowhere_but_its_end() -> None:
    for seal in (VACCINATION, TEST):
        assert "A1234567Z" not in repr(accepted(a_seal(of=seal)))
        assert "12345" not in repr(accepted(a_seal(of=seal)))
    late = a_seal("msg", "ve", 0, "vd", 0, "dvc", "2099-01-01")
    wrong = a_seal("msg", "pid", "n", None)
    for text in (late, wrong, with_sig(sigvl=""), with_sig(alg=1), a_seal()[:-1]):
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
    holder = accepted(a_seal("msg", "pid", "i", number)).claims.holder
    assert holder == Holder("S*** B***", kind, suffix)


def test_a_document_that_is_no_passport_is_none() -> None:
    holder = accepted(a_seal("msg", "pid", "dt", "ID", of=TEST)).claims.holder
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
    holder = accepted(a_seal("msg", "pid", "n", name)).claims.holder
    assert holder is not None
    assert holder.masked_name == masked


def test_a_name_without_letters_leaves_no_holder() -> None:
    assert accepted(a_seal("msg", "pid", "n", "\u202e 12 \u200b")).claims.holder is None


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
    entry = changed(VACCINATION["msg"]["ve"][0], "dis", dis) | {"des": des}
    text = a_seal("msg", "ve", [entry])
    if counts:
        accepted(text)
    else:
        assert refused(text) == (Reason.WRONG_SCOPE,)
        assert failed(text) is Check.SCHEMA


def test_other_vaccinations_beside_it_are_not_counted() -> None:
    entries = [YELLOW_FEVER, *VACCINATION["msg"]["ve"], YELLOW_FEVER]
    vaccine = accepted(a_seal("msg", "ve", entries)).claims.vaccine
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
    vaccine = accepted(a_seal("msg", "ve", [entry])).claims.vaccine
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
    test = accepted(a_seal("msg", "tr", "r", result, of=TEST)).claims.test
    assert test is not None
    assert test.negative is negative


@pytest.mark.parametrize("kind", ["antibody", "Antibody (IgG)"])
def test_a_test_for_antibodies_clears_nobody(kind: str) -> None:
    assert refused(a_seal("msg", "tr", "tc", kind, of=TEST)) == (Reason.WRONG_SCOPE,)


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
    seal = changed(TEST, "msg", "dat", {"sc": text})
    test = accepted(encode_vds_nc(seal, KEY)).claims.test
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
        assert failed(a_seal(*path, of=of)) is Check.TIME
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
    assert failed(text) is Check.SCHEMA
    assert refused(text) == (Reason.MALFORMED,)
