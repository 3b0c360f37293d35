"""From a pass, or what is wrong with it, to a verdict. Pure: time and readings are arguments.

The order is the domain's: key and time, recognition, age, superseding, colour, test, temperature,
machine. Every failed check is listed; the strictest one decides and no rule upgrades.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from scanner.domain.passes import (
    EU_DCC,
    Colour,
    PassClaims,
    Rejection,
    VerifiedPass,
)
from scanner.domain.reasons import Reason
from scanner.domain.rule_outcomes import CountryRules, RuleOutcome, RuleResult
from scanner.domain.verdicts import Advice, Ask, Decision, Finding, Verdict
from scanner.policy.asking import NOTHING_TOLD, Told
from scanner.policy.passback import Passage, passage_findings
from scanner.policy.places import NOWHERE, Person, Place
from scanner.policy.recognition import ANYWHERE, HostRecognition, Mode, Recognition
from scanner.policy.rules import PHONE_KINDS, RuleSet, WhenStale
from scanner.policy.temperature import weigh_readings
from scanner.trust.staleness import Staleness

CLOCK_SKEW = timedelta(seconds=60)
_COLOUR_REASONS = {
    Colour.RED: Reason.COLOUR_RED,
    Colour.YELLOW: Reason.COLOUR_YELLOW,
    Colour.PENDING: Reason.COLOUR_PENDING,
    Colour.NONE: Reason.COLOUR_NONE,
}
_BY_TIME = frozenset({Reason.EXPIRED, Reason.NOT_YET_VALID, Reason.CODE_TOO_OLD, Reason.SCREENSHOT})


class Circumstances(Struct, frozen=True):
    """What beside the pass itself bears on the verdict.

    Attributes:
        now: aware UTC.
        clock_error: `now` is right give or take so much.
        keys: how stale the bundle of keys is as a whole.
        clock_is_sure: False while nobody vouches for `now`.
        told: what was answered about this person so far.
        superseded: a newer code of the same holder was shown here.
        refused_earlier: a guard refused this very code here today.
        issuer_keys: how stale the keys of this pass's issuer are.
        revocation: how stale its list of revoked codes is.
        passage: which way they want to go, and what the site knows of it; None at a gate that knows
            no direction.
        place: of the gate.
        person: as what somebody comes, where a guard chose it.
        occupancy: people inside; None where nobody counts them.
    """

    now: datetime
    keys: Staleness = Staleness.FRESH
    clock_is_sure: bool = True
    told: Told = NOTHING_TOLD
    superseded: bool = False
    refused_earlier: bool = False
    issuer_keys: Staleness = Staleness.FRESH
    revocation: Staleness = Staleness.FRESH
    clock_error: timedelta = timedelta(0)
    passage: Passage | None = None
    place: Place = NOWHERE
    person: Person | None = None
    occupancy: int | None = None


def evaluate(
    shown: VerifiedPass | Rejection,
    rules: RuleSet,
    circumstances: Circumstances,
    host: HostRecognition = ANYWHERE,
) -> Verdict:
    """Decide about one person.

    While anything is asked for, nobody is admitted: the decision is at least CHECK. A refused
    person is asked for nothing.

    Args:
        shown: what the code turned out to be.
        rules: of the site.
        circumstances: beside the pass.
        host: whose codes are recognised where the gate stands.
    """
    claims = shown.claims if isinstance(shown, VerifiedPass) else shown.proven
    found = list(_check_findings(shown, rules))
    counts_as: tuple[Colour, ...] = ()
    if claims is not None:
        recognition = host.recognise(claims, circumstances.now, circumstances.clock_error)
        counts_as = recognition.counts_as
        found += _claim_findings(claims, rules, circumstances, recognition)
    asks: tuple[Ask, ...] = ()
    if isinstance(shown, VerifiedPass):
        found += _foreign_findings(shown, rules)
        for old in _stale(rules, circumstances):
            found += old.findings
            asks += old.asks
        found += _clock_findings(rules, circumstances)
    elif any(finding.reason in _BY_TIME for finding in found):
        found += _clock_findings(rules, circumstances)
    if claims is not None:
        is_required = claims.kind in rules.temperature.required_for
        readings_c = circumstances.told.readings_c
        heat = weigh_readings(readings_c, rules, is_required=is_required)
        found += heat.findings
        asks = heat.asks + asks
        if circumstances.passage is not None:
            found += passage_findings(circumstances.passage, rules)
    by_layers: tuple[Finding, ...] = ()
    if rules.extra:
        from scanner.policy.facts import facts_of  # a gate without layers starts without it

        reasons = {finding.reason: None for finding in found}
        facts = facts_of(claims, counts_as, reasons, rules.temperature, circumstances)
        added = rules.extra.weigh(facts, circumstances.told.settles)
        by_layers = added.findings
        asks += added.asks
    findings = _listed(found, by_layers)
    decision = findings[0].decision if findings else Decision.ADMIT
    wanted, is_refused = tuple(dict.fromkeys(asks)), decision is Decision.REFUSE
    return Verdict(
        decision=decision,
        findings=findings,
        asks=() if is_refused else wanted,
        claims=claims,
        policy_version=policy_version(rules, host),
        unasked=wanted if is_refused else (),
    )


def _listed(found: Sequence[Finding], by_layers: Sequence[Finding]) -> tuple[Finding, ...]:
    """The strictest first; of two of the gate's own for one reason, the stricter."""
    unique: dict[Reason, Finding] = {}
    for finding in found:
        other = unique.get(finding.reason)
        if other is None or finding.decision.strictness >= other.decision.strictness:
            unique[finding.reason] = finding
    return tuple(sorted((*unique.values(), *by_layers), key=lambda f: -f.decision.strictness))


