"""Published business rules of the bundle, asked about a foreign certificate when it is read.

A whole certificate is there only for the moment of reading; what stays is what each rule said. So
rules are asked once, and a visit keeps outcomes. Nothing is compiled while no layer asks for rules.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

from scanner.domain.errors import RuleError, SettingsError
from scanner.domain.passes import PassClaims
from scanner.domain.rule_outcomes import CountryRules
from scanner.log import EventLog
from scanner.trust.bundle import layout

if TYPE_CHECKING:  # the engine is loaded by gates that ask for rules, and by no other
    from scanner.policy.rule_book import RuleBook

_log = EventLog(__name__)
_MOST_COUNTRIES: Final = 64


class ForeignRules:
    """The rule books of a bundle, by country, and the value sets that they look into.

    A file that cannot be read leaves its last good one in force, each country's for itself.

    Attributes:
        is_healthy: False while a file of the bundle could not be read.
    """

    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}
        self._compiled: dict[str, bytes] = {}
        self._books: dict[str, RuleBook] = {}
        self._value_sets: dict[str, list[str]] = {}
        self._refused: frozenset[str] = frozenset()

    @property
    def is_healthy(self) -> bool:
        """False while a file of the bundle could not be read."""
        return not self._refused

    def take(self, files: Mapping[str, bytes], *, asked: bool) -> None:
        """Look what a new bundle, or another layer of rules, says.

        Args:
            files: the bundle's, verified, by path.
            asked: some layer asks for rules; without it none is read.
        """
        self._files = {path: data for path, data in files.items() if layout.is_business_rule(path)}
        if not asked:
            self._compiled, self._books, self._value_sets = {}, {}, {}
            self._refused = frozenset()
            return
        for path in self._compiled.keys() - self._files.keys():
            del self._compiled[path]
            self._forget(path)
        refused = set(self._refused & self._files.keys())
        for path, data in sorted(self._files.items()):
            if self._compiled.get(path) == data:
                continue
            self._compiled[path] = data
            try:
                self._read(path, data)
            except SettingsError as error:
                refused.add(path)
                _log.error("bundle_file_refused", path=path, found=error.found, remedy=error.remedy)
            else:
                refused.discard(path)
        self._refused = frozenset(refused)

    def ask(
        self,
        document: Mapping[object, object],
        claims: PassClaims,
        countries: tuple[str, ...],
        now: datetime,
    ) -> tuple[CountryRules, ...]:
        """What the rules of each country say about one certificate.

        Args:
            document: the certificate as its issuer wrote it; its signature is proven.
            claims: the same in our own shape.
            countries: whose acceptance rules count.
            now: aware UTC, the validation clock.
        """
        from scanner.policy.business_rules import (
            ExternalParameters,
            RuleType,
            certificate_of,
        )

        try:
            certificate = certificate_of(document)
        except RuleError:
            return tuple(CountryRules(country) for country in countries)
        issuing = claims.country
        found = []
        for country in countries:
            external = ExternalParameters(
                now,
                country,
                self._value_sets,
                issuing_country=issuing,
                issued_at=claims.issued_at,
                expires_at=claims.expires_at,
            )
            names = dict.fromkeys([country, *([issuing] if issuing else [])])
            books = [self._books[name] for name in names if name in self._books]
            outcomes = tuple(
                outcome for book in books for outcome in book.judge(certificate, external)
            )
            accepts = any(
                rule.type is RuleType.ACCEPTANCE
                for book in books
                for rule in book.applicable(certificate, external)
            )
            unread = issuing is not None and self._is_unread(issuing)
            found.append(CountryRules(country, outcomes, is_known=accepts and not unread))
        return tuple(found)

    def _read(self, path: str, data: bytes) -> None:
        from scanner.policy.business_rules import read_value_sets
        from scanner.policy.rule_book import read_book

        if path == layout.VALUE_SETS:
            self._value_sets = read_value_sets(data)
            return
        country = layout.country_of(path)
        if country not in self._books and len(self._books) >= _MOST_COUNTRIES:
            raise SettingsError(
                f"The bundle has rules of more than {_MOST_COUNTRIES} countries.",
                "Leave out those that no site asks for.",
            )
        self._books[country] = read_book(data, country)

    def _forget(self, path: str) -> None:
        if path == layout.VALUE_SETS:
            self._value_sets = {}
        else:
            self._books.pop(layout.country_of(path), None)

    def _is_unread(self, country: str) -> bool:
        """True where the bundle has rules of a country, none of which was ever readable."""
        path = layout.business_rules_path(country)
        return path in self._refused and country not in self._books
