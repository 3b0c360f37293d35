"""How often each guard decides beside the machine, and why: counted from entries. Pure.

The gate's command line and the hub's page count alike. A rate is no accusation: a guard at the
elders' entrance overrides all day. What it shows is a reason, or a guard, unlike all the others.
"""

from collections import Counter
from typing import Final

from msgspec import Struct

from scanner.domain.entries import Entry, EntryType
from scanner.domain.guards import ShiftChange
from scanner.domain.reasons import GuardReason
from scanner.domain.verdicts import GuardDecision

NOBODY: Final = ""
"""Stands for whoever decided where nobody had to log in."""

_UNDOABLE: Final = 1000


class OverrideRow(Struct, frozen=True):
    """One guard's decisions for one reason.

    Attributes:
        guard: his number; `NOBODY` where nobody had to log in.
        admitted, refused: beside a scan's verdict.
        without_code: about people who showed no code.
        undone: taken back within half a minute; in none of the others.
        scans: codes that were decided by the machine while this guard was on duty.
    """

    guard: str
    reason: GuardReason
    admitted: int
    refused: int
    without_code: int
    undone: int
    scans: int

    @property
    def share(self) -> float | None:
        """Overrides by scans on duty; None while there was no scan."""
        return (self.admitted + self.refused) / self.scans if self.scans else None


class _Key(Struct, frozen=True):
    guard: str
    reason: GuardReason
    kind: str


class OverrideCount:
    """Counts logs, each in its order."""

    def __init__(self) -> None:
        self.on_duty = NOBODY
        self._scans: Counter[str] = Counter()
        self._kinds: Counter[_Key] = Counter()
        self._decided: dict[int, _Key] = {}

    def note(self, entry: Entry) -> None:
        """Take one entry into account; those that say nothing about guards change nothing."""
        match entry.type:
            case EntryType.SCAN:
                self.saw_scans(1)
            case EntryType.SHIFT:
                has_begun = entry.shift is ShiftChange.STARTED
                self.on_duty = entry.by or NOBODY if has_begun else NOBODY
            case EntryType.GUARD if entry.guard is not None and entry.guard_reason is not None:
                self.on_duty = entry.by or NOBODY
                key = _Key(self.on_duty, entry.guard_reason, _kind(entry.completes, entry.guard))
                self._kinds[key] += 1
                self._decided[entry.seq] = key
                if len(self._decided) > _UNDOABLE:
                    del self._decided[next(iter(self._decided))]
            case EntryType.UNDO:
                key_undone = self._decided.pop(entry.undoes or 0, None)
                if key_undone is not None:
                    self._kinds[key_undone] -= 1
                    self._kinds[_Key(key_undone.guard, key_undone.reason, "undone")] += 1
            case _:
                pass

    def next_log(self) -> None:
        """What follows comes from another gate, where the same numbers are the same guards."""
        self.on_duty = NOBODY
        self._decided.clear()

    def saw_scans(self, count: int) -> None:
        """So many codes were decided since the last entry, with the same guard on duty."""
        self._scans[self.on_duty] += count

    def rows(self) -> list[OverrideRow]:
        """By guard and reason."""
        found = sorted({(key.guard, key.reason) for key in self._kinds})
        return [self._row(guard, reason) for guard, reason in found]

    def _row(self, guard: str, reason: GuardReason) -> OverrideRow:
        admitted, refused, without_code, undone = (
            self._kinds[_Key(guard, reason, kind)]
            for kind in ("admitted", "refused", "without_code", "undone")
        )
        return OverrideRow(
            guard, reason, admitted, refused, without_code, undone, self._scans[guard]
        )


def _kind(completes: int | None, decision: GuardDecision) -> str:
    if completes is None:
        return "without_code"
    return "admitted" if decision.admits else "refused"
