"""A good code at a gate whose keys are old: what the guard is asked, and what is recorded."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from scanner.domain.entries import EntryType
from scanner.domain.passes import PassKind
from scanner.domain.reasons import GuardReason, Reason
from scanner.domain.verdicts import Ask, Decision, GuardDecision
from scanner.gate.messages import CommandResult, ErrorCode, VerdictShown
from scanner.policy.rules import RuleSet, StalenessRules, WhenStale
from scanner.trust.staleness import Staleness
from tests.builders import NOW, a_code, a_key
from tests.gate_builders import Gate, Keys


class OldKeys(Keys):
    """Keys that are degraded as a whole."""

    def staleness(self, now: datetime) -> Staleness:  # noqa: ARG002
        return Staleness.DEGRADED


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    gate = Gate(tmp_path, (a_key(),))
    gate.pipeline.judge.trust = OldKeys([a_key().trusted()])
    yield gate
    gate.ledger.close()


def under(gate: Gate, policy: WhenStale) -> VerdictShown:
    gate.pipeline.judge.rules = RuleSet(staleness=StalenessRules(degraded=policy))
    return gate.verdict(a_code())


def test_admitted_all_the_same_it_is_never_silently_green(gate: Gate) -> None:
    shown = under(gate, WhenStale.ADMIT)
    assert (shown.decision, shown.reasons) == (Decision.ADMIT, (Reason.KEYS_STALE,))
    (entry,) = gate.entries()
    assert entry.reasons == (Reason.KEYS_STALE,)
    assert (entry.trust, entry.trust_age_s) == ("test-1", 3600)


def test_the_guards_comparison_settles_the_visit_as_an_entry_of_its_own(gate: Gate) -> None:
    asked = under(gate, WhenStale.ADMIT_WITH_ID)
    assert (asked.decision, asked.asks, asked.final) == (Decision.CHECK, (Ask.ID_COMPARE,), False)
    shown, result = gate.compare(asked.visit)
    assert isinstance(shown, VerdictShown)
    assert (shown.decision, shown.final) == (Decision.ADMIT, True)
    assert shown.reasons == (Reason.KEYS_STALE,)
    assert result == CommandResult(command=1)
    scan, answer = gate.entries()
    assert (scan.decision, scan.asks) == (Decision.CHECK, (Ask.ID_COMPARE,))
    assert (answer.type, answer.completes) == (EntryType.ANSWER, scan.seq)
    assert (answer.id_compared, answer.decision) == (True, Decision.ADMIT)
    assert (answer.trust, answer.trust_age_s) == ("test-1", 3600)


def test_a_comparison_that_nobody_asked_for_is_not_recorded(gate: Gate) -> None:
    shown = under(gate, WhenStale.SUPERVISOR)
    assert gate.compare(shown.visit) == [CommandResult(command=1, error=ErrorCode.NOT_ASKED)]
    assert gate.compare(99) == [CommandResult(command=1, error=ErrorCode.NO_SUCH_VISIT)]
    assert len(gate.entries()) == 1


def test_a_comparison_survives_a_crash(gate: Gate) -> None:
    asked = under(gate, WhenStale.ADMIT_WITH_ID)
    gate.compare(asked.visit)
    rules = gate.pipeline.judge.rules
    gate.restart()
    gate.pipeline.judge.trust, gate.pipeline.judge.rules = OldKeys([a_key().trusted()]), rules
    again = gate.verdict(a_code())
    assert (again.visit, again.decision) == (asked.visit, Decision.ADMIT)


def test_only_a_persons_decision_settles_what_wants_a_supervisor(gate: Gate) -> None:
    asked = under(gate, WhenStale.SUPERVISOR)
    assert asked.asks == (Ask.SECOND_GUARD,)
    shown, _ = gate.decide(asked.visit, admit=True, reason=GuardReason.ID_REGISTERED)
    assert isinstance(shown, VerdictShown)
    assert shown.guard is GuardDecision.ADMITTED_BY_GUARD
    assert shown.decision is Decision.CHECK


def test_stop_means_nobody(gate: Gate) -> None:
    shown = under(gate, WhenStale.STOP)
    assert (shown.decision, shown.asks) == (Decision.REFUSE, ())


def test_a_reading_and_a_comparison_are_both_wanted(gate: Gate) -> None:
    gate.pipeline.judge.rules = RuleSet(staleness=StalenessRules(degraded=WhenStale.ADMIT_WITH_ID))
    asked = gate.verdict(a_code(kind=PassKind.PAPER, scope="A1", expires_at=NOW.replace(year=2027)))
    assert asked.asks == (Ask.TEMPERATURE, Ask.ID_COMPARE)
    half = gate.compare(asked.visit)[0]
    assert isinstance(half, VerdictShown)
    assert (half.decision, half.asks) == (Decision.CHECK, (Ask.TEMPERATURE,))
    whole = gate.measure(asked.visit, 36.6)[0]
    assert isinstance(whole, VerdictShown)
    assert whole.decision is Decision.ADMIT


def test_a_person_measured_high_enough_times_is_not_measured_until_it_fits(gate: Gate) -> None:
    """The comparison that is still open keeps the visit open, and not the measuring."""
    gate.pipeline.judge.rules = RuleSet(staleness=StalenessRules(degraded=WhenStale.ADMIT_WITH_ID))
    asked = gate.verdict(a_code(kind=PassKind.PAPER, scope="A1", expires_at=NOW.replace(year=2027)))
    for celsius in (38.5, 38.6):
        high = gate.measure(asked.visit, celsius)[0]
    assert isinstance(high, VerdictShown)
    assert high.asks == (Ask.ID_COMPARE,)
    assert gate.measure(asked.visit, 36.6) == [
        CommandResult(command=1, error=ErrorCode.NOT_ASKED),
    ]
    settled = gate.compare(asked.visit)[0]
    assert isinstance(settled, VerdictShown)
    assert settled.decision is Decision.CHECK
    assert Reason.TEMPERATURE_HIGH in settled.reasons


def test_a_reading_that_nobody_asked_for_is_not_recorded(gate: Gate) -> None:
    asked = under(gate, WhenStale.ADMIT_WITH_ID)
    assert gate.measure(asked.visit, 36.6) == [CommandResult(command=1, error=ErrorCode.NOT_ASKED)]
    assert len(gate.entries()) == 1
