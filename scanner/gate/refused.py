"""Whom a guard refused today, by the pseudonyms of codes and typed numbers: neither is ever here.

Whoever was sent away with a borrowed phone may hold it up again, or come back as "no code" under
the same number. The guard is told, as a reason to look twice and never as an accusation.
"""

from typing import Final

from scanner.domain.entries import Entry, EntryType
from scanner.domain.verdicts import GuardDecision

_MOST: Final = 20_000
_PEOPLE: Final = frozenset({EntryType.SCAN, EntryType.WALK_IN})


class RefusedToday:
    """From ledger entries, live and after a restart alike. A new day's key begins a new list."""

    def __init__(self) -> None:
        self._key: str | None = None
        self._subjects: dict[int, str] = {}
        self._refused: dict[str, int] = {}
        self._before: dict[int, int | None] = {}

    def note(self, entry: Entry) -> None:
        """Take one entry into account; entries come in the order of the ledger."""
        if entry.type in _PEOPLE and entry.subject and entry.subject_key:
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
            self._before[entry.seq] = self._refused.get(subject)
            is_refused = entry.guard is GuardDecision.REFUSED_BY_GUARD
            self._mark(subject, entry.completes if is_refused else None)
        elif entry.type is EntryType.UNDO and entry.completes in self._subjects:
            self._mark(self._subjects[entry.completes], self._before.pop(entry.undoes or 0, None))

    def _mark(self, subject: str, refused_in: int | None) -> None:
        self._refused.pop(subject, None)
        if refused_in is not None:
            self._refused[subject] = refused_in

    def has(self, pseudonym: str | None, besides: int = 0) -> bool:
        """Whether the last that a guard decided about this code or number today was to refuse.

        Args:
            pseudonym: of the code or number; None says nothing about anybody.
            besides: a visit in which that does not count, because it is the one.
        """
        visit = self._refused.get(pseudonym or "")
        return visit is not None and visit != besides
