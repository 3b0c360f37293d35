"""Today's people by their final decision: a person counts once, whatever happened in between."""

from collections import Counter
from datetime import date, datetime

from scanner.domain.entries import Entry, EntryType
from scanner.domain.verdicts import Decision, GuardDecision

_BY_GUARD = {
    GuardDecision.ADMITTED_BY_GUARD: Decision.ADMIT,
    GuardDecision.REFUSED_BY_GUARD: Decision.REFUSE,
}

_BY_MACHINE = frozenset({EntryType.SCAN, EntryType.WALK_IN, EntryType.ANSWER})


class Tally:
    """Counts from ledger entries, live and after a restart alike."""

    def __init__(self) -> None:
        self._day: date | None = None
        self._final: dict[int, Decision] = {}
        self._before: dict[int, Decision | None] = {}

    def note(self, entry: Entry) -> None:
        """Take one entry into account; entries come in the order of the ledger."""
        self._start_day(entry.at)
        person = entry.seq if entry.completes is None else entry.completes
        if entry.type is EntryType.GUARD and entry.guard is not None:
            self._before[entry.seq] = self._final.get(person)
            self._final[person] = _BY_GUARD[entry.guard]
        elif entry.type is EntryType.UNDO and entry.undoes in self._before:
            self._restore(entry.undoes if entry.completes is None else person, entry.undoes)
        elif entry.type in _BY_MACHINE and entry.decision is not None:
            self._final[person] = entry.decision

    def _restore(self, person: int, undone: int) -> None:
        """What the person ended with before the guard's decision in entry `undone`."""
        before = self._before.pop(undone)
        if before is None:
            self._final.pop(person, None)
        else:
            self._final[person] = before

    def counts(self, now: datetime) -> Counter[Decision]:
        """How many people of the local day of `now` ended with each decision."""
        self._start_day(now)
        return Counter(self._final.values())

    def _start_day(self, at: datetime) -> None:
        day = at.astimezone().date()
        if day != self._day:
            self._day = day
            self._final.clear()
            self._before.clear()
