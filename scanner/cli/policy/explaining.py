"""Why a verdict is what it is: each finding with the key or the rule of the layer it is from."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from scanner.domain.passes import Rejection, VerifiedPass
from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Finding, Verdict
from scanner.policy.evaluate import Circumstances, evaluate
from scanner.policy.joining import JOINS, join
from scanner.policy.layers import Layer
from scanner.policy.recognition import HostRecognition
from scanner.policy.rules import PHONE_KINDS, RuleSet

_KEYS: Final = {
    Reason.COLOUR_YELLOW: "colour.yellow",
    Reason.COLOUR_PENDING: "colour.pending",
    Reason.COLOUR_NONE: "colour.none",
    Reason.TEMPERATURE_NEEDED: "temperature.required_for",
    Reason.TEMPERATURE_IMPLAUSIBLE: "temperature.low_c",
    Reason.KEYS_STALE: "staleness.degraded",
    Reason.ISSUER_KEYS_STALE: "staleness.degraded",
    Reason.REVOCATION_STALE: "staleness.revocation",
}
_LOCKED: Final = frozenset({Reason.COLOUR_RED, Reason.HARD_LINE})


def explain(
    shown: VerifiedPass | Rejection,
    layers: Sequence[Layer],
    circumstances: Circumstances,
    host: HostRecognition,
) -> Iterator[str]:
    """Lines for people: the decision, each finding and where it is from, and what is asked."""
    rules = join(layers)
    verdict = evaluate(shown, rules, circumstances, host)
    yield f"{verdict.decision}   by {verdict.policy_version}"
    if not verdict.findings:
        yield "  nothing is against it"
    for finding in verdict.findings:
        because = _because(finding, verdict, rules, layers)
        yield f"  {finding.decision:6}  {finding.reason}: {because}"
        yield from (f"          {line}" for line in _said(finding))
    if verdict.asks:
        yield f"  asks    {', '.join(verdict.asks)}"


def _because(finding: Finding, verdict: Verdict, rules: RuleSet, layers: Iterable[Layer]) -> str:
    if finding.advice is not None:
        answered = ", and was answered" if finding.decision == "ADMIT" else ""
        return f"rule {finding.advice.rule} of {finding.advice.layer}{answered}"
    if finding.reason in _LOCKED:
        return "locked: no layer can change it"
    key = _key(finding, verdict)
    if key is None:
        return "the gate's own check"
    table, _, name = key.partition(".")
    value = getattr(getattr(rules, table), name)
    return f"[{table}] {name} = {_plain(value)}, {_who(key, value, layers)}"


def _key(finding: Finding, verdict: Verdict) -> str | None:
    """The key of the tables that a reason goes back to."""
    claims, reason = verdict.claims, finding.reason
    by_results = f"results.{reason.value}"
    if reason in (Reason.CODE_TOO_OLD, Reason.EXPIRED) and claims is not None:
        is_signed = claims.presented_at is not None and claims.kind in PHONE_KINDS
        ages = ("holder_signed_s",) if is_signed else (f"{claims.kind}_s", f"{claims.kind}_days")
        for name in ages:
            if f"max_age.{name}" in JOINS:
                return f"max_age.{name}"
    return _KEYS.get(reason, by_results if by_results in JOINS else None)


def _who(key: str, value: object, layers: Iterable[Layer]) -> str:
    names = [each.name for each in layers if key in each.named and each.opinion(key) == value]
    return f"by {', '.join(names)}" if names else "the default"


def _said(finding: Finding) -> Iterator[str]:
    advice = finding.advice
    if advice is None:
        return
    for name, words in (("guard", advice.guard), ("holder", advice.holder)):
        yield from (f"{name} ({language}): {text}" for language, text in words)
    if advice.hotline:
        yield f"hotline: {advice.hotline}"


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
