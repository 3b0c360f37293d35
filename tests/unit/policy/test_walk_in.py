"""What the shipped rules say to people without a code."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from config.rules import load_rules
from scanner.domain.errors import SettingsError
from scanner.domain.id_documents import NumberFault, read_registered
from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Ask, Decision, Verdict
from scanner.domain.walk_ins import ALWAYS_MEASURED, Attendee, PersonKind
from scanner.policy.asking import Reading, Told
from scanner.policy.evaluate import Circumstances
from scanner.policy.joining import join
from scanner.policy.layers import Level
from scanner.policy.rules import RuleSet, Strict, WalkInRules
from scanner.policy.walk_in import evaluate_walk_in, is_left_to_the_guard
from tests.builders import NOW
from tests.policy_builders import a_layer

RULES = RuleSet()
NO_VISITORS = replace(RULES, walk_in=WalkInRules(visitor=Strict.REFUSE))
NOBODY_ELSE_MEASURED = replace(RULES, walk_in=WalkInRules(temperature_for=()))
KINDS = st.sampled_from(PersonKind)
READINGS = st.lists(st.floats(20, 45), max_size=4).map(tuple)
RULE_SETS = st.sampled_from([RULES, NO_VISITORS, NOBODY_ELSE_MEASURED])


def decide(attendee: Attendee | PersonKind, *readings_c: float, rules: RuleSet = RULES) -> Verdict:
    if isinstance(attendee, PersonKind):
        attendee = Attendee(attendee)
    told = Told(tuple(Reading(celsius, NOW) for celsius in readings_c))
    return evaluate_walk_in(attendee, rules, Circumstances(NOW, told=told), rules.version)


@given(KINDS, st.booleans(), st.booleans(), READINGS, RULE_SETS)
def test_the_machine_admits_nobody_without_a_code(
    kind: PersonKind, refused: bool, guarded: bool, readings: tuple[float, ...], rules: RuleSet
) -> None:
    attendee = Attendee(kind, refused_earlier=refused, guardian_admitted=guarded)
    verdict = decide(attendee, *readings, rules=rules)
    assert verdict.decision is not Decision.ADMIT
    assert Reason.NO_CODE in verdict.reasons


@given(st.sampled_from(sorted(ALWAYS_MEASURED)), READINGS, RULE_SETS)
def test_elders_and_children_are_left_to_the_guard_after_a_good_reading_only(
    kind: PersonKind, readings: tuple[float, ...], rules: RuleSet
) -> None:
    if is_left_to_the_guard(decide(kind, *readings, rules=rules)):
        assert readings
        assert rules.temperature.low_c <= readings[-1] < rules.temperature.limit_c


@pytest.mark.parametrize("kind", sorted(set(PersonKind) - {PersonKind.EMERGENCY}))
def test_everyone_but_an_emergency_waits_for_a_temperature(kind: PersonKind) -> None:
    verdict = decide(kind)
    assert (verdict.decision, verdict.asks) == (Decision.CHECK, (Ask.TEMPERATURE,))
    assert verdict.reasons == (Reason.TEMPERATURE_NEEDED, Reason.NO_CODE)
    assert is_left_to_the_guard(decide(kind, 36.6))


def test_an_emergency_waits_for_nothing() -> None:
    assert is_left_to_the_guard(decide(PersonKind.EMERGENCY))


def test_a_high_reading_is_repeated_and_then_the_guard_has_to_say_it_again() -> None:
    assert decide(PersonKind.CHILD, 37.3).asks == (Ask.TEMPERATURE,)
    twice = decide(PersonKind.CHILD, 37.3, 37.5)
    assert (twice.asks, twice.reasons[0]) == ((), Reason.TEMPERATURE_HIGH)
    assert not is_left_to_the_guard(twice)
    assert is_left_to_the_guard(decide(PersonKind.CHILD, 37.3, 36.9))


def test_a_number_that_was_refused_today_is_named_first_and_not_left_to_one_tap() -> None:
    verdict = decide(Attendee(PersonKind.RESIDENT_CARD, refused_earlier=True), 36.6)
    assert verdict.decision is Decision.CHECK
    assert verdict.reasons[0] is Reason.REFUSED_EARLIER
    assert not is_left_to_the_guard(verdict)


def test_a_dependant_does_not_go_in_before_the_guardian() -> None:
    alone = Attendee(PersonKind.DEPENDANT, guardian_admitted=False)
    assert not is_left_to_the_guard(decide(alone, 36.6))
    assert Reason.GUARDIAN_NOT_ADMITTED in decide(alone, 36.6).reasons


def test_a_site_may_send_visitors_away_and_asks_them_for_nothing() -> None:
    verdict = decide(PersonKind.VISITOR, rules=NO_VISITORS)
    assert (verdict.decision, verdict.asks) == (Decision.REFUSE, ())
    assert not is_left_to_the_guard(verdict)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('elder = "REFUSE"', "elder"),
        ('passport = "REFUSE"', "passport"),
        ('emergency = "REFUSE"', "emergency"),
        ('visitor = "ADMIT"', "visitor"),
        ('temperature_for = ["emergency"]', "nobody waits"),
        ('temperature_for = ["tourist"]', "tourist"),
        ("number_shortest = 8\nnumber_longest = 6", "number_shortest"),
        ("number_longest = 33", "number_longest"),
    ],
)
def test_a_site_can_neither_shut_the_manual_path_nor_open_it_to_everyone(
    tmp_path: Path, text: str, named: str
) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(f"[walk_in]\n{text}\n", "utf-8")
    with pytest.raises(SettingsError, match=named):
        load_rules(path)


def test_leaving_everyone_out_of_the_list_leaves_the_mandatory_ones_in() -> None:
    nation = a_layer("[walk_in]\ntemperature_for = []", Level.NATION)
    walk_in = join([nation]).walk_in
    assert {kind for kind in PersonKind if walk_in.is_measured(kind)} == ALWAYS_MEASURED


def test_a_site_measures_more_people_and_never_fewer() -> None:
    nation = a_layer('[walk_in]\ntemperature_for = ["visitor"]', Level.NATION)
    site = a_layer('[walk_in]\ntemperature_for = ["staff"]', Level.SITE, "north-gate")
    walk_in = join([site, nation]).walk_in
    assert walk_in.temperature_for == (PersonKind.VISITOR, PersonKind.STAFF)


def test_layers_that_agree_on_no_number_take_none() -> None:
    city = a_layer("[walk_in]\nnumber_longest = 6")
    site = a_layer("[walk_in]\nnumber_shortest = 10", Level.SITE, "north-gate")
    form = join([city, site]).walk_in.number_form
    for typed in ("46010", "460100", "4601001234", "46010012345678"):
        assert isinstance(read_registered(form, typed), NumberFault)
