"""A person counts once, by the final decision."""

from datetime import datetime, timedelta

import msgspec

from scanner.domain.entries import Entry, EntryType
from scanner.domain.verdicts import Decision, GuardDecision
from scanner.gate.tally import Tally

NOON = datetime.now().astimezone().replace(hour=12, minute=0, second=0, microsecond=0)


def entry(
    seq: int,
    kind: EntryType = EntryType.SCAN,
    decision: Decision | None = None,
    *,
    completes: int | None = None,
    guard: GuardDecision | None = None,
    at: datetime = NOON,
) -> Entry:
    return Entry(
        v=1,
        seq=seq,
        at=at,
        boot="boot",
        mono_ms=seq,
        type=kind,
        decision=decision,
        completes=completes,
        guard=guard,
    )


def counts(*entries: Entry) -> dict[Decision, int]:
    tally = Tally()
    for one in entries:
        tally.note(one)
    return dict(tally.counts(NOON))


def test_an_answered_question_counts_as_what_it_ended_with() -> None:
    assert counts(
        entry(1, decision=Decision.CHECK),
        entry(2, EntryType.ANSWER, Decision.ADMIT, completes=1),
    ) == {Decision.ADMIT: 1}


def test_a_guards_decision_is_final() -> None:
    assert counts(
        entry(1, decision=Decision.CHECK),
        entry(2, EntryType.GUARD, completes=1, guard=GuardDecision.ADMITTED_BY_GUARD),
        entry(3, decision=Decision.ADMIT),
        entry(4, EntryType.GUARD, completes=3, guard=GuardDecision.REFUSED_BY_GUARD),
    ) == {Decision.ADMIT: 1, Decision.REFUSE: 1}


def test_a_person_without_a_code_counts_too() -> None:
    manual = entry(1, EntryType.GUARD, guard=GuardDecision.ADMITTED_BY_GUARD)
    assert counts(manual) == {Decision.ADMIT: 1}


def test_starts_and_abandonments_are_no_people() -> None:
    assert counts(
        entry(1, EntryType.START),
        entry(2, decision=Decision.CHECK),
        entry(3, EntryType.ABANDONED, completes=2),
    ) == {Decision.CHECK: 1}


def test_midnight_starts_at_nothing() -> None:
    tally = Tally()
    tally.note(entry(1, decision=Decision.ADMIT, at=NOON - timedelta(days=1)))
    assert tally.counts(NOON) == {}


def test_what_a_guard_took_back_counts_as_before() -> None:
    admitted = GuardDecision.ADMITTED_BY_GUARD
    undo = entry(4, EntryType.UNDO, completes=1)
    manual = entry(5, EntryType.GUARD, guard=admitted)
    assert counts(
        entry(1, decision=Decision.CHECK),
        entry(2, EntryType.GUARD, completes=1, guard=GuardDecision.REFUSED_BY_GUARD),
        entry(3, EntryType.GUARD, completes=1, guard=admitted),
        msgspec.structs.replace(undo, undoes=3),
    ) == {Decision.REFUSE: 1}
    assert counts(manual, msgspec.structs.replace(entry(6, EntryType.UNDO), undoes=5)) == {}
