"""Times of a token: what counts as one, and when it holds."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from scanner.domain.reasons import Reason
from scanner.formats import cwt
from scanner.formats.checks import UnreadableError
from tests.builders import NOW

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("after_expiry", "failures"),
    [
        (timedelta(0), ()),
        (59 * SECOND, ()),
        (60 * SECOND, (Reason.EXPIRED,)),
        (timedelta(days=900), (Reason.EXPIRED,)),
    ],
)
def test_a_code_expires_with_a_minute_of_grace(
    after_expiry: timedelta, failures: tuple[Reason, ...]
) -> None:
    times = cwt.Times(None, None, NOW)
    assert times.failures(NOW + after_expiry) == failures


@pytest.mark.parametrize(
    ("ahead", "failures"),
    [
        (timedelta(0), ()),
        (60 * SECOND, ()),
        (61 * SECOND, (Reason.NOT_YET_VALID,)),
        (timedelta(days=365_000), (Reason.NOT_YET_VALID,)),
    ],
)
def test_a_code_from_the_future_is_not_yet_valid(
    ahead: timedelta, failures: tuple[Reason, ...]
) -> None:
    assert cwt.Times(NOW + ahead, None, None).failures(NOW) == failures
    assert cwt.Times(NOW, NOW + ahead, None).failures(NOW) == failures


def test_a_code_that_is_both_says_both() -> None:
    times = cwt.Times(NOW + timedelta(days=2), None, NOW - timedelta(days=2))
    assert times.failures(NOW) == (Reason.EXPIRED, Reason.NOT_YET_VALID)


def test_times_are_judged_at_the_ends_of_time_too() -> None:
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    assert cwt.Times(NOW, None, NOW).failures(first) == (Reason.NOT_YET_VALID,)
    assert cwt.Times(NOW, None, NOW).failures(last) == (Reason.EXPIRED,)


def test_absent_times_never_fail() -> None:
    assert cwt.read_times({}, strict=True) == cwt.Times(None, None, None)
    assert cwt.Times(None, None, None).failures(NOW) == ()


WRONG_EVERYWHERE = [
    -1,
    -0.5,
    float("nan"),
    float("inf"),
    float("-inf"),
    253_402_300_800,
    253_402_300_799.9,
    1_795_424_400_000,
    2**63,
    True,
    None,
    "1795424400",
    b"1795424400",
    [1_795_424_400],
]


@pytest.mark.parametrize("value", WRONG_EVERYWHERE)
@pytest.mark.parametrize("claim", [cwt.EXPIRES_AT, cwt.NOT_BEFORE, cwt.ISSUED_AT])
@pytest.mark.parametrize("strict", [True, False])
def test_what_is_no_time_is_unreadable(claim: int, value: object, *, strict: bool) -> None:
    claims: Mapping[object, object] = {claim: value}
    with pytest.raises(UnreadableError):
        cwt.read_times(claims, strict=strict)


def test_fractions_are_read_only_where_foreign_issuers_may_write_them() -> None:
    claims: Mapping[object, object] = {cwt.ISSUED_AT: 1_622_505_600.25}
    assert cwt.read_times(claims, strict=False).issued_at == datetime(
        2021, 6, 1, 0, 0, 0, 250_000, UTC
    )
    with pytest.raises(UnreadableError):
        cwt.read_times(claims, strict=True)
