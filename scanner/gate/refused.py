"""Which typed numbers a guard refused today, by their pseudonyms: no number is ever here.

Somebody whose red code sent them away may come back as "no code". What was refused under the same
number is told to the guard, as a reason to look twice and never as an accusation.
"""

from typing import Final

from scanner.domain.entries import Entry, EntryType
from scanner.domain.verdicts import GuardDecision

_MOST: Final = 20_000


class RefusedNumbers:
    """From ledger entries, live and after a restart alike. A new day's key begins a new list."""

    def __init__(self) -> None:
        self._key: str | None = None
        self._subjects: dict[int, str] = {}
        self._refused: set[str] = set()
        self._before: dict[int, bool] = {}

    def note(self, entry: Entry) -> None:
        """Take one entry into account; entries come in the order of the ledger."""
        if entry.type is EntryType.WALK_IN and entry.subject and entry.subject_key:
            if entry.subject_key != self._key:
                self._key = entry.subject_key
                self._subjects.clear()
                self._refused.clear()
                self._before.clear()
            while len(self._subjects) >= _MOST:
                del self._subjects[next(iter(self._subjects))]
            self._subjects[entry.seq] = entry.subject
        elif entry.type is EntryType.GUARD and entry.completes in self._subjects:
            subject = self._subjects[entry.completes]
            self._before[entry.seq] = subject in self._refused
            self._mark(subject, is_refused=entry.guard is GuardDecision.REFUSED_BY_GUARD)
        elif entry.type is EntryType.UNDO and entry.completes in self._subjects:
            was_refused = self._before.pop(entry.undoes or 0, False)
            self._mark(self._subjects[entry.completes], is_refused=was_refused)

    def _mark(self, subject: str, *, is_refused: bool) -> None:
        if is_refused:
            self._refused.add(subject)
        else:
            self._refused.discard(subject)

    def has(self, pseudonym: str | None) -> bool:
        """Whether the last that a guard decided under this number, today, was to refuse."""
        return pseudonym in self._refused
