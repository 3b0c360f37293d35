"""Which numbers were refused today."""

from datetime import UTC, datetime

from scanner.domain.entries import Entry, EntryType
from scanner.domain.verdicts import GuardDecision
from scanner.gate.refused import RefusedNumbers

AT = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
REFUSED, ADMITTED = GuardDecision.REFUSED_BY_GUARD, GuardDecision.ADMITTED_BY_GUARD


def walk_in(seq: int, subject: str, key: str = "today") -> Entry:
    return Entry(
        v=1,
        seq=seq,
        at=AT,
        boot="b",
        mono_ms=0,
        type=EntryType.WALK_IN,
        subject=subject,
        subject_key=key,
    )


def guard(seq: int, completes: int | None, decision: GuardDecision) -> Entry:
    return Entry(
        v=1,
        seq=seq,
        at=AT,
        boot="b",
        mono_ms=0,
        type=EntryType.GUARD,
        completes=completes,
        guard=decision,
    )


def noted(*entries: Entry) -> RefusedNumbers:
    numbers = RefusedNumbers()
    for entry in entries:
        numbers.note(entry)
    return numbers


def test_a_refused_number_is_known_again_and_no_other() -> None:
    numbers = noted(walk_in(1, "a"), walk_in(2, "b"), guard(3, 1, REFUSED))
    assert numbers.has("a")
    assert not numbers.has("b")
    assert not numbers.has(None)


def test_what_the_guard_decided_last_counts() -> None:
    assert not noted(walk_in(1, "a"), guard(2, 1, REFUSED), guard(3, 1, ADMITTED)).has("a")
    again = noted(walk_in(1, "a"), guard(2, 1, ADMITTED), walk_in(3, "a"), guard(4, 3, REFUSED))
    assert again.has("a")


def test_another_days_key_forgets_all() -> None:
    numbers = noted(walk_in(1, "a"), guard(2, 1, REFUSED), walk_in(3, "c", key="tomorrow"))
    assert not numbers.has("a")


def test_a_refusal_without_a_number_says_nothing_about_anybody() -> None:
    assert not noted(walk_in(1, "a"), guard(2, None, REFUSED), guard(3, 9, REFUSED)).has("a")
