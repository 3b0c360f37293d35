"""Which published rules apply to a certificate, and what each of them says about it. Pure.

Source: eHealth Network, "EU DCC Validation Rules", and the selection that the EU's own verifier
apps make: rules in force, of the newest version that is in force, for the kind of certificate. A
rule that nobody can decide is open, and open is never as good as passed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from scanner.domain.errors import RuleError, SettingsError
from scanner.domain.rule_outcomes import RuleOutcome, RuleResult
from scanner.policy.business_rules import (
    REMEDY,
    BusinessRule,
    Certificate,
    CertificateType,
    ExternalParameters,
    RuleType,
    Version,
    read_rules,
    version_of,
)
from scanner.policy.certlogic import Rule, compile_rule
from scanner.policy.certlogic_steps import Run

ENGINE: Final = "CERTLOGIC"
ENGINE_VERSION: Final[Version] = (1, 3, 3)
"""The specification that our engine follows; a rule that asks for a later one is open."""

_NO_VERSION: Final[Version] = (-1, 0, 0)
"""Older than everything, and of a major version that nothing has."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A rule of the book, with all that the way of a person needs at hand.

    Attributes:
        logic: None where another engine is meant.
        passed: the outcome of a certificate that meets the rule.
        failed: the outcome of one that does not.
    """

    rule: BusinessRule
    version: Version
    schema_version: Version
    valid_from: datetime
    valid_to: datetime
    logic: Rule | None
    passed: RuleOutcome
    failed: RuleOutcome

    def is_open(self, detail: str) -> RuleOutcome:
        """The outcome where nobody can tell, and why."""
        return replace(self.passed, result=RuleResult.OPEN, detail=detail)


class RuleBook:
    """A set of rules, compiled once, for any number of certificates and threads."""

    def __init__(self, rules: Iterable[BusinessRule]) -> None:
        """Compile every rule.

        Raises:
            SettingsError: a rule is no CertLogic, or stands there twice in one version.
        """
        entries: dict[tuple[str, Version], _Entry] = {}
        for rule in rules:
            entry = _entry(rule)
            key = (rule.identifier, entry.version)
            if key in entries:
                found = f"Rule {rule.identifier} {rule.version} stands there twice."
                raise SettingsError(found, REMEDY)
            entries[key] = entry
        self._shelves: dict[tuple[RuleType, str, CertificateType], list[_Entry]] = {}
        for _, entry in sorted(entries.items(), key=lambda item: item[0]):
            shelf = (entry.rule.type, entry.rule.country, entry.rule.certificate_type)
            self._shelves.setdefault(shelf, []).append(entry)
        self._size = len(entries)

    def __len__(self) -> int:
        return self._size

    def applicable(
        self, certificate: Certificate, external: ExternalParameters
    ) -> tuple[BusinessRule, ...]:
        """The rules that count for a certificate, here and now."""
        return tuple(entry.rule for entry in self._select(certificate, external))

    def judge(
        self, certificate: Certificate, external: ExternalParameters
    ) -> tuple[RuleOutcome, ...]:
        """What every applicable rule says; empty where no rule is known, which proves nothing.

        `scanner.domain.rule_outcomes.overall` sums it up.
        """
        run = Run({"payload": certificate.payload, "external": external.as_json()})
        version = certificate.schema_version or _NO_VERSION
        return tuple(_judge(entry, version, run) for entry in self._select(certificate, external))

    def _select(self, certificate: Certificate, external: ExternalParameters) -> Iterable[_Entry]:
        countries = (
            (RuleType.ACCEPTANCE, external.country),
            (RuleType.INVALIDATION, external.issuing_country or ""),
        )
        now, region = external.now, external.region
        newest: dict[str, _Entry] = {}
        for rule_type, country in countries:
            for kind in (CertificateType.GENERAL, *sorted(certificate.types)):
                for entry in self._shelves.get((rule_type, country, kind), ()):
                    if not entry.valid_from <= now <= entry.valid_to:
                        continue
                    identifier, of_region = entry.rule.identifier, entry.rule.region
                    other = newest.get(identifier)
                    is_newer = other is None or entry.version > other.version
                    if is_newer and (of_region is None or of_region == region):
                        newest[identifier] = entry
        return newest.values()


def read_book(data: bytes, country: str) -> RuleBook:
    """The rules that one country publishes, compiled.

    Args:
        data: a JSON array of rules, their signature verified.
        country: whose they are: no country speaks for another.

    Raises:
        SettingsError: they cannot be read or compiled, or one is another country's.
    """
    rules = read_rules(data)
    for rule in rules:
        if rule.country != country:
            found = f"Rule {rule.identifier} is of {rule.country}; rules of {country} are expected."
            raise SettingsError(found, "Put each country's rules into a file of their own.")
    return RuleBook(rules)


def _entry(rule: BusinessRule) -> _Entry:
    engine_version = version_of(rule.engine_version) or _NO_VERSION
    logic = None
    if rule.engine == ENGINE and engine_version <= ENGINE_VERSION:
        try:
            logic = compile_rule(rule.logic)
        except RuleError as error:
            found = f"Rule {rule.identifier} {rule.version} is no CertLogic: {error.found}"
            raise SettingsError(found, REMEDY) from error
    descriptions = tuple((text.lang, text.desc) for text in rule.description)
    passed = RuleOutcome(rule.identifier, rule.version, RuleResult.PASSED, descriptions)
    return _Entry(
        rule=rule,
        version=version_of(rule.version) or _NO_VERSION,
        schema_version=version_of(rule.schema_version) or _NO_VERSION,
        valid_from=rule.valid_from,
        valid_to=rule.valid_to,
        logic=logic,
        passed=passed,
        failed=replace(passed, result=RuleResult.FAILED),
    )


def _judge(entry: _Entry, certificate: Version, run: Run) -> RuleOutcome:
    logic, schema = entry.logic, entry.schema_version
    if logic is None:
        return entry.is_open("written for another engine, or for a later one")
    if certificate[0] != schema[0] or certificate < schema:
        return entry.is_open("written for certificates of another version")
    try:
        value = logic.evaluate(run)
    except RuleError as error:
        return entry.is_open(error.found)
    if value is True:
        return entry.passed
    return entry.failed if value is False else entry.is_open("neither true nor false")
