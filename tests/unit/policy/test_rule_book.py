"""Which rules apply, what they say, and what they say together."""

from datetime import timedelta
from typing import Any

import pytest

from scanner.domain.errors import SettingsError
from scanner.domain.rule_outcomes import RuleOutcome, RuleResult, overall
from scanner.policy.business_rules import BusinessRule
from scanner.policy.rule_book import RuleBook
from tests.rule_builders import CLOCK, a_certificate, a_rule, parameters

SECOND = timedelta(seconds=1)


def _versions(book: RuleBook, **changes: Any) -> list[str]:
    rules = book.applicable(a_certificate(), parameters(**changes))
    return [f"{rule.identifier} {rule.version}" for rule in rules]


def _only(rule: BusinessRule, **changes: object) -> RuleOutcome:
    (outcome,) = RuleBook([rule]).judge(a_certificate(**changes), parameters())
    return outcome


def test_acceptance_is_the_business_of_the_country_that_is_entered() -> None:
    book = RuleBook([a_rule(), a_rule(Identifier="VR-FR-0001", Country="FR")])
    assert _versions(book) == ["VR-DE-0001 1.0.0"]
    assert _versions(book, country="FR", issuing_country="DE") == ["VR-FR-0001 1.0.0"]
    assert _versions(book, country="IT") == []


def test_invalidation_is_the_business_of_the_country_that_issued() -> None:
    book = RuleBook([a_rule(Identifier="IR-FR-0001", Country="FR", Type="Invalidation")])
    assert _versions(book, issuing_country="FR") == ["IR-FR-0001 1.0.0"]
    assert _versions(book, country="FR") == []


def test_rules_for_other_kinds_of_certificate_do_not_count() -> None:
    general = a_rule(Identifier="GR-DE-0001", CertificateType="General")
    other = a_rule(Identifier="TR-DE-0001", CertificateType="Test")
    assert _versions(RuleBook([a_rule(), general, other])) == [
        "GR-DE-0001 1.0.0",
        "VR-DE-0001 1.0.0",
    ]


def test_the_newest_version_in_force_counts_by_number_and_not_by_spelling() -> None:
    versions = ["1.2.0", "1.10.0", "1.9.9"]
    rules = [a_rule(Version=version) for version in versions]
    future = a_rule(Version="2.0.0", ValidFrom="2022-02-01T00:00:00Z")
    past = a_rule(Version="3.0.0", ValidTo="2021-12-01T00:00:00Z")
    assert _versions(RuleBook([*rules, future, past])) == ["VR-DE-0001 1.10.0"]
    later = CLOCK + timedelta(days=60)
    assert _versions(RuleBook([*rules, future, past]), now=later) == ["VR-DE-0001 2.0.0"]


def test_a_rule_is_in_force_from_its_first_to_its_last_moment() -> None:
    rule = a_rule()
    book = RuleBook([rule])
    assert _versions(book, now=rule.valid_from)
    assert _versions(book, now=rule.valid_to)
    assert not _versions(book, now=rule.valid_from - SECOND)
    assert not _versions(book, now=rule.valid_to + SECOND)


def test_a_regions_rule_counts_only_there() -> None:
    book = RuleBook([a_rule(Region="BY"), a_rule(Identifier="VR-DE-0002")])
    assert _versions(book) == ["VR-DE-0002 1.0.0"]
    assert len(_versions(book, region="BY")) == 2


@pytest.mark.parametrize(
    ("logic", "result", "detail"),
    [
        (True, RuleResult.PASSED, ""),
        ({">=": [{"var": "payload.v.0.dn"}, 3]}, RuleResult.FAILED, ""),
        ({"===": [{"var": "external.countryCode"}, "DE"]}, RuleResult.PASSED, ""),
        (1, RuleResult.OPEN, "neither true nor false"),
        ({"var": "payload.nothing"}, RuleResult.OPEN, "neither true nor false"),
        ({"<": [{"var": "payload.dob"}, 1]}, RuleResult.OPEN, "/</0: found a text; expected"),
    ],
)
def test_a_rule_passes_fails_or_stays_open(logic: object, result: RuleResult, detail: str) -> None:
    outcome = _only(a_rule(Logic=logic))
    assert outcome.result is result
    assert outcome.detail.startswith(detail)
    assert bool(outcome.detail) == bool(detail)
    assert "1964" not in repr(outcome)


@pytest.mark.parametrize(
    ("rule", "certificate"),
    [
        ({"Engine": "CEL", "Logic": "v.size() > 1"}, {}),
        ({"EngineVersion": "1.4.0", "Logic": {"newest": []}}, {}),
        ({"SchemaVersion": "2.0.0"}, {}),
        ({"SchemaVersion": "1.3.1"}, {}),
        ({}, {"ver": "2.0.0"}),
        ({}, {"ver": None}),
    ],
)
def test_a_rule_for_another_engine_or_other_certificates_is_open(
    rule: dict[str, object], certificate: dict[str, object]
) -> None:
    assert _only(a_rule(**rule), **certificate).result is RuleResult.OPEN


def test_a_book_with_a_rule_that_makes_no_sense_is_refused_by_rule_and_place() -> None:
    broken = a_rule(Version="1.0.7", Logic={"and": [True, {"or": []}]})
    expected = r"Rule VR-DE-0001 1\.0\.7 is no CertLogic: /and/1: unknown operation 'or'"
    with pytest.raises(SettingsError, match=expected):
        RuleBook([a_rule(), broken])


def test_a_book_has_every_rule_once() -> None:
    with pytest.raises(SettingsError, match=r"Rule VR-DE-0001 1\.0\.0 stands there twice"):
        RuleBook([a_rule(), a_rule(Logic=True)])
    assert len(RuleBook([a_rule(), a_rule(Version="1.0.1")])) == 2


def test_one_broken_rule_does_not_stop_the_others() -> None:
    failing = a_rule(Identifier="VR-DE-0002", Logic={"!": [{"var": "payload"}]})
    odd = a_rule(Identifier="VR-DE-0003", Logic={"<": [{"var": "payload.dob"}, 1]})
    outcomes = RuleBook([odd, failing, a_rule()]).judge(a_certificate(), parameters())
    assert [outcome.result for outcome in outcomes] == [
        RuleResult.PASSED,
        RuleResult.FAILED,
        RuleResult.OPEN,
    ]


@pytest.mark.parametrize(
    ("results", "whole"),
    [
        ([], RuleResult.OPEN),
        (["passed"], RuleResult.PASSED),
        (["passed", "open"], RuleResult.OPEN),
        (["open", "failed", "passed"], RuleResult.FAILED),
    ],
)
def test_together_a_failure_decides_and_nothing_is_passed_by_silence(
    results: list[str], whole: RuleResult
) -> None:
    outcomes = [RuleOutcome("GR-DE-0001", "1.0.0", RuleResult(result)) for result in results]
    assert overall(outcomes) is whole


def test_a_description_is_in_the_language_asked_for_else_in_english() -> None:
    outcome = _only(a_rule())
    assert outcome.description("de-AT") == "Zwei."
    assert outcome.description("zh-CN") == "Two doses."
    assert _only(a_rule(Description=[])).description("en") == ""
    french = _only(a_rule(Description=[{"lang": "fr", "desc": "Deux."}]))
    assert french.description("en") == "Deux."