def policy_version(rules: RuleSet, host: HostRecognition) -> str:
    """What an entry names as having decided: the rules, and the matrix where it bears on a gate."""
    return rules.version if host.version is None else f"{rules.version} / {host.version}"


def _check_findings(shown: VerifiedPass | Rejection, rules: RuleSet) -> Iterator[Finding]:
    if isinstance(shown, Rejection):
        for reason in shown.reasons:
            yield Finding(reason, rules.results.decision(reason))


def _claim_findings(
    claims: PassClaims, rules: RuleSet, circumstances: Circumstances, recognition: Recognition
) -> Iterator[Finding]:
    def failed(reason: Reason) -> Finding:
        return Finding(reason, rules.results.decision(reason))

    yield from _recognition_findings(recognition, rules)
    # The verifier weighed the signed token's times; a certificate inside it may hold for less.
    if claims.not_before is not None and claims.not_before > circumstances.now + CLOCK_SKEW:
        yield failed(Reason.NOT_YET_VALID)
    if claims.expires_at is not None and claims.expires_at < circumstances.now - CLOCK_SKEW:
        yield failed(Reason.EXPIRED)
    if _is_too_old(claims, rules, circumstances.now):
        yield failed(Reason.CODE_TOO_OLD if claims.kind in PHONE_KINDS else Reason.EXPIRED)
    if circumstances.superseded:
        yield failed(Reason.SUPERSEDED)
    if circumstances.refused_earlier:
        yield Finding(Reason.REFUSED_EARLIER, Decision.CHECK)
    if claims.hard_line:
        yield Finding(Reason.HARD_LINE, Decision.REFUSE)
    yield from _colour_findings(claims.colour, recognition.counts_as, rules)
    if claims.test is not None and not claims.test.negative:
        yield failed(Reason.TEST_POSITIVE)


def _recognition_findings(recognition: Recognition, rules: RuleSet) -> Iterator[Finding]:
    missing = rules.results.decision(Reason.NOT_RECOGNISED)
    match recognition.mode:
        case None:
            yield Finding(Reason.NOT_RECOGNISED, missing)
        case Mode.NONE:
            denied = rules.results.decision(Reason.RECOGNITION_DENIED)
            yield Finding(Reason.RECOGNITION_DENIED, _strictest(missing, denied))
        case Mode.SHOW:
            yield Finding(Reason.SHOWN_ONLY, Decision.CHECK)


