"""What a SMART Health Card says: COVID-19 facts only, and as little of the person as can be."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final

import pytest

from scanner.domain.passes import (
    Algorithm,
    PassKind,
    Rejection,
    VaccineRecord,
)
from scanner.domain.reasons import Reason
from scanner.formats import smart_health_card_codes as codes
from scanner.formats.checks import Check
from scanner.formats.registry import read_pass
from scanner.issuing.keys import IssuerKey
from tests.builders import NOW, a_ring
from tests.smart_health_card_builders import (
    ISSUER,
    PATIENT,
    a_card,
    a_claims,
    a_dose,
    a_result,
    accepted,
    key_of,
    refused,
)


@pytest.mark.parametrize(
    "resources",
    [
        (),
        (a_dose(cvx="140"),),
        (a_dose(status="entered-in-error"),),
        (a_dose(status="not-done"),),
        (a_dose(vaccineCode={"coding": [{"system": "http://snomed.info/sct", "code": "207"}]}),),
        (a_dose(vaccineCode={"coding": []}),),
        (a_dose(vaccineCode={"coding": [{"code": "207"}]}),),
        (a_result(loinc="718-7"),),
        (a_result(loinc="94563-4"),),
        (a_result(status="preliminary"),),
        (a_result(valueCodeableConcept={"coding": []}),),
        (a_result(valueCodeableConcept={"coding": [{"system": "x", "code": "260415000"}]}),),
        ({"resourceType": "Condition", "code": {"text": "COVID-19"}},),
    ],
)
def test_a_genuine_card_without_a_covid_fact_is_about_something_else(
    resources: tuple[dict[str, Any], ...],
) -> None:
    text = a_card(a_claims(*resources))
    assert refused(text) == (Check.SCHEMA, (Reason.WRONG_SCOPE,))
    outcome = read_pass(text, a_ring(key_of()), NOW)
    assert isinstance(outcome, Rejection)
    assert outcome.proven is None


def test_a_patient_summary_is_about_something_else() -> None:
    claims: Any = a_claims(a_dose())
    claims["vc"]["credentialSubject"]["fhirBundle"]["type"] = "document"
    assert refused(a_card(claims)) == (Check.SCHEMA, (Reason.WRONG_SCOPE,))


def test_an_expired_card_about_something_else_is_both() -> None:
    text = a_card(a_claims(exp=1))
    assert refused(text)[1] == (Reason.WRONG_SCOPE, Reason.EXPIRED)


def _without(claims: Any, *path: str) -> Any:
    inner = claims
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return claims


def _with(value: object, *path: str) -> Any:
    claims: Any = a_claims(a_dose())
    inner = claims
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    return claims


BUNDLE: Final = ("vc", "credentialSubject", "fhirBundle")


@pytest.mark.parametrize(
    "claims",
    [
        _without(a_claims(a_dose()), "vc"),
        _without(a_claims(a_dose()), "vc", "type"),
        _without(a_claims(a_dose()), "vc", "credentialSubject"),
        _without(a_claims(a_dose()), *BUNDLE),
        _without(a_claims(a_dose()), *BUNDLE, "entry"),
        _with([], "vc"),
        _with("x", "vc"),
        _with(["VerifiableCredential"], "vc", "type"),
        _with("https://smarthealth.cards#health-card", "vc", "type"),
        _with([1], "vc", "type"),
        _with("Patient", *BUNDLE, "resourceType"),
        _with([PATIENT], *BUNDLE, "entry"),
        _with([{"resource": [PATIENT]}], *BUNDLE, "entry"),
        _with([{"resource": a_dose()}], *BUNDLE, "entry"),
        a_claims(a_dose(), PATIENT),
        a_claims(a_dose(resourceType={"coding": []})),
        a_claims(a_dose(resourceType=["Patient"])),
        a_claims(a_dose(resourceType=None)),
        a_claims(a_dose(""), a_dose()),
        a_claims(a_dose("2026")),
        a_claims(a_dose("2026-01")),
        a_claims(a_dose("2026-02-30")),
        a_claims(a_dose("20260101")),
        a_claims(a_dose("2026-W01-1")),
        a_claims(a_dose("2026-01-01T08:00")),
        a_claims(a_dose("\u0662\u0660\u0662\u0666-01-01")),
        a_claims(a_dose(occurrenceDateTime=1)),
        a_claims(a_dose(status=None)),
        a_claims(a_dose(vaccineCode="207")),
        a_claims(a_dose(vaccineCode={"coding": [{"system": codes.CVX, "code": 207}]})),
        a_claims(a_result(at="yesterday")),
        a_claims(a_result(at="0001-01-01T00:00:00+14:00")),
        a_claims(a_result(at="2026-11-23T24:30:00Z")),
    ],
)
def test_content_that_breaks_the_rules_isrefused(claims: dict[str, object]) -> None:
    assert refused(a_card(claims)) == (Check.SCHEMA, (Reason.MALFORMED,))


@pytest.mark.parametrize(
    ("days", "record"),
    [
        (("2026-01-01",), VaccineRecord(1, date(2026, 1, 1))),
        (("2026-03-01", "2026-01-01"), VaccineRecord(2, date(2026, 3, 1))),
        (("2026-01-01", "2026-01-01"), VaccineRecord(1, date(2026, 1, 1))),
        (("2026-01-01", "2026-01-01T09:30:00+08:00"), VaccineRecord(1, date(2026, 1, 1))),
        (("2026-01-01T23:30:00.5-05:00",), VaccineRecord(1, date(2026, 1, 1))),
    ],
)
def test_doses_are_counted_by_day(days: tuple[str, ...], record: VaccineRecord) -> None:
    assert accepted(a_card(a_claims(*map(a_dose, days)))).claims.vaccine == record


def test_the_list_of_vaccines_holds_covid_vaccines_only() -> None:
    assert {"207", "208", "213", "500", "510", "511", "520"} <= codes.COVID_VACCINES
    assert {"209", "214", "215", "216", "220", "222", "303", "305"}.isdisjoint(codes.COVID_VACCINES)


@pytest.mark.parametrize(
    ("result", "negative"),
    [
        ("260415000", True),
        ("260385009", True),
        ("131194007", True),
        ("260373001", False),
        ("10828004", False),
        ("82334004", False),
        ("unheard", False),
    ],
)
def test_only_three_results_are_negative(result: str, negative: bool) -> None:
    test = accepted(a_card(a_claims(a_result(result)))).claims.test
    assert test is not None
    assert test.negative is negative


def test_a_result_told_two_ways_is_negative_when_both_are() -> None:
    both = {
        "coding": [{"system": codes.SNOMED, "code": code} for code in ("260415000", "10828004")]
    }
    test = accepted(a_card(a_claims(a_result(valueCodeableConcept=both)))).claims.test
    assert test is not None
    assert not test.negative


@pytest.mark.parametrize(
    ("at", "sampled"),
    [
        (None, None),
        ("2026-11-23", datetime(2026, 11, 23, tzinfo=UTC)),
        ("2026-11-23T08:30:00+08:00", datetime(2026, 11, 23, 0, 30, tzinfo=UTC)),
        ("2026-11-23T08:30:00.25Z", datetime(2026, 11, 23, 8, 30, 0, 250_000, UTC)),
    ],
)
def test_when_a_sample_was_taken(at: str | None, sampled: datetime | None) -> None:
    test = accepted(a_card(a_claims(a_result(at=at)))).claims.test
    assert test is not None
    assert test.sampled_at == sampled


def test_the_newest_test_counts_and_at_one_time_the_worst() -> None:
    old, new = "2026-11-01", "2026-11-22"
    positive, negative = codes.DETECTED, codes.NOT_DETECTED
    for results, is_negative in (
        ((a_result(positive, at=old), a_result(negative, at=new)), True),
        ((a_result(negative, at=old), a_result(positive, at=new)), False),
        ((a_result(negative, at=new), a_result(positive, at=new)), False),
        ((a_result(positive, at=None), a_result(negative, at=old)), True),
    ):
        for order in (results, results[::-1]):
            test = accepted(a_card(a_claims(*order))).claims.test
            assert test is not None
            assert test.negative is is_negative


@pytest.mark.parametrize(
    ("names", "masked"),
    [
        ([{"family": "Anyperson", "given": ["John", "B."]}], "J*** B*** A***"),
        ([{"family": "张", "given": ["小三"]}], "张*三"),
        ([{"family": "欧阳", "given": ["娜"]}], "欧*娜"),
        ([{"text": "张小三"}], "张*三"),
        ([{"text": "Ada Lovelace"}], "A*** L***"),
        ([{"family": "Old"}, {"use": "official", "family": "New"}], "N***"),
        ([{"family": "\u202eabc\x1b[2J"}], "A***"),
        ([{"family": "张" * 5000}], "张****张"),
        ([{"family": "A" * 5000, "given": ["B"] * 50}], "B*** B*** B*** B***"),
        ([{"family": "***"}], None),
        ([{}], None),
        ([], None),
    ],
)
def test_names_are_masked(names: list[dict[str, object]], masked: str | None) -> None:
    claims: Any = a_claims(a_dose())
    claims["vc"]["credentialSubject"]["fhirBundle"]["entry"][0]["resource"] = {
        "resourceType": "Patient",
        "name": names,
    }
    holder = accepted(a_card(claims)).claims.holder
    assert (None if holder is None else holder.masked_name) == masked


@pytest.mark.parametrize(
    ("rid", "code_id"),
    [
        ("a", b"a"),
        ("A-_0" * 6, b"A-_0" * 6),
        ("x" * 25, None),
        ("", None),
        ("a b", None),
        ("a=", None),
        (1, None),
        (None, None),
    ],
)
def test_a_revocation_id_is_short_base64url(rid: object, code_id: bytes | None) -> None:
    assert accepted(a_card(_with(rid, "vc", "rid"))).claims.code_id == code_id


def test_a_key_for_tests_signs_no_vaccinations() -> None:
    key = replace(key_of(), kinds=frozenset({PassKind.TEST}))
    assert refused(a_card(), a_ring(key)) == (Check.USAGE, (Reason.WRONG_KEY_USAGE,))
    both = a_card(a_claims(a_dose(), a_result()))
    assert refused(both, a_ring(key)) == (Check.USAGE, (Reason.WRONG_KEY_USAGE,))


def test_a_card_is_signed_by_the_keys_own_algorithm() -> None:
    key = replace(IssuerKey.generate(ISSUER, Algorithm.EDDSA), key_id=key_of().key_id)
    assert refused(a_card(), a_ring(key)) == (Check.SIGNATURE, (Reason.BAD_SIGNATURE,))
