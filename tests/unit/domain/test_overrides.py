"""How often each guard decides beside the machine."""

from collections.abc import Iterable

from scanner.domain.entries import Entry, EntryType
from scanner.domain.guards import Role, ShiftChange
from scanner.domain.overrides import NOBODY, OverrideCount, OverrideRow
from scanner.domain.reasons import GuardReason
from scanner.domain.verdicts import GuardDecision
from tests.ledger_builders import NOON

ELDER, PAPER = GuardReason.ELDER_WITHOUT_PHONE, GuardReason.PAPER_PASS
IN, OUT = GuardDecision.ADMITTED_BY_GUARD, GuardDecision.REFUSED_BY_GUARD


class Log:
    """Entries of one gate, in order."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def add(self, kind: EntryType, **fields: object) -> int:
        seq = len(self.entries) + 1
        entry = Entry(v=1, seq=seq, at=NOON, boot="b", mono_ms=seq, type=kind, **fields)  # type: ignore[arg-type]
        self.entries.append(entry)
        return seq

    def shift(self, guard: str, change: ShiftChange = ShiftChange.STARTED) -> None:
        self.add(EntryType.SHIFT, by=guard, role=Role.GUARD, shift=change)

    def scans(self, count: int) -> int:
        return [self.add(EntryType.SCAN) for _ in range(count)][-1]

    def decides(
        self,
        guard: str | None,
        reason: GuardReason = ELDER,
        completes: int | None = None,
        decision: GuardDecision = IN,
    ) -> int:
        return self.add(
            EntryType.GUARD,
            by=guard,
            guard_reason=reason,
            completes=completes,
            guard=decision,
        )


def rows(entries: Iterable[Entry]) -> list[OverrideRow]:
    count = OverrideCount()
    for entry in entries:
        count.note(entry)
    return count.rows()


def test_overrides_are_counted_by_guard_and_reason() -> None:
    log = Log()
    log.shift("07")
    seq = log.scans(10)
    log.decides("07", completes=seq)
    log.decides("07", PAPER, completes=seq, decision=OUT)
    log.decides("07")
    log.shift("07", ShiftChange.ENDED)
    log.scans(5)
    assert rows(log.entries) == [
        OverrideRow("07", ELDER, 1, 0, 1, 0, 10),
        OverrideRow("07", PAPER, 0, 1, 0, 0, 10),
    ]
    assert [row.share for row in rows(log.entries)] == [0.1, 0.1]


def test_what_was_taken_back_stands_apart() -> None:
    log = Log()
    log.shift("07")
    seq = log.scans(4)
    decision = log.decides("07", completes=seq)
    log.add(EntryType.UNDO, undoes=decision, by="07")
    log.decides("07", completes=seq)
    assert rows(log.entries) == [OverrideRow("07", ELDER, 1, 0, 0, 1, 4)]


def test_scans_belong_to_whoever_is_on_duty() -> None:
    log = Log()
    log.shift("07")
    log.scans(3)
    log.decides("07")
    log.shift("08")
    log.scans(2)
    log.decides("08")
    assert [(row.guard, row.scans) for row in rows(log.entries)] == [("07", 3), ("08", 2)]


def test_decisions_without_a_login_are_nobodys() -> None:
    log = Log()
    log.decides(None)
    (row,) = rows(log.entries)
    assert (row.guard, row.without_code, row.share) == (NOBODY, 1, None)


def test_another_gates_log_begins_with_nobody_on_duty() -> None:
    log = Log()
    log.shift("07")
    decision = log.decides("07")
    count = OverrideCount()
    for entry in log.entries:
        count.note(entry)
    count.next_log()
    other = Log()
    other.scans(decision - 1)
    other.add(EntryType.UNDO, undoes=decision, by="07")
    for entry in other.entries:
        count.note(entry)
    assert count.rows() == [OverrideRow("07", ELDER, 0, 0, 1, 0, 0)]
