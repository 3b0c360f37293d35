"""How old trust is: limits, whose age it is, and lamps that do not flicker."""

from collections.abc import Iterable
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.trust.aged_bundle import Lamps
from scanner.trust.staleness import (
    LONG_AGO,
    Limits,
    Staleness,
    Term,
    Terms,
    age_since,
    bundle_level,
    by_age,
    issuer_level,
    revocation_level,
    tightened,
)
from tests.builders import NOW

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SECOND = timedelta(seconds=1)
LIMITS = Limits()
FRESH, AGEING, DEGRADED = Staleness


def terms(*, age: timedelta = HOUR, ends_in: timedelta = 300 * DAY, **more: object) -> Terms:
    """A bundle whose timestamp is so old, with central roles that end then."""
    timestamp = Term(NOW - age, NOW - age + 7 * DAY)
    return Terms(timestamp, (Term(NOW - DAY, NOW + ends_in),), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("age", "level"),
    [
        (timedelta(0), FRESH),
        (DAY, FRESH),
        (DAY + SECOND, AGEING),
        (7 * DAY, AGEING),
        (7 * DAY + SECOND, DEGRADED),
        (400 * DAY, DEGRADED),
    ],
)
def test_a_bundle_is_as_old_as_its_timestamp(age: timedelta, level: Staleness) -> None:
    assert bundle_level(terms(age=age), NOW, LIMITS) is level
    assert by_age(age, LIMITS) is level


def test_a_timestamp_that_names_no_time_is_as_old_as_can_be() -> None:
    unsaid = Terms(Term(None, NOW + DAY))
    assert unsaid.vouched_at == LONG_AGO
    assert bundle_level(unsaid, NOW, LIMITS) is DEGRADED


def test_what_is_signed_ahead_of_our_clock_is_new() -> None:
    assert age_since(NOW + DAY, NOW) == timedelta(0)


@pytest.mark.parametrize(
    ("ends_in", "level"),
    [(HOUR, FRESH), (-SECOND, AGEING), (-7 * DAY, AGEING), (-8 * DAY, DEGRADED)],
)
def test_a_centre_that_forgot_to_sign_is_a_warning_for_a_week(
    ends_in: timedelta, level: Staleness
) -> None:
    assert bundle_level(terms(ends_in=ends_in), NOW, LIMITS) is level


@pytest.mark.parametrize(
    ("ends_in", "level"), [(30 * DAY, FRESH), (6 * DAY, AGEING), (-SECOND, DEGRADED)]
)
def test_an_issuer_that_let_its_metadata_end_degrades_for_itself(
    ends_in: timedelta, level: Staleness
) -> None:
    ending = Term(NOW - 60 * DAY, NOW + ends_in)
    assert issuer_level(ending, NOW, LIMITS) is level
    assert bundle_level(terms(issuers={"33": ending}), NOW, LIMITS) is FRESH


def test_an_issuer_that_signs_for_short_terms_is_not_always_ending() -> None:
    daily = Term(NOW - HOUR, NOW + 23 * HOUR)
    assert issuer_level(daily, NOW, LIMITS) is FRESH


@pytest.mark.parametrize(("age", "level"), [(HOUR, FRESH), (2 * DAY, AGEING), (8 * DAY, DEGRADED)])
def test_revocations_are_as_old_as_their_signature(age: timedelta, level: Staleness) -> None:
    listed = terms(revocations={"33": Term(NOW - age, NOW + 30 * DAY)})
    assert revocation_level(listed, "33", NOW, LIMITS) is level
    assert revocation_level(listed, "44", NOW, LIMITS) is FRESH


def shown(ages: Iterable[timedelta]) -> list[Staleness]:
    """What one lamp shows while the age is this, then that."""
    lamps = Lamps()
    return [lamps.show("x", partial(by_age, age), LIMITS) for age in ages]


def test_a_clock_that_is_corrected_to_and_fro_changes_the_lamp_once() -> None:
    around = [DAY + timedelta(seconds=offset) for offset in (-2, 1, -1, 2, -3, 1)]
    assert shown(around) == [FRESH, *[AGEING] * 5]


def test_a_hub_that_comes_and_goes_with_old_bundles_changes_the_lamp_once() -> None:
    """Each time it brings a bundle whose age lies minutes below the limit."""
    ages = [7 * DAY + HOUR / 4, 7 * DAY - HOUR / 4] * 4
    assert shown(ages) == [DEGRADED] * 8


def test_news_that_is_really_new_shows_at_once() -> None:
    assert shown([8 * DAY, HOUR]) == [DEGRADED, FRESH]


def test_a_lamp_that_improves_goes_no_further_than_is_sure() -> None:
    assert shown([8 * DAY, DAY - HOUR / 2]) == [DEGRADED, AGEING]


@given(st.lists(st.integers(0, 20 * 86_400).map(lambda s: timedelta(seconds=s)), min_size=1))
def test_a_lamp_is_never_better_than_the_age_and_never_far_behind(ages: list[timedelta]) -> None:
    for age, level in zip(ages, shown(ages), strict=True):
        assert level.severity >= by_age(age, LIMITS).severity
        assert level.severity <= by_age(age, tightened(LIMITS)).severity
