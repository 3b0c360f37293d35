"""Who is still being served after a restart."""

from datetime import UTC, datetime, timedelta

import pytest

from scanner.domain.entries import Entry, EntryType
from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Decision, GuardDecision
from scanner.gate.resume import WINDOW, Interrupted, interrupted_visits
from scanner.policy.asking import Reading, Told

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


THEN = NOW - timedelta(seconds=5)


def line(
    seq: int,
    kind: EntryType,
    *,
    ago_s: float = 5,
    subject: str | None = None,
    key: str = "today",
    completes: int | None = None,
    temperature_c: float | None = None,
    guard: GuardDecision | None = None,
    reasons: tuple[Reason, ...] = (),
) -> Entry:
    return Entry(
        v=1,
        seq=seq,
        at=NOW - timedelta(seconds=ago_s),
        boot="boot",
        mono_ms=seq,
        type=kind,
        decision=Decision.CHECK if kind in (EntryType.SCAN, EntryType.ANSWER) else None,
        subject=subject,
        subject_key=key if subject else None,
        completes=completes,
        temperature_c=temperature_c,
        guard=guard,
        reasons=reasons,
    )


def test_a_recent_scan_goes_on_with_its_readings_and_its_guard() -> None:
    entries = [
        line(1, EntryType.SCAN, subject="a"),
        line(2, EntryType.ANSWER, completes=1, temperature_c=38.2),
        line(3, EntryType.GUARD, completes=1, guard=GuardDecision.REFUSED_BY_GUARD),
    ]
    told = Told((Reading(38.2, THEN),))
    assert interrupted_visits(entries, NOW, "today") == {
        "a": Interrupted(1, THEN, Decision.CHECK, told, GuardDecision.REFUSED_BY_GUARD)
    }


def test_the_newest_scan_of_one_code_goes_on() -> None:
    entries = [line(1, EntryType.SCAN, subject="a"), line(2, EntryType.SCAN, subject="a")]
    assert interrupted_visits(entries, NOW, "today") == {"a": Interrupted(2, THEN, Decision.CHECK)}


def test_an_old_scan_is_over() -> None:
    entries = [line(1, EntryType.SCAN, subject="a", ago_s=WINDOW.total_seconds() + 1)]
    assert interrupted_visits(entries, NOW, "today") == {}


def test_a_scan_from_the_future_is_not_taken_up() -> None:
    assert interrupted_visits([line(1, EntryType.SCAN, subject="a", ago_s=-5)], NOW, "today") == {}


@pytest.mark.parametrize(
    "reason", [Reason.SCREENSHOT, Reason.HOLDER_UNPROVEN, Reason.BAD_SIGNATURE]
)
def test_a_copy_that_a_guard_let_in_lets_nobody_else_in(reason: Reason) -> None:
    entries = [
        line(1, EntryType.SCAN, subject="a", reasons=(reason,)),
        line(2, EntryType.GUARD, completes=1, guard=GuardDecision.ADMITTED_BY_GUARD),
    ]
    assert interrupted_visits(entries, NOW, "today") == {}


def test_pseudonyms_under_another_key_say_nothing() -> None:
    entries = [line(1, EntryType.SCAN, subject="a", key="yesterday")]
    assert interrupted_visits(entries, NOW, "today") == {}


def test_an_abandoned_visit_is_over() -> None:
    entries = [
        line(1, EntryType.SCAN, subject="a"),
        line(2, EntryType.ABANDONED, completes=1),
    ]
    assert interrupted_visits(entries, NOW, "today") == {}


def test_a_visit_goes_on_within_the_window_and_with_the_recorded_decision_only() -> None:
    visit = Interrupted(1, NOW, Decision.CHECK)
    assert visit.goes_on(NOW + WINDOW, Decision.CHECK)
    assert not visit.goes_on(NOW + WINDOW + timedelta(seconds=1), Decision.CHECK)
    assert not visit.goes_on(NOW, Decision.ADMIT)
