"""Ninety days without news, under each of the four policies."""

import pytest

from scanner.domain.reasons import Reason
from scanner.policy.rules import WhenStale
from scanner.trust.staleness import Staleness
from tests.offline import Step, ninety_days

STALE = {
    WhenStale.ADMIT: "ADMIT",
    WhenStale.ADMIT_WITH_ID: "CHECK, id, ADMIT",
    WhenStale.SUPERVISOR: "CHECK, supervisor",
    WhenStale.STOP: "REFUSE",
}


pytestmark = pytest.mark.xdist_group("offline90")


@pytest.fixture(scope="module", params=WhenStale)
def policy(request: pytest.FixtureRequest) -> WhenStale:
    """Each of the four."""
    return WhenStale(request.param)


@pytest.fixture(scope="module")
def steps(policy: WhenStale, tmp_path_factory: pytest.TempPathFactory) -> list[Step]:
    """The days on which something changes."""
    return ninety_days(tmp_path_factory.mktemp(policy), policy)


def test_a_week_passes_before_anybody_is_asked_for_more(
    steps: list[Step], policy: WhenStale
) -> None:
    assert [(step.day, step.bundle) for step in steps[:3]] == [
        (0, Staleness.FRESH),
        (1, Staleness.AGEING),
        (7, Staleness.DEGRADED),
    ]
    assert [step.guangdong for step in steps[:3]] == ["ADMIT", "ADMIT", STALE[policy]]
    assert [step.reasons for step in steps[:2]] == [((Reason.OK,),) * 2] * 2
    assert steps[2].reasons[1] == (Reason.KEYS_STALE,)


def test_an_issuer_that_takes_codes_back_is_told_apart(steps: list[Step]) -> None:
    assert steps[2].reasons[0] == (Reason.KEYS_STALE, Reason.REVOCATION_STALE)


def test_an_issuer_whose_own_metadata_end_is_named_beside_it(steps: list[Step]) -> None:
    assert [step.day for step in steps[3:]] == [30, 90]
    assert steps[3].reasons[1] == (Reason.KEYS_STALE, Reason.ISSUER_KEYS_STALE)
    assert Reason.ISSUER_KEYS_STALE not in steps[3].reasons[0]
    assert Reason.ISSUER_KEYS_STALE in steps[4].reasons[0]


def test_no_day_after_the_first_week_is_silently_green(
    steps: list[Step], policy: WhenStale
) -> None:
    for step in steps:
        if step.day > 7:
            assert all(step.reasons)
            assert {step.zhejiang, step.guangdong} == {STALE[policy]}
        assert step.recorded_age_days in (step.day, step.day + 1)
