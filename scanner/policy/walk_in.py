"""From a person without a code to a verdict: never an ADMIT, which only a proven code can earn.

The guard's tap that says who came is the guard's decision, and waits for what the rules ask. Pure.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec.structs import replace

from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Decision, Finding, Verdict
from scanner.domain.walk_ins import Attendee, PersonKind
from scanner.policy.evaluate import Circumstances
from scanner.policy.passback import passage_findings
from scanner.policy.places import Person
from scanner.policy.rules import RuleSet, Weighed
from scanner.policy.temperature import weigh_readings

PERSONS: Final[Mapping[PersonKind, Person]] = {
    PersonKind.ELDER: Person.ELDER,
    PersonKind.CHILD: Person.CHILD,
    PersonKind.PAPER_PASS: Person.RESIDENT,
    PersonKind.VISITOR: Person.VISITOR,
    PersonKind.STAFF: Person.STAFF,
}
"""As what somebody comes to rules of layers. Others come as the gate expects; of a dependant,
child or elder, nobody knows."""


def evaluate_walk_in(
    attendee: Attendee, rules: RuleSet, circumstances: Circumstances, policy_version: str
) -> Verdict:
    """What the machine has to say about somebody whom it cannot prove anything about.

    The worst comes first: that the number was refused here today, then the temperature, then that
    the guardian is not in, that the site is full, what rules of layers say, and that there is no
    code. Neither a full site nor a layer's rule holds up an emergency.

    Args:
        attendee: who it is to the guard.
        rules: of the site.
        circumstances: beside the person.
        policy_version: what the entry names as having decided.
    """
    admission = rules.walk_in.decision(attendee.kind)
    readings_c = circumstances.told.readings_c
    heat = weigh_readings(readings_c, rules, is_required=rules.walk_in.is_measured(attendee.kind))
    found: list[Finding] = []
    if attendee.refused_earlier:
        found.append(Finding(Reason.REFUSED_EARLIER, Decision.CHECK))
    found += heat.findings
    if not attendee.guardian_admitted:
        found.append(Finding(Reason.GUARDIAN_NOT_ADMITTED, Decision.CHECK))
    no_code, asks = Finding(Reason.NO_CODE, admission), heat.asks
    if attendee.kind is not PersonKind.EMERGENCY:
        if circumstances.passage is not None:
            found += passage_findings(circumstances.passage, rules)
        added = _by_layers(attendee, (*found, no_code), rules, circumstances)
        found += added.findings
        asks += added.asks
    found.append(no_code)
    findings = tuple(sorted(found, key=lambda finding: -finding.decision.strictness))
    decision = findings[0].decision
    wanted, is_refused = tuple(dict.fromkeys(asks)), decision is Decision.REFUSE
    return Verdict(
        decision=decision,
        findings=findings,
        asks=() if is_refused else wanted,
        claims=None,
        policy_version=policy_version,
        unasked=wanted if is_refused else (),
    )


def _by_layers(
    attendee: Attendee, found: Iterable[Finding], rules: RuleSet, circumstances: Circumstances
) -> Weighed:
    """What rules of layers say; those about a pass say nothing where there is none."""
    if not rules.extra:
        return Weighed()
    from scanner.policy.facts import facts_of  # a gate without layers starts without it

    person, place = PERSONS.get(attendee.kind), circumstances.place
    if attendee.kind is PersonKind.DEPENDANT:
        place = replace(place, person=None)
    known = replace(circumstances, person=person, place=place)
    reasons = {finding.reason: None for finding in found}
    facts = facts_of(None, (), reasons, rules.temperature, known)
    return rules.extra.weigh(facts, circumstances.told.settles)


def is_left_to_the_guard(verdict: Verdict) -> bool:
    """Whether nothing but the missing code speaks against this person: the guard's tap admits.

    What a layer found and an answer settled speaks against nobody any more.
    """
    return (
        verdict.decision is Decision.CHECK
        and not verdict.asks
        and all(
            found.decision is Decision.ADMIT
            or (found.reason is Reason.NO_CODE and found.advice is None)
            for found in verdict.findings
        )
    )
