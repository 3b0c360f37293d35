"""A fact that nobody knows never makes a verdict milder, whichever rule asks about it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from scanner.domain.direction import Direction
from scanner.domain.passes import (
    Colour,
    LaboratoryTest,
    PassClaims,
    PassKind,
    Rejection,
)
from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Decision
from scanner.policy.conditions import (
    ClockState,
    Conditions,
    CountedFrom,
    LabCondition,
    LabResult,
    VaccineCondition,
    Weekday,
)
from scanner.policy.evaluate import Circumstances, evaluate
from scanner.policy.joining import join
from scanner.policy.layers import Layer
from scanner.policy.places import Person, Place, SiteType
from scanner.policy.rules import Strict
from tests import policy_builders as some
from tests.builders import NOW, a_verified_pass

HERE = Place(SiteType.VENUE, Direction.IN, Person.WORKER)
KNOWN = Circumstances(NOW, place=HERE, occupancy=10)
UNSURE = Circumstances(NOW, place=HERE, clock_is_sure=False)


@given(some.layers(), some.claims(), some.circumstances(), st.data())
def test_what_is_not_known_is_never_milder(
    layer: Layer, claims: PassClaims, circumstances: Circumstances, data: st.DataObject
) -> None:
    rules = join([layer])
    known = evaluate(some.verified(claims), rules, circumstances).decision
    place, test = circumstances.place, claims.test
    forgotten = data.draw(
        st.sampled_from(
            [
                (claims, replace(circumstances, occupancy=None)),
                (claims, replace(circumstances, place=replace(place, site=None))),
                (claims, replace(circumstances, place=replace(place, direction=None))),
                (
                    claims,
                    replace(circumstances, place=replace(place, person=None), person=None),
                ),
                (claims, replace(circumstances, clock_error=timedelta(days=400))),
                (replace(claims, division=None), circumstances),
                (replace(claims, issued_at=None), circumstances),
                (replace(claims, dependant=None), circumstances),
                (
                    replace(claims, reason_class=None)
                    if claims.colour is not Colour.GREEN
                    else claims,
                    circumstances,
                ),
                (
                    replace(claims, test=test and replace(test, sampled_at=None, kind="")),
                    circumstances,
                ),
                (replace(claims, test=test and replace(test, reported_at=None)), circumstances),
            ]
        )
    )
    unknown = evaluate(some.verified(forgotten[0]), rules, forgotten[1]).decision
    assert unknown.strictness >= known.strictness


def old_test(hours: float | None, *, negative: bool = True) -> LaboratoryTest:
    sampled = None if hours is None else NOW - timedelta(hours=hours)
    return LaboratoryTest("pcr", negative, sampled, None)


NAMED: tuple[tuple[object, ...], ...] = (
    # condition, a pass and circumstances of which it certainly holds, or certainly does not,
    # and then the same where nobody knows
    ("division", Conditions(division="3301"), {"division": "330106"}, {"division": "460100"}, {}),
    ("code age", Conditions(code_older_than_s=90), {"issued_at": NOW - timedelta(seconds=91)},
     {"issued_at": NOW - timedelta(seconds=90)}, {"issued_at": None}),
    ("test age", Conditions(test=LabCondition(older_than_h=48)), {"test": old_test(49)},
     {"test": old_test(47)}, {"test": old_test(None)}),
    ("fresh test", Conditions(test=LabCondition(result=LabResult.NEGATIVE, max_age_h=48)),
     {"test": old_test(47)}, {"test": old_test(49)}, {"test": old_test(None)}),
    ("report", Conditions(test=LabCondition(max_age_h=48, counted_from=CountedFrom.REPORTED)),
     {"test": LaboratoryTest("pcr", True, None, NOW)},
     {"test": LaboratoryTest("pcr", True, NOW, NOW - timedelta(days=3))}, {"test": old_test(1)}),
    ("reason class", Conditions(reason_class="contact"),
     {"colour": Colour.YELLOW, "reason_class": "contact"},
     {"colour": Colour.YELLOW, "reason_class": "travel"}, {"colour": Colour.YELLOW}),
)  # fmt: skip


@pytest.mark.parametrize(
    ("condition", "holding", "failing", "unknown"),
    [pytest.param(*row[1:], id=str(row[0])) for row in NAMED],
)
def test_an_unknown_fact_of_the_pass_applies_a_rule_and_excuses_nobody(
    condition: Conditions,
    holding: dict[str, object],
    failing: dict[str, object],
    unknown: dict[str, object],
) -> None:
    when = some.a_rule(when=condition, reason=Reason.OUTSIDE_HOURS)
    unless = some.a_rule(unless=condition, reason=Reason.OUTSIDE_HOURS)
    for layer, row in ((when, (True, False, True)), (unless, (False, True, True))):
        for changes, applies in zip((holding, failing, unknown), row, strict=True):
            verdict = evaluate(a_verified_pass(**changes), join([layer]), KNOWN)
            assert (Reason.OUTSIDE_HOURS in verdict.reasons) is applies


AROUND = (
    ("person", Conditions(person=Person.WORKER), Conditions(person=Person.VISITOR),
     replace(KNOWN, place=replace(HERE, person=None))),
    ("site", Conditions(site=SiteType.VENUE), Conditions(site=SiteType.OFFICE),
     replace(KNOWN, place=replace(HERE, site=None))),
    ("direction", Conditions(direction=Direction.IN), Conditions(direction=Direction.OUT),
     replace(KNOWN, place=replace(HERE, direction=None))),
    ("occupancy", Conditions(occupancy_below=11), Conditions(occupancy_from=11),
     replace(KNOWN, occupancy=None)),
    ("hours", Conditions(hours="16:00-18:00"), Conditions(hours="18:00-16:00"), UNSURE),
    ("weekday", Conditions(weekdays=Weekday.MON), Conditions(weekdays=Weekday.TUE), UNSURE),
    ("clock", Conditions(clock=ClockState.SURE), Conditions(clock=ClockState.UNSURE), None),
)  # fmt: skip


@pytest.mark.parametrize(
    ("holds", "fails", "unknown"), [pytest.param(*row[1:], id=row[0]) for row in AROUND]
)
def test_so_does_an_unknown_circumstance(
    holds: Conditions, fails: Conditions, unknown: Circumstances | None
) -> None:
    def applies(circumstances: Circumstances, **sides: Conditions) -> bool:
        layer = some.a_rule(reason=Reason.SITE_RULE, **sides)
        return Reason.SITE_RULE in evaluate(a_verified_pass(), join([layer]), circumstances).reasons

    assert applies(KNOWN, when=holds)
    assert not applies(KNOWN, when=fails)
    assert not applies(KNOWN, unless=holds)
    assert applies(KNOWN, unless=fails)
    if unknown is not None:
        assert applies(unknown, when=holds)
        assert applies(unknown, when=fails)
        assert applies(unknown, unless=holds)
        assert applies(unknown, unless=fails)


def test_a_pass_without_a_test_or_a_vaccination_is_known_to_have_none() -> None:
    missing = some.a_rule(when=Conditions(test=LabCondition(result=LabResult.MISSING)))
    assert evaluate(a_verified_pass(), join([missing]), KNOWN).decision is Decision.CHECK
    old = some.a_rule(when=Conditions(test=LabCondition(older_than_h=48)))
    assert evaluate(a_verified_pass(), join([old]), KNOWN).decision is Decision.ADMIT
    few = some.a_rule(when=Conditions(vaccine=VaccineCondition(fewer_than=2)))
    assert evaluate(a_verified_pass(), join([few]), KNOWN).decision is Decision.CHECK
    excused = some.a_rule(unless=Conditions(vaccine=VaccineCondition(fewer_than=2)))
    assert evaluate(a_verified_pass(), join([excused]), KNOWN).decision is Decision.CHECK


def test_rules_about_passes_are_not_weighed_where_nothing_is_proven() -> None:
    """Nobody is admitted then anyway: the guard decides by hand."""
    layer = some.a_rule(when=Conditions(kind=PassKind.PAPER), decision=Strict.REFUSE)
    verdict = evaluate(Rejection((Reason.MALFORMED,)), join([layer]), KNOWN)
    assert (verdict.decision, verdict.reasons) == (Decision.CHECK, (Reason.MALFORMED,))


def test_a_test_that_was_sampled_tomorrow_has_no_known_age() -> None:
    fresh = some.a_rule(unless=Conditions(test=LabCondition(max_age_h=48)))
    verdict = evaluate(a_verified_pass(test=old_test(-24)), join([fresh]), KNOWN)
    assert verdict.decision is Decision.CHECK


def test_an_unsure_minute_is_inside_no_hours_and_outside_none() -> None:
    """17:00, give or take ten minutes."""
    about = replace(KNOWN, clock_error=timedelta(minutes=10))
    for hours, applies in (("16:00-18:00", False), ("16:00-17:05", True), ("16:55-18:00", True)):
        layer = some.a_rule(unless=Conditions(hours=hours))
        decision = evaluate(a_verified_pass(), join([layer]), about).decision
        assert (decision is Decision.CHECK) is applies, hours
