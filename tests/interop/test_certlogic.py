"""The official CertLogic test suite, and every published EU business rule with its own tests."""

import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from scanner.domain.rule_outcomes import RuleResult, overall
from scanner.policy.business_rules import (
    BusinessRule,
    ExternalParameters,
    certificate_of,
    read_rules,
    read_value_sets,
)
from scanner.policy.certlogic import compile_rule
from scanner.policy.certlogic_explain import explain
from scanner.policy.rule_book import RuleBook

DATA: Final = Path(
    os.environ.get("CHECKPOINT_DATA") or Path(__file__).parents[2] / "../shared/data"
)
SUITE: Final = DATA / "certlogic" / "testSuite"
SKIP: Final = "skip"


def _assertions() -> Iterator[tuple[str, object, dict[str, Any]]]:
    """Every assertion not marked to be skipped, with the place it stands at and its expression."""
    for path in sorted(SUITE.glob("*.json")):
        suite = json.loads(path.read_text("utf-8"))
        if suite.get("directive") == SKIP:
            continue
        for case in suite["cases"]:
            if case.get("directive") == SKIP:
                continue
            for number, assertion in enumerate(case["assertions"]):
                if assertion.get("directive") != SKIP:
                    own = case.get("certLogicExpression")
                    expression = assertion.get("certLogicExpression", own)
                    yield f"{path.stem}: {case['name']} #{number}", expression, assertion


@pytest.mark.skipif(not SUITE.is_dir(), reason=f"the CertLogic suite is not here: {SUITE}")
def test_the_official_suite_passes() -> None:
    failures = [
        place
        for place, expression, assertion in _assertions()
        if not _same(compile_rule(expression)(assertion["data"]), assertion["expected"])
    ]
    assert failures == []
    assert sum(1 for _ in _assertions()) >= 218


def _same(value: object, expected: object) -> bool:
    """Python calls 1 and True equal, JSON does not."""
    return value == expected and json.dumps(value) == json.dumps(expected)


RULES: Final = DATA / "business-rules"
needs_rules = pytest.mark.skipif(not RULES.is_dir(), reason=f"the rules are not here: {RULES}")


def _published() -> tuple[BusinessRule, ...]:
    """The rules as a publisher would send them: all in one array."""
    texts = [path.read_text("utf-8") for path in sorted(RULES.glob("*/*/rule.json"))]
    return read_rules(f"[{','.join(texts)}]".encode())


def _own_tests() -> Iterator[tuple[str, object, dict[str, Any]]]:
    for path in sorted(RULES.glob("*/*/tests/*.json")):
        rule = json.loads((path.parents[1] / "rule.json").read_text("utf-8"))
        yield f"{path.parents[1].name}/{path.stem}", rule["Logic"], json.loads(path.read_text())


@needs_rules
def test_every_published_rule_passes_its_own_tests() -> None:
    failures = []
    for place, logic, test in _own_tests():
        data = {"payload": test["payload"], "external": test["external"]}
        if compile_rule(logic)(data) is not test["expected"]:
            failures.append(place)
    assert failures == []
    assert len({place.split("/")[0] for place, _, _ in _own_tests()}) >= 83
    assert sum(1 for _ in _own_tests()) >= 560


@needs_rules
def test_a_failing_clause_of_a_published_rule_is_found_within_that_rule() -> None:
    for place, logic, test in _own_tests():
        data = {"payload": test["payload"], "external": test["external"]}
        explanation = explain(logic, data)
        assert explanation.value is test["expected"], place
        assert isinstance(_at(logic, explanation.pointer), dict), (place, explanation.pointer)


def _at(expression: Any, pointer: str) -> object:
    for part in pointer.split("/")[1:]:
        expression = expression[int(part) if isinstance(expression, list) else part]
    return expression


@needs_rules
@pytest.mark.parametrize("country", ["AT", "CH", "DE", "FR", "RO"])
def test_every_country_takes_two_doses_but_none_from_tomorrow(country: str) -> None:
    book = RuleBook(_published())
    value_sets = read_value_sets((RULES / "valuesets" / "valueSets.json").read_bytes())
    here = ExternalParameters(datetime(2022, 1, 1, tzinfo=UTC), country, value_sets)
    whole = book.judge(certificate_of(_vaccinated("2021-11-01")), here)
    assert overall(whole) is RuleResult.PASSED, whole
    assert len(whole) >= 3
    assert all(outcome.description("en") for outcome in whole)
    assert overall(book.judge(certificate_of(_vaccinated("2022-01-02")), here)) is RuleResult.FAILED


def _vaccinated(day: str) -> Mapping[object, object]:
    entry = {"tg": "840539006", "vp": "1119349007", "mp": "EU/1/20/1528", "ma": "ORG-100030215",
             "dn": 2, "sd": 2, "dt": day, "co": "DE", "is": "RKI",
             "ci": "URN:UVCI:01:DE:187/37512422923"}  # fmt: skip
    name = {"fn": "Muster", "fnt": "MUSTER"}
    return {"ver": "1.3.0", "dob": "1964-08-12", "nam": name, "v": [entry]}
