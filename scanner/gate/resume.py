"""After a restart: who was being served when the gate went down. Pure.

The person still stands there with the same code. Seen again within the window, the code continues
its visit instead of becoming a second entry. The pseudonym says that it is the same code; its key
lives in RAM, so this holds for a restart of the service and not across a power cut.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scanner.domain.entries import Entry, EntryType
from scanner.domain.verdicts import Decision, GuardDecision
from scanner.gate.presence import BESIDE_IDENTITY
from scanner.gate.records import answers_of
from scanner.policy.asking import NOTHING_TOLD, Told

WINDOW = timedelta(seconds=60)
STANDS_THERE = timedelta(seconds=5)
"""So long somebody who was let in may still stand there; a service takes a second to restart."""


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A recorded visit that may go on.

    Attributes:
        seq: the scan's entry.
        at: when the code was scanned.
        decision: the machine's, as it was last recorded.
        told: what was answered already.
        guard: what the guard had decided.
    """

    seq: int
    at: datetime
    decision: Decision | None
    told: Told = NOTHING_TOLD
    guard: GuardDecision | None = None

    def goes_on(self, now: datetime, decision: Decision) -> bool:
        """Whether the same code seen at `now`, and decided so now, is still this visit.

        Another decision than the recorded one needs an entry of its own before it is shown.
        """
        return now - self.at <= WINDOW and decision is self.decision

    def has_passed(self, now: datetime) -> bool:
        """Whether this person was let in and has had the time to go: who comes now is another."""
        is_let_in = (
            self.guard is GuardDecision.ADMITTED_BY_GUARD
            if self.guard is not None
            else self.decision is Decision.ADMIT
        )
        return is_let_in and now - self.at > STANDS_THERE


def interrupted_visits(
    entries: Iterable[Entry], now: datetime, subject_key: str
) -> dict[str, Interrupted]:
    """Recent visits by pseudonym.

    A forged or copied code stays out: whoever shows the right one afterwards is somebody else.

    Args:
        entries: the ledger's tail, oldest first.
        now: aware UTC.
        subject_key: name of the pseudonym key in use; others say nothing about who came.
    """
    visits: dict[int, Interrupted] = {}
    subjects: dict[int, str] = {}
    before: dict[int, GuardDecision | None] = {}
    for entry in entries:
        if entry.type is EntryType.SCAN:
            is_recent = timedelta(0) <= now - entry.at <= WINDOW
            is_its_own = BESIDE_IDENTITY.isdisjoint(entry.reasons)
            if entry.subject and entry.subject_key == subject_key and is_recent and is_its_own:
                visits[entry.seq] = Interrupted(entry.seq, entry.at, entry.decision)
                subjects[entry.seq] = entry.subject
            continue
        visit = visits.get(entry.completes or 0)
        if visit is None:
            continue
        if entry.type is EntryType.ANSWER:
            told = visit.told
            for answer in answers_of(entry):
                told = told.after(answer, entry.at)
            visits[visit.seq] = replace(visit, decision=entry.decision, told=told)
        elif entry.type is EntryType.GUARD:
            before[entry.seq] = visit.guard
            visits[visit.seq] = replace(visit, guard=entry.guard)
        elif entry.type is EntryType.UNDO:
            visits[visit.seq] = replace(visit, guard=before.get(entry.undoes or 0))
        elif entry.type is EntryType.ABANDONED:
            del visits[visit.seq]
    return {subjects[seq]: visit for seq, visit in visits.items()}
