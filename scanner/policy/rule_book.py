"""Which published rules apply to a certificate, and what each of them says about it. Pure.

Source: eHealth Network, "EU DCC Validation Rules", and the selection that the EU's own verifier
apps make: rules in force, of the newest version that is in force, for the kind of certificate. A
rule that nobody can decide is open, and open is never as good as passed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
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
    version_of,
)
from scanner.policy.certlogic import Rule, compile_rule
from scanner.policy.certlogic_steps import Run

ENGINE: Final = "CERTLOGIC"
ENGINE_VERSION: Final[Version] = (1, 3, 3)
"""The specification that our engine follows; a rule that asks for a later one is open."""

_NOWHERE: Final[Version] = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A rule of the book; `logic` is None where another engine is meant."""

    rule: BusinessRule
    version: Version
    schema_version: Version
    logic: Rule | None
    descriptions: tuple[tuple[str, str], ...]


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
        version = certificate.schema_version
        return tuple(_judge(entry, version, run) for entry in self._select(certificate, external))

    def _select(self, certificate: Certificate, external: ExternalParameters) -> Iterable[_Entry]:
        countries = (
            (RuleType.ACCEPTANCE, external.country),
            (RuleType.INVALIDATION, external.issuing_country or ""),
        )
        newest: dict[str, _Entry] = {}
        for rule_type, country in countries:
            for kind in (CertificateType.GENERAL, *sorted(certificate.types)):
                for entry in self._shelves.get((rule_type, country, kind), ()):
                    other = newest.get(entry.rule.identifier)
                    is_newer = other is None or entry.version > other.version
                    if is_newer and _counts(entry.rule, external):
                        newest[entry.rule.identifier] = entry
        return newest.values()


def _entry(rule: BusinessRule) -> _Entry:
    engine_version = version_of(rule.engine_version) or _NOWHERE
    logic = None
    if rule.engine == ENGINE and engine_version <= ENGINE_VERSION:
        try:
            logic = compile_rule(rule.logic)
        except RuleError as error:
            found = f"Rule {rule.identifier} {rule.version} is no CertLogic: {error.found}"
            raise SettingsError(found, REMEDY) from error
    return _Entry(
        rule=rule,
        version=version_of(rule.version) or _NOWHERE,
        schema_version=version_of(rule.schema_version) or _NOWHERE,
        logic=logic,
        descriptions=tuple((text.lang, text.desc) for text in rule.description),
    )


def _counts(rule: BusinessRule, external: ExternalParameters) -> bool:
    """In force, and of this region or of all."""
    in_force = rule.valid_from <= external.now <= rule.valid_to
    return in_force and rule.region in (None, external.region)


def _judge(entry: _Entry, certificate_version: Version | None, run: Run) -> RuleOutcome:
    result, detail = _result(entry, certificate_version, run)
    rule = entry.rule
    return RuleOutcome(rule.identifier, rule.version, result, entry.descriptions, detail)


def _result(entry: _Entry, certificate: Version | None, run: Run) -> tuple[RuleResult, str]:
    if entry.logic is None:
        return RuleResult.OPEN, "written for another engine, or for a later one"
    if certificate is None or not _fits(certificate, entry.schema_version):
        return RuleResult.OPEN, "written for certificates of another version"
    try:
        value = entry.logic.evaluate(run)
    except RuleError as error:
        return RuleResult.OPEN, error.found
    if type(value) is not bool:
        return RuleResult.OPEN, "neither true nor false"
    return (RuleResult.PASSED if value else RuleResult.FAILED), ""


def _fits(certificate: Version, rule: Version) -> bool:
    """The same major version, and none that the rule is too new for."""
    return certificate[0] == rule[0] and certificate >= rule
