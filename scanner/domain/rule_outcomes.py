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


def overall(outcomes: Iterable[RuleOutcome]) -> RuleResult:
    """All rules together: one that fails decides, then one that is open; no rules at all are open.

    A country of which no rules are known must not look like one whose rules are all met.
    """
    results = {outcome.result for outcome in outcomes}
    if RuleResult.FAILED in results:
        return RuleResult.FAILED
    return RuleResult.PASSED if results == {RuleResult.PASSED} else RuleResult.OPEN
