"""Which answer is taken when, and when nobody is waited for any more."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from scanner.domain.passes import (
    HEALTH_CODE,
    Algorithm,
    Colour,
    Evidence,
    PassClaims,
    PassKind,
    VerifiedPass,
)
from scanner.domain.verdicts import Ask, Decision, Verdict
from scanner.policy.asking import (
    NOTHING_TOLD,
    Answer,
    Asking,
    NotTaken,
    Phase,
    Reading,
    Told,
    ask,
)
from scanner.policy.evaluate import Circumstances, evaluate
from scanner.policy.rules import RuleSet, StalenessRules, TemperatureRules, WhenStale
from scanner.trust.staleness import Staleness

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LIMITS = TemperatureRules(remeasure=1, cool_down_s=180)
PATIENCE_S = 120.0


def reading(celsius: float) -> Answer:
    return Answer(Ask.TEMPERATURE, celsius)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def measured(celsius: float) -> Asking:
    """Asked again after one reading at `NOW`."""
    told = NOTHING_TOLD.after(reading(celsius), NOW)
    return ask((Ask.TEMPERATURE,), told, LIMITS, mono_s=0.0)


def test_nothing_is_open_when_nothing_is_asked() -> None:
    asking = ask((), NOTHING_TOLD, LIMITS, 0.0)
    assert asking.phase(NOW, 1000.0, PATIENCE_S) is Phase.SETTLED
    assert asking.take(reading(36.5), NOW) is NotTaken.NOT_ASKED


@pytest.mark.parametrize("celsius", [None, 19.9, 45.1, float("nan"), float("inf")])
def test_what_no_thermometer_shows_is_no_reading(celsius: float | None) -> None:
    asking = ask((Ask.TEMPERATURE,), NOTHING_TOLD, LIMITS, 0.0)
    assert asking.take(Answer(Ask.TEMPERATURE, celsius), NOW) is NotTaken.BAD_VALUE


def test_an_answer_to_another_question_is_not_taken() -> None:
    asking = ask((Ask.ID_COMPARE,), NOTHING_TOLD, LIMITS, 0.0)
    assert asking.take(reading(36.5), NOW) is NotTaken.NOT_ASKED
    assert asking.take(Answer(Ask.DOCUMENT), NOW) is NotTaken.NOT_ASKED


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (Ask.ID_COMPARE, Told(id_compared=True)),
        (Ask.DOCUMENT, Told(document_seen=True)),
        (Ask.SECOND_GUARD, Told(second_guard=True)),
    ],
)
def test_each_question_has_its_answer(question: Ask, told: Told) -> None:
    asking = ask((question,), NOTHING_TOLD, LIMITS, 0.0)
    assert asking.take(Answer(question), NOW) == told
    assert [other for other in Ask if told.settles(other)] == [question]


def test_a_warm_forehead_cools_down_before_the_next_reading_counts() -> None:
    asking = measured(37.3)
    assert asking.phase(after(179), 179.0, PATIENCE_S) is Phase.COOLING
    assert asking.take(reading(36.5), after(179)) is NotTaken.TOO_SOON
    told = asking.take(reading(36.5), after(180))
    assert told == Told((Reading(37.3, NOW), Reading(36.5, after(180))))


@pytest.mark.parametrize("celsius", [33.0, 37.2])
def test_a_bad_or_a_normal_reading_cools_nobody_down(celsius: float) -> None:
    asking = measured(celsius)
    assert asking.phase(after(1), 1.0, PATIENCE_S) is Phase.ASKING
    assert isinstance(asking.take(reading(36.5), after(1)), Told)


def test_name_and_document_may_be_compared_while_the_person_cools_down() -> None:
    told = NOTHING_TOLD.after(reading(38.0), NOW)
    asking = ask((Ask.TEMPERATURE, Ask.ID_COMPARE), told, LIMITS, 0.0)
    assert isinstance(asking.take(Answer(Ask.ID_COMPARE), after(10)), Told)


def test_an_unanswered_question_is_over_after_its_time() -> None:
    asking = ask((Ask.TEMPERATURE,), NOTHING_TOLD, LIMITS, 0.0)
    assert asking.phase(after(119), 119.0, PATIENCE_S) is Phase.ASKING
    assert asking.phase(after(120), 120.0, PATIENCE_S) is Phase.OVER


def test_the_time_to_cool_down_is_no_time_of_waiting() -> None:
    asking = measured(37.9)
    assert asking.phase(after(299), 299.0, PATIENCE_S) is Phase.ASKING
    assert asking.phase(after(300), 300.0, PATIENCE_S) is Phase.OVER


def test_another_answer_starts_the_waiting_anew() -> None:
    told = NOTHING_TOLD.after(Answer(Ask.ID_COMPARE), after(100))
    asking = ask((Ask.TEMPERATURE,), told, LIMITS, mono_s=100.0)
    assert asking.phase(after(219), 219.0, PATIENCE_S) is Phase.ASKING
    assert asking.phase(after(220), 220.0, PATIENCE_S) is Phase.OVER


def test_a_clock_that_leaps_ahead_does_not_end_a_visit() -> None:
    asking = ask((Ask.TEMPERATURE,), NOTHING_TOLD, LIMITS, 0.0)
    assert asking.phase(after(86_400), 1.0, PATIENCE_S) is Phase.ASKING


ELDER = VerifiedPass(
    PassClaims(
        format=HEALTH_CODE,
        kind=PassKind.PAPER,
        issuer="33",
        colour=Colour.GREEN,
        issued_at=NOW - timedelta(days=1),
    ),
    b"\1" * 32,
    Evidence(HEALTH_CODE, b"k", Algorithm.EDDSA),
)
STALE_RULES = RuleSet(temperature=LIMITS, staleness=StalenessRules(degraded=WhenStale.SUPERVISOR))


class OneVisit(RuleBasedStateMachine):
    """A measured pass under keys that are too old, answered in any order at any pace."""

    @initialize(keys=st.sampled_from([Staleness.FRESH, Staleness.DEGRADED]))
    def shown(self, keys: Staleness) -> None:
        self.keys = keys
        self.mono_s = 0.0
        self.taken: list[float] = []
        self.agreed = False
        self.decided(NOTHING_TOLD)

    def decided(self, told: Told) -> None:
        circumstances = Circumstances(after(self.mono_s), keys=self.keys, told=told)
        self.verdict: Verdict = evaluate(ELDER, STALE_RULES, circumstances)
        self.asking = ask(self.verdict.asks, told, LIMITS, self.mono_s)

    @rule(seconds=st.floats(min_value=0.1, max_value=400))
    def time_goes_by(self, seconds: float) -> None:
        self.mono_s += seconds

    @rule(celsius=st.sampled_from([33.0, 36.9, 37.2, 37.3, 38.5]))
    def is_measured(self, celsius: float) -> None:
        told = self.asking.take(reading(celsius), after(self.mono_s))
        if isinstance(told, Told):
            self.taken.append(celsius)
            self.decided(told)

    @rule()
    def a_supervisor_agrees(self) -> None:
        told = self.asking.take(Answer(Ask.SECOND_GUARD), after(self.mono_s))
        if isinstance(told, Told):
            self.agreed = True
            self.decided(told)

    @invariant()
    def nobody_is_admitted_unmeasured_or_alone(self) -> None:
        if self.verdict.decision is Decision.ADMIT:
            assert self.taken
            assert LIMITS.low_c <= self.taken[-1] < LIMITS.limit_c
            assert self.agreed or self.keys is Staleness.FRESH

    @invariant()
    def what_is_asked_can_be_answered(self) -> None:
        phase = self.asking.phase(after(self.mono_s), self.mono_s, PATIENCE_S)
        assert (phase is Phase.SETTLED) == (not self.verdict.asks)
        if self.verdict.asks:
            assert self.verdict.decision is Decision.CHECK


TestOneVisit = OneVisit.TestCase
