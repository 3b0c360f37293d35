"""Business rules that a site asks of EU certificates: from bundle and code to screen and ledger."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from config.rules import read_layer
from scanner.domain.entries import encode_entry
from scanner.domain.issuers import EU
from scanner.domain.passes import EU_DCC, PassKind, VerifiedPass
from scanner.domain.reasons import Reason
from scanner.domain.rule_outcomes import CountryRules, RuleResult
from scanner.domain.verdicts import Decision
from scanner.formats.registry import inspect_pass
from scanner.gate.foreign_rules import ForeignRules
from scanner.issuing.eu_dcc import issue_eu_dcc
from scanner.policy.joining import join
from scanner.policy.layers import Level
from scanner.policy.rules import RuleSet
from scanner.trust.bundle.layout import VALUE_SETS, business_rules_path
from tests.builders import NOW, a_code, a_key, a_ring
from tests.gate_builders import Gate
from tests.recognition_builders import a_host, a_row
from tests.rule_builders import rule_json

EU_KEY = a_key(EU)
TWO_DOSES = {">=": [{"var": "payload.v.0.dn"}, 2]}
THREE_DOSES = {">=": [{"var": "payload.v.0.dn"}, 3]}
A_KNOWN_VACCINE = {"in": [{"var": "payload.v.0.mp"}, {"var": "external.valueSets.products"}]}
VACCINES = json.dumps({"products": ["EU/1/20/1528"]}).encode()


def published(country: str, *logics: object, **changes: object) -> bytes:
    """What a country publishes: one rule about vaccinations for each expression."""
    return json.dumps(
        [
            rule_json(
                **{
                    "Identifier": f"VR-{country}-{number:04}",
                    "Country": country,
                    "Logic": logic,
                    "Description": [
                        {"lang": "de", "desc": f"Regel {number}."},
                        {"lang": "en", "desc": f"Rule {number}."},
                    ],
                    **changes,
                }
            )
            for number, logic in enumerate(logics, 1)
        ]
    ).encode()


AUSTRIA = {business_rules_path("AT"): published("AT", TWO_DOSES)}


def asking(countries: str = '"AT"', more: str = "") -> RuleSet:
    text = f"{more}\n[foreign]\nbusiness_rules = {countries}"
    return join([read_layer(text.encode(), "rules.toml", Level.NATION)])


def a_gate(folder: Path, rules: RuleSet, files: Mapping[str, bytes] = AUSTRIA) -> Gate:
    host = a_host("33", a_row("33", EU, formats=(EU_DCC,)), a_row("33", "33"))
    gate = Gate(folder, [EU_KEY, a_key()], rules, host)
    gate.pipeline.judge.foreign.take(files, asked=True)
    return gate


def a_certificate(kind: PassKind = PassKind.VACCINATION, country: str = "AT") -> str:
    return issue_eu_dcc(EU_KEY, now=NOW, kind=kind, country=country)


def test_a_certificate_that_meets_the_rules_is_admitted(tmp_path: Path) -> None:
    gate = a_gate(tmp_path, asking())
    assert gate.verdict(a_certificate()).decision is Decision.ADMIT
    assert gate.entries()[-1].failed_rules == ()


def test_one_that_fails_is_refused_in_the_publishers_words(tmp_path: Path) -> None:
    files = {business_rules_path("AT"): published("AT", TWO_DOSES, THREE_DOSES, THREE_DOSES)}
    gate = a_gate(tmp_path, asking(), files)
    shown = gate.verdict(a_certificate())
    assert (shown.decision, shown.reasons) == (Decision.REFUSE, (Reason.FOREIGN_RULE_FAILED,))
    assert shown.advice is not None
    assert shown.advice.rule == "VR-AT-0002"
    assert shown.advice.guard == (("en", "Rule 2."), ("de", "Regel 2."))
    (entry,) = gate.entries()
    assert entry.failed_rules == ("VR-AT-0002", "VR-AT-0003")


def test_a_site_may_have_the_guard_look_instead(tmp_path: Path) -> None:
    files = {business_rules_path("AT"): published("AT", THREE_DOSES)}
    rules = asking(more='[results]\nforeign_rule_failed = "CHECK"')
    assert a_gate(tmp_path, rules, files).verdict(a_certificate()).decision is Decision.CHECK


OPEN = [
    ("no rules of that country", {}, '"AT"'),
    ("rules of another country", AUSTRIA, '"DE"'),
    ("rules about something else", {business_rules_path("AT"): published(
        "AT", TWO_DOSES, CertificateType="Test")}, '"AT"'),
    ("rules of tomorrow", {business_rules_path("AT"): published(
        "AT", TWO_DOSES, ValidFrom="2027-01-01T00:00:00Z")}, '"AT"'),
    ("a rule for another engine", {business_rules_path("AT"): published(
        "AT", TWO_DOSES, Engine="OTHER")}, '"AT"'),
    ("the issuing country's invalidation rules alone", {business_rules_path("AT"): published(
        "AT", TWO_DOSES, Type="Invalidation", CertificateType="General")}, '"AT"'),
    ("value sets that are missing", {business_rules_path("AT"): published(
        "AT", A_KNOWN_VACCINE)}, '"AT"'),
    ("rules that cannot be read", {business_rules_path("AT"): b"["}, '"AT"'),
    ("one of two countries unknown", AUSTRIA, '["AT", "DE"]'),
]  # fmt: skip


@pytest.mark.parametrize(
    ("files", "countries"), [row[1:] for row in OPEN], ids=[row[0] for row in OPEN]
)
def test_what_nobody_can_tell_is_for_the_guard_to_look_at(
    tmp_path: Path, files: Mapping[str, bytes], countries: str
) -> None:
    shown = a_gate(tmp_path, asking(countries), files).verdict(a_certificate())
    assert (shown.decision, shown.reasons) == (Decision.CHECK, (Reason.FOREIGN_RULE_OPEN,))


def test_value_sets_come_with_the_bundle(tmp_path: Path) -> None:
    rules = {business_rules_path("AT"): published("AT", A_KNOWN_VACCINE)}
    known = a_gate(tmp_path, asking(), {**rules, VALUE_SETS: VACCINES})
    assert known.verdict(a_certificate()).decision is Decision.ADMIT


def test_the_issuing_countrys_invalidation_rules_count_too(tmp_path: Path) -> None:
    invalid = published("FR", False, Type="Invalidation", CertificateType="General")
    gate = a_gate(tmp_path, asking(), {**AUSTRIA, business_rules_path("FR"): invalid})
    assert gate.verdict(a_certificate(country="FR")).decision is Decision.REFUSE
    assert gate.entries()[-1].failed_rules == ("VR-FR-0001",)
    gate.wait(60)
    assert gate.verdict(a_certificate()).decision is Decision.ADMIT


def test_invalidation_rules_that_cannot_be_read_leave_it_open(tmp_path: Path) -> None:
    gate = a_gate(tmp_path, asking(), {**AUSTRIA, business_rules_path("FR"): b"["})
    shown = gate.verdict(a_certificate(country="FR"))
    assert shown.reasons == (Reason.FOREIGN_RULE_OPEN,)


def test_nothing_is_asked_where_no_layer_asks(tmp_path: Path) -> None:
    files = {business_rules_path("AT"): published("AT", THREE_DOSES)}
    gate = a_gate(tmp_path, RuleSet(), files)
    assert gate.verdict(a_certificate()).decision is Decision.ADMIT


def test_a_health_code_is_asked_nothing(tmp_path: Path) -> None:
    files = {business_rules_path("AT"): published("AT", THREE_DOSES)}
    assert a_gate(tmp_path, asking(), files).verdict(a_code()).decision is Decision.ADMIT


def test_a_layer_that_asks_from_now_on_leaves_those_who_were_read_before_to_the_guard(
    tmp_path: Path,
) -> None:
    gate = a_gate(tmp_path, RuleSet())
    shown = gate.pipeline.judge.read(a_certificate(), NOW)
    gate.pipeline.judge.rules = asking()
    assert Reason.FOREIGN_RULE_OPEN in gate.pipeline.judge.verdict(shown, gate.now()).reasons


def test_a_certificate_that_is_not_proven_is_asked_nothing(tmp_path: Path) -> None:
    """Its content is somebody's invention: no rule and no word about it."""
    stranger = issue_eu_dcc(a_key("33"), now=NOW)
    gate = a_gate(tmp_path, asking(), {business_rules_path("AT"): published("AT", THREE_DOSES)})
    shown = gate.verdict(stranger)
    assert Reason.FOREIGN_RULE_FAILED not in shown.reasons
    assert gate.entries()[-1].failed_rules == ()


