"""What a guard may decide beside the machine."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from scanner.domain.guards import Authority, Person, Role
from scanner.domain.reasons import GuardReason, Reason
from scanner.domain.verdicts import Ask, Decision, Finding, Verdict
from scanner.policy.evaluate import Circumstances, evaluate
from scanner.policy.joining import join
from scanner.policy.override import ADMISSIBLE, Lack, authority, lacking, may_decide
from scanner.policy.rules import ResultRules, RuleSet, StalenessRules, Strict, WhenStale
from scanner.trust.staleness import Staleness
from tests.builders import NOW, a_verified_pass
from tests.policy_builders import a_layer


def verdict(*reasons: Reason) -> Verdict:
    findings = tuple(Finding(reason, Decision.REFUSE) for reason in reasons)
    return Verdict(Decision.REFUSE, findings, (), None, "test")


@pytest.mark.parametrize("hard", [Reason.COLOUR_RED, Reason.HARD_LINE])
@pytest.mark.parametrize("reason", list(GuardReason))
def test_red_is_admitted_for_a_medical_emergency_only(hard: Reason, reason: GuardReason) -> None:
    allowed = may_decide(verdict(hard, Reason.EXPIRED), admit=True, reason=reason)
    assert allowed is (reason is GuardReason.EMERGENCY_MEDICAL)


@pytest.mark.parametrize("missing", [Reason.TEMPERATURE_NEEDED, Reason.TEMPERATURE_IMPLAUSIBLE])
@pytest.mark.parametrize("reason", list(GuardReason))
def test_nobody_is_admitted_unmeasured_while_the_thermometer_works(
    missing: Reason, reason: GuardReason
) -> None:
    allowed = may_decide(verdict(missing), admit=True, reason=reason)
    assert allowed is (reason in {GuardReason.EMERGENCY_MEDICAL, GuardReason.SYSTEM_OUTAGE})


def test_a_guard_may_admit_beside_any_other_verdict() -> None:
    others = set(Reason) - set(ADMISSIBLE)
    assert all(
        may_decide(verdict(other), admit=True, reason=GuardReason.ID_REGISTERED) for other in others
    )


def test_a_guard_may_always_refuse() -> None:
    assert may_decide(verdict(Reason.COLOUR_RED), admit=False, reason=GuardReason.ID_REGISTERED)


@pytest.mark.parametrize("reason", list(GuardReason))
def test_of_whom_nothing_was_told_may_be_admitted_unless_he_is_to_be_measured(
    reason: GuardReason,
) -> None:
    is_measured = reason in {
        GuardReason.ELDER_WITHOUT_PHONE,
        GuardReason.CHILD_WITH_GUARDIAN,
        GuardReason.PAPER_PASS,
    }
    assert may_decide(None, admit=True, reason=reason) is not is_measured
    assert may_decide(None, admit=False, reason=reason)


GUARD, OTHER = Person("07", Role.GUARD), Person("08", Role.GUARD)
CHIEF, OTHER_CHIEF = Person("90", Role.SUPERVISOR), Person("91", Role.SUPERVISOR)
ADMIT, CHECK, REFUSE = Decision.ADMIT, Decision.CHECK, Decision.REFUSE


@pytest.mark.parametrize(
    ("reason", "decision", "asks", "needed"),
    [
        (Reason.COLOUR_YELLOW, CHECK, (), Authority.GUARD),
        (Reason.TEMPERATURE_NEEDED, CHECK, (Ask.TEMPERATURE,), Authority.GUARD),
        (Reason.NOT_RECOGNISED, CHECK, (), Authority.GUARD),
        (Reason.KEYS_STALE, CHECK, (Ask.ID_COMPARE,), Authority.GUARD),
        (Reason.KEYS_STALE, ADMIT, (), Authority.GUARD),
        (Reason.BAD_SIGNATURE, REFUSE, (), Authority.SECOND_PERSON),
        (Reason.REVOKED, REFUSE, (), Authority.SECOND_PERSON),
        (Reason.TEST_POSITIVE, REFUSE, (), Authority.SECOND_PERSON),
        (Reason.COLOUR_YELLOW, REFUSE, (), Authority.SECOND_PERSON),
        (Reason.COLOUR_RED, REFUSE, (), Authority.SUPERVISOR),
        (Reason.HARD_LINE, REFUSE, (), Authority.SUPERVISOR),
        (Reason.KEYS_STALE, CHECK, (Ask.SECOND_GUARD,), Authority.SUPERVISOR),
        (Reason.KEYS_STALE, REFUSE, (), Authority.SUPERVISOR),
        (Reason.ISSUER_KEYS_STALE, REFUSE, (), Authority.SUPERVISOR),
        (Reason.REVOCATION_STALE, REFUSE, (), Authority.SUPERVISOR),
    ],
)
def test_who_it_takes_to_admit(
    reason: Reason, decision: Decision, asks: tuple[Ask, ...], needed: Authority
) -> None:
    found = Verdict(decision, (Finding(reason, decision),), asks, None, "test")
    assert authority(found, admit=True) is needed
    assert authority(found, admit=False) is Authority.GUARD


def test_the_strictest_finding_says_who_it_takes() -> None:
    both = verdict(Reason.REVOKED, Reason.COLOUR_RED)
    assert authority(both, admit=True) is Authority.SUPERVISOR


def test_a_person_without_a_code_is_any_guards() -> None:
    assert authority(None, admit=True) is Authority.GUARD


@pytest.mark.parametrize(
    ("needed", "on_duty", "second", "lack"),
    [
        (Authority.GUARD, None, None, Lack.LOGIN),
        (Authority.GUARD, GUARD, None, None),
        (Authority.SECOND_PERSON, None, CHIEF, Lack.LOGIN),
        (Authority.SECOND_PERSON, GUARD, None, Lack.SECOND_PERSON),
        (Authority.SECOND_PERSON, GUARD, GUARD, Lack.SECOND_PERSON),
        (Authority.SECOND_PERSON, GUARD, OTHER, None),
        (Authority.SECOND_PERSON, GUARD, CHIEF, None),
        (Authority.SECOND_PERSON, CHIEF, GUARD, None),
        (Authority.SUPERVISOR, GUARD, None, Lack.SUPERVISOR),
        (Authority.SUPERVISOR, GUARD, OTHER, Lack.SUPERVISOR),
        (Authority.SUPERVISOR, GUARD, CHIEF, None),
        (Authority.SUPERVISOR, CHIEF, None, Lack.SUPERVISOR),
        (Authority.SUPERVISOR, CHIEF, CHIEF, Lack.SUPERVISOR),
        (Authority.SUPERVISOR, CHIEF, GUARD, Lack.SUPERVISOR),
        (Authority.SUPERVISOR, CHIEF, OTHER_CHIEF, None),
    ],
)
def test_who_is_missing(
    needed: Authority, on_duty: Person | None, second: Person | None, lack: Lack | None
) -> None:
    assert lacking(needed, on_duty, second) is lack


@pytest.mark.parametrize("stale", [Reason.KEYS_STALE, Reason.REVOCATION_STALE])
def test_what_is_wrong_beside_it_takes_no_supervisor_away(stale: Reason) -> None:
    """Of a refused person nothing is asked any more; what the site leaves to a supervisor stays."""
    rules = RuleSet(
        staleness=StalenessRules(degraded=WhenStale.SUPERVISOR, revocation=WhenStale.SUPERVISOR)
    )
    keys = Staleness.DEGRADED if stale is Reason.KEYS_STALE else Staleness.FRESH
    revocation = Staleness.DEGRADED if stale is Reason.REVOCATION_STALE else Staleness.FRESH
    circumstances = Circumstances(NOW, keys=keys, revocation=revocation)
    bad = replace(rules, results=ResultRules(expired=Strict.REFUSE))
    expired = a_verified_pass(expires_at=NOW - timedelta(hours=1))
    refused = evaluate(expired, bad, circumstances)
    assert refused.decision is REFUSE
    assert authority(refused, admit=True) is Authority.SUPERVISOR


def test_a_rule_that_wants_a_second_guard_wants_him_of_whoever_else_is_refused() -> None:
    layer = a_layer('[[rule]]\nid = "two"\nwhen = { site = "venue" }\nask = ["second_guard"]')
    rules = replace(join([layer]), results=ResultRules(expired=Strict.REFUSE))
    expired = a_verified_pass(expires_at=NOW - timedelta(hours=1))
    refused = evaluate(expired, rules, Circumstances(NOW))
    assert refused.decision is REFUSE
    assert authority(refused, admit=True) is Authority.SUPERVISOR
