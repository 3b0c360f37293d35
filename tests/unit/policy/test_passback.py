"""What is odd about somebody who wants to pass, and what it forces."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.domain.direction import Direction
from scanner.domain.passes import PassKind
from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Decision
from scanner.policy.passback import Passage, Sighting, follows, passage_findings
from scanner.policy.rules import CapacityRules, PassbackRules, ResultRules, RuleSet, Strict

IN, OUT = Direction.IN, Direction.OUT
STRICT_SITE = RuleSet(
    passback=PassbackRules(anti_passback=True),
    capacity=CapacityRules(limit=300),
    results=ResultRules(over_capacity=Strict.REFUSE),
)


def seen(
    direction: Direction, seconds: float, *, is_here: bool = True, is_same_code: bool = True
) -> Sighting:
    return Sighting(direction, timedelta(seconds=seconds), is_here, is_same_code)


def reasons(passage: Passage, rules: RuleSet | None = None) -> list[Reason]:
    return [finding.reason for finding in passage_findings(passage, rules or RuleSet())]


@pytest.mark.parametrize(
    ("direction", "last", "expected"),
    [
        # the same way at the same gate
        (IN, seen(IN, 119), [Reason.REPLAYED]),
        (IN, seen(IN, 121), []),
        (OUT, seen(OUT, 119), [Reason.REPLAYED]),
        # a phone that shows its next code is looked at for where its holder is, not for being shown
        (IN, seen(IN, 5, is_same_code=False), []),
        # the other way
        (IN, seen(OUT, 19), [Reason.REPLAYED]),
        (IN, seen(OUT, 21), []),
        (OUT, seen(IN, 19), [Reason.REPLAYED]),
        # at another gate
        (IN, seen(IN, 119, is_here=False), [Reason.SEEN_AT_OTHER_GATE]),
        (IN, seen(OUT, 19, is_here=False), [Reason.SEEN_AT_OTHER_GATE]),
        (OUT, seen(IN, 19, is_here=False), [Reason.SEEN_AT_OTHER_GATE]),
        (OUT, seen(IN, 21, is_here=False), []),
    ],
)
def test_the_same_code_too_soon(
    direction: Direction, last: Sighting, expected: list[Reason]
) -> None:
    assert reasons(Passage(direction, last)) == expected


def test_coming_in_twice_is_looked_at_only_where_the_site_says_so() -> None:
    twice = Passage(IN, seen(IN, 3600, is_same_code=False), is_followed=True)
    assert reasons(twice) == []
    assert reasons(twice, STRICT_SITE) == [Reason.STILL_INSIDE]


@pytest.mark.parametrize("last", [None, seen(OUT, 3600)])
def test_leaving_without_having_come_in_is_told_where_all_who_came_are_known(
    last: Sighting | None,
) -> None:
    assert reasons(Passage(OUT, last, is_followed=True)) == [Reason.EXIT_WITHOUT_ENTRY]
    assert reasons(Passage(OUT, last, is_followed=False)) == []


@pytest.mark.parametrize(
    ("inside", "is_full"), [(299, False), (300, True), (999, True), (None, False)]
)
def test_a_full_site_is_full_for_those_who_come(inside: int | None, is_full: bool) -> None:
    assert reasons(Passage(IN, inside=inside), STRICT_SITE) == [Reason.OVER_CAPACITY] * is_full
    assert reasons(Passage(OUT, inside=inside), STRICT_SITE) == []
    assert reasons(Passage(IN, inside=inside)) == []


SIGHTINGS = st.none() | st.builds(
    Sighting,
    st.sampled_from([IN, OUT]),
    st.timedeltas(timedelta(0), timedelta(days=2)),
    st.booleans(),
    st.booleans(),
)


@given(
    passage=st.builds(
        Passage,
        st.sampled_from([IN, OUT]),
        SIGHTINGS,
        st.booleans(),
        st.none() | st.integers(0, 1000),
    ),
    rules=st.sampled_from([RuleSet(), STRICT_SITE]),
)
def test_nobody_is_kept_inside_and_a_suspicion_is_never_an_accusation(
    passage: Passage, rules: RuleSet
) -> None:
    for finding in passage_findings(passage, rules):
        if passage.direction is OUT:
            assert finding.decision is Decision.ADMIT
        elif finding.reason is Reason.OVER_CAPACITY:
            assert finding.decision is Decision(rules.results.over_capacity)
        else:
            assert finding.decision is Decision.CHECK


def test_dwell_is_told_on_the_way_out_of_those_who_are_known_to_have_come_in() -> None:
    assert Passage(OUT, seen(IN, 5400)).dwell == timedelta(minutes=90)
    assert Passage(OUT, seen(OUT, 5400)).dwell is None
    assert Passage(OUT).dwell is None
    assert Passage(IN, seen(IN, 5400)).dwell is None


def test_a_household_that_shares_a_paper_pass_is_not_told_apart() -> None:
    followed = {kind for kind in PassKind if follows(kind, RuleSet())}
    assert followed == {PassKind.DYNAMIC, PassKind.NATIONAL, PassKind.VISITOR}
