"""Published rules on certificates as the reader takes them out of a code, not as a test writes."""

import pytest

from scanner.domain.issuers import EU
from scanner.domain.passes import PassKind
from scanner.domain.rule_outcomes import RuleResult, overall
from scanner.formats.checks import Trail
from scanner.formats.readers.eu_dcc import READER
from scanner.issuing.eu_dcc import issue_eu_dcc
from scanner.policy.business_rules import Certificate, certificate_of
from scanner.policy.rule_book import RuleBook
from tests.builders import NOW, a_key
from tests.rule_builders import a_rule, parameters

FRESH_NEGATIVE = {
    "and": [
        {"===": [{"var": "payload.t.0.tr"}, "260415000"]},
        {"not-after": [{"plusTime": [{"var": "external.validationClock"}, 0, "day"]},
                       {"plusTime": [{"var": "payload.t.0.sc"}, 72, "hour"]}]},
    ]
}  # fmt: skip


def _read(kind: PassKind, *, negative: bool = True) -> Certificate:
    trail = Trail()
    READER.open(issue_eu_dcc(a_key(EU), now=NOW, kind=kind, negative=negative), trail)
    assert trail.document is not None
    return certificate_of(trail.document)


@pytest.mark.parametrize(
    ("kind", "negative", "result"),
    [
        (PassKind.TEST, True, RuleResult.PASSED),
        (PassKind.TEST, False, RuleResult.FAILED),
        (PassKind.VACCINATION, True, RuleResult.OPEN),
    ],
)
def test_a_rule_about_tests_judges_tests_and_leaves_the_rest_open(
    kind: PassKind, negative: bool, result: RuleResult
) -> None:
    rule = a_rule(Identifier="TR-DE-0001", CertificateType="Test", Logic=FRESH_NEGATIVE)
    outcomes = RuleBook([rule]).judge(_read(kind, negative=negative), parameters(now=NOW))
    assert overall(outcomes) is result
