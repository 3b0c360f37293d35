"""What a published rule said about a certificate. Nothing of the certificate is in here."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class RuleResult(StrEnum):
    """How a rule came out; open means that nobody can tell, which is never as good as passed."""

    PASSED = "passed"
    FAILED = "failed"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """One rule on one certificate.

    Attributes:
        identifier: the rule's, like `VR-DE-0001`.
        version: the rule's, like `1.0.2`.
        result: how it came out.
        descriptions: what the rule asks for, by language, as its publisher words it.
        detail: why it is open, by kind and place only; else empty.
    """

    identifier: str
    version: str
    result: RuleResult
    descriptions: tuple[tuple[str, str], ...] = ()
    detail: str = ""

    def description(self, language: str) -> str:
        """What the rule asks for, in `language` (`de`, `de-AT`), else in English, else in any.

        Empty where the publisher has written nothing.
        """
        texts = dict(reversed(self.descriptions))  # of two in one language the first counts
        wanted = (language, language.partition("-")[0], "en")
        return next((texts[tag] for tag in wanted if tag in texts), next(iter(texts.values()), ""))


@dataclass(frozen=True, slots=True)
class CountryRules:
    """All rules of one country on one certificate.

    Attributes:
        country: that is entered, ISO 3166.
        outcomes: of its acceptance rules, and of the issuing country's invalidation rules.
        is_known: at least one acceptance rule of the country is about such a certificate, and
            nothing is known to be missing: without it the best that can come of it is open.
    """

    country: str
    outcomes: tuple[RuleOutcome, ...] = ()
    is_known: bool = False

    @property
    def result(self) -> RuleResult:
        """All together."""
        result = overall(self.outcomes)
        is_enough = self.is_known or result is RuleResult.FAILED
        return result if is_enough else RuleResult.OPEN

    def having(self, result: RuleResult) -> tuple[RuleOutcome, ...]:
        """The rules that came out so."""
        return tuple(outcome for outcome in self.outcomes if outcome.result is result)


def overall(outcomes: Iterable[RuleOutcome]) -> RuleResult:
    """All rules together: one that fails decides, then one that is open; no rules at all are open.

    A country of which no rules are known must not look like one whose rules are all met.
    """
    results = {outcome.result for outcome in outcomes}
    if RuleResult.FAILED in results:
        return RuleResult.FAILED
    return RuleResult.PASSED if results == {RuleResult.PASSED} else RuleResult.OPEN
