"""Which codes and numbers were refused today."""

from datetime import UTC, datetime
from typing import Any

from scanner.domain.entries import Entry, EntryType
from scanner.domain.verdicts import GuardDecision
from scanner.gate.refused import RefusedToday

AT = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
REFUSED, ADMITTED = GuardDecision.REFUSED_BY_GUARD, GuardDecision.ADMITTED_BY_GUARD


def line(kind: EntryType, seq: int, **fields: Any) -> Entry:
    return Entry(v=1, seq=seq, at=AT, boot="b", mono_ms=0, type=kind, **fields)


def came(seq: int, subject: str, key: str = "today", kind: EntryType = EntryType.WALK_IN) -> Entry:
    return line(kind, seq, subject=subject, subject_key=key)


def guard(seq: int, completes: int | None, decision: GuardDecision) -> Entry:
    return line(EntryType.GUARD, seq, completes=completes, guard=decision)


def noted(*entries: Entry) -> RefusedToday:
    numbers = RefusedToday()
    for entry in entries:
        numbers.note(entry)
    return numbers


def test_a_refused_number_is_known_again_and_no_other() -> None:
    numbers = noted(came(1, "a"), came(2, "b"), guard(3, 1, REFUSED))
    assert numbers.has("a")
    assert not numbers.has("b")
    assert not numbers.has(None)


def test_what_the_guard_decided_last_counts() -> None:
    assert not noted(came(1, "a"), guard(2, 1, REFUSED), guard(3, 1, ADMITTED)).has("a")
    again = noted(came(1, "a"), guard(2, 1, ADMITTED), came(3, "a"), guard(4, 3, REFUSED))
    assert again.has("a")


def test_another_days_key_forgets_all() -> None:
    numbers = noted(came(1, "a"), guard(2, 1, REFUSED), came(3, "c", key="tomorrow"))
    assert not numbers.has("a")


def test_a_refusal_without_a_number_says_nothing_about_anybody() -> None:
    assert not noted(came(1, "a"), guard(2, None, REFUSED), guard(3, 9, REFUSED)).has("a")


def test_a_refused_code_is_known_again_but_not_to_its_own_visit() -> None:
    seen = noted(came(1, "a", kind=EntryType.SCAN), guard(2, 1, REFUSED))
    assert seen.has("a")
    assert not seen.has("a", besides=1)


def test_a_refusal_that_was_taken_back_leaves_the_one_before() -> None:
    undone = line(EntryType.UNDO, 5, completes=3, undoes=4)
    entries = came(1, "a"), guard(2, 1, REFUSED), came(3, "a"), guard(4, 3, ADMITTED), undone
    assert noted(*entries).has("a")