def _colour_findings(
    own: Colour | None, counts_as: Sequence[Colour], rules: RuleSet
) -> Iterator[Finding]:
    """Of the pass's own colour, and after it of those that it counts as here.

    Foreign passes have no colour by their nature; a health code without one is a finding.
    """
    for colour in (*([] if own is None else [own]), *counts_as):
        decision = rules.colour.decision(colour)
        if decision is not Decision.ADMIT:
            yield Finding(_COLOUR_REASONS.get(colour, Reason.COLOUR_NONE), decision)
    if counts_as:
        yield Finding(Reason.COLOUR_CONVERTED, _strictest(*map(rules.colour.decision, counts_as)))


def _foreign_findings(shown: VerifiedPass, rules: RuleSet) -> Iterator[Finding]:
    """What the business rules of the named countries said when the certificate was read.

    A country that nobody asked then, since another layer named it meanwhile, is open.
    """
    countries = rules.foreign.countries
    if not countries or shown.claims.format != EU_DCC:
        return
    said = {of.country: of for of in shown.foreign_rules or ()}
    for country in countries:
        of = said.get(country, CountryRules(country))
        if of.result is RuleResult.PASSED:
            continue
        has_failed = of.result is RuleResult.FAILED
        reason = Reason.FOREIGN_RULE_FAILED if has_failed else Reason.FOREIGN_RULE_OPEN
        words = [_words(outcome, country) for outcome in of.having(of.result)[:1]]
        yield Finding(reason, rules.results.decision(reason), words[0] if words else None)


def _words(outcome: RuleOutcome, country: str) -> Advice:
    """What the publisher says that a certificate has to be; English before every other language."""
    texts = sorted(outcome.descriptions, key=lambda text: text[0] != "en")
    return Advice(rule=outcome.identifier, layer=country, guard=tuple(texts))


def _strictest(*decisions: Decision) -> Decision:
    return max(decisions, key=lambda decision: decision.strictness)


def _clock_findings(rules: RuleSet, circumstances: Circumstances) -> Iterator[Finding]:
    """Of a pass that would otherwise be good, and beside "expired": it may be the gate's fault."""
    if not circumstances.clock_is_sure:
        yield Finding(Reason.CLOCK_UNSURE, rules.results.decision(Reason.CLOCK_UNSURE))


def _is_too_old(claims: PassClaims, rules: RuleSet, now: datetime) -> bool:
    is_holder_signed = claims.presented_at is not None
    limit_s = rules.max_age.seconds(claims.kind, is_holder_signed=is_holder_signed)
    if limit_s is None:
        return False
    if claims.issued_at is None:
        return True
    return now - claims.issued_at > timedelta(seconds=limit_s) + CLOCK_SKEW


class _Open(Struct, frozen=True):
    """What was found, and what would settle it."""

    findings: tuple[Finding, ...] = ()
    asks: tuple[Ask, ...] = ()

    def and_(self, other: "_Open") -> "_Open":
        """Both."""
        return _Open(self.findings + other.findings, self.asks + other.asks)


def _stale(rules: RuleSet, circumstances: Circumstances) -> Iterator[_Open]:
    """What is too old, and what the site does then. The reason stays, also beside an ADMIT."""
    weighed = (
        (circumstances.keys, Reason.KEYS_STALE, rules.staleness.degraded),
        (circumstances.issuer_keys, Reason.ISSUER_KEYS_STALE, rules.staleness.degraded),
        (circumstances.revocation, Reason.REVOCATION_STALE, rules.staleness.revocation),
    )
    for level, reason, step in weighed:
        if level is not Staleness.DEGRADED:
            continue
        match step:
            case WhenStale.STOP:
                yield _Open((Finding(reason, Decision.REFUSE),))
            case WhenStale.SUPERVISOR if not circumstances.told.second_guard:
                yield _Open((Finding(reason, Decision.CHECK),), (Ask.SECOND_GUARD,))
            case WhenStale.ADMIT_WITH_ID if not circumstances.told.id_compared:
                yield _Open((Finding(reason, Decision.CHECK),), (Ask.ID_COMPARE,))
            case WhenStale.SUPERVISOR | WhenStale.ADMIT_WITH_ID | WhenStale.ADMIT:
                yield _Open((Finding(reason, Decision.ADMIT),))