def test_what_is_kept_of_a_certificate_is_outcomes_and_nothing_of_it(tmp_path: Path) -> None:
    files = {business_rules_path("AT"): published("AT", THREE_DOSES)}
    gate = a_gate(tmp_path, asking(), files)
    gate.show(a_certificate())
    visit = gate.pipeline.on_screen
    assert visit is not None
    for kept in (repr(visit), encode_entry(gate.entries()[-1]).decode()):
        for told in ("Gabriele", "Musterfrau", "1998-02-26", "EU/1/20/1528"):
            assert told not in kept


def _ask(rules: ForeignRules, at: datetime = NOW) -> CountryRules:
    inspection = inspect_pass(a_certificate(), a_ring(EU_KEY), NOW)
    outcome, document = inspection.outcome, inspection.trail.document
    assert isinstance(outcome, VerifiedPass)
    assert document is not None
    (said,) = rules.ask(document, outcome.claims, ("AT",), at)
    return said


def test_rules_are_in_force_by_the_clock() -> None:
    rules = ForeignRules()
    rules.take(AUSTRIA, asked=True)
    assert _ask(rules).result is RuleResult.PASSED
    assert _ask(rules, NOW + timedelta(days=4000)).result is RuleResult.OPEN


def test_a_file_that_cannot_be_read_leaves_the_last_good_one_in_force() -> None:
    rules = ForeignRules()
    rules.take(AUSTRIA, asked=True)
    rules.take({business_rules_path("AT"): b"["}, asked=True)
    assert not rules.is_healthy
    assert _ask(rules).result is RuleResult.PASSED
    rules.take({business_rules_path("AT"): b"["}, asked=True)
    assert not rules.is_healthy, "the same file is still no good"
    rules.take(AUSTRIA, asked=True)
    assert rules.is_healthy


def test_rules_that_the_bundle_takes_back_are_gone() -> None:
    rules = ForeignRules()
    rules.take({**AUSTRIA, VALUE_SETS: VACCINES}, asked=True)
    rules.take({}, asked=True)
    assert _ask(rules).result is RuleResult.OPEN


def test_a_countrys_file_speaks_for_no_other_country() -> None:
    rules = ForeignRules()
    rules.take({business_rules_path("AT"): published("DE", TWO_DOSES)}, asked=True)
    assert not rules.is_healthy
    assert _ask(rules).result is RuleResult.OPEN


def test_no_rule_is_read_while_nobody_asks_and_all_are_once_somebody_does() -> None:
    rules = ForeignRules()
    rules.take({business_rules_path("AT"): b"["}, asked=False)
    assert rules.is_healthy
    rules.take(AUSTRIA, asked=False)
    assert _ask(rules).result is RuleResult.OPEN
    rules.take(AUSTRIA, asked=True)
    assert _ask(rules).result is RuleResult.PASSED
