"""What a guard may decide beside the machine."""

import pytest

from scanner.domain.reasons import GuardReason, Reason
from scanner.domain.verdicts import Decision, Finding, Verdict
from scanner.policy.override import ADMISSIBLE, may_decide


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


def test_a_person_without_a_code_may_be_admitted() -> None:
    assert may_decide(None, admit=True, reason=GuardReason.ELDER_WITHOUT_PHONE)
