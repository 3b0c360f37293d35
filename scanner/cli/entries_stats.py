"""What `checkpoint entries stats` counts, and how an hour looks on a terminal."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from scanner.domain.entries import Entry, EntryType
from scanner.domain.verdicts import Decision

MOST_HOURS: Final = 48
_WIDTH: Final = 48
_MARKS: Final = {Decision.ADMIT: "█", Decision.CHECK: "▒", Decision.REFUSE: "░"}
_COLOURS: Final = {Decision.ADMIT: "green", Decision.CHECK: "yellow", Decision.REFUSE: "red"}

_PEOPLE: Final = frozenset({EntryType.SCAN, EntryType.WALK_IN})
"""The lines that begin with somebody; the others say what became of it."""

Hours = dict[datetime, Counter[Decision]]
"""Scans by the hour in which they were, local time."""


class Counts:
    """Entries by type, decision, guard's decision and reason, and scans by the hour."""

    def __init__(self) -> None:
        self.total = 0
        self.line_bytes = 0
        self.groups: dict[str, Counter[str]] = {
            "type": Counter(), "decision": Counter(), "guard": Counter(),
            "guard_reason": Counter(), "reason": Counter(),
        }  # fmt: skip
        self.hours: Hours = {}

    def add(self, entry: Entry, line_bytes: int) -> None:
        """Count one entry; a decision counts where it was made first, at the scan."""
        self.total += 1
        self.line_bytes += line_bytes
        self.groups["type"][entry.type] += 1
        self.groups["reason"].update(entry.reasons)
        if entry.guard is not None:
            self.groups["guard"][entry.guard] += 1
        if entry.guard_reason is not None:
            self.groups["guard_reason"][entry.guard_reason] += 1
        if entry.decision is not None and entry.type in _PEOPLE:
            self.groups["decision"][entry.decision] += 1
            hour = entry.at.astimezone().replace(minute=0, second=0, microsecond=0)
            self.hours.setdefault(hour, Counter())[entry.decision] += 1


def latest_hours(hours: Hours) -> list[tuple[datetime, Counter[Decision]]]:
    """The last 48 hours up to the newest one with a scan, empty ones included."""
    if not hours:
        return []
    newest = max(hours)
    first = max(min(hours), newest - timedelta(hours=MOST_HOURS - 1))
    span = round((newest - first) / timedelta(hours=1))
    return [
        (hour, hours.get(hour, Counter()))
        for hour in (first + timedelta(hours=step) for step in range(span + 1))
    ]


def bar(counts: Counter[Decision], most: int, width: int = _WIDTH) -> list[tuple[Decision, int]]:
    """How many characters of a bar each decision gets; never none for one that there was.

    Args:
        counts: of one hour.
        most: scans of the fullest hour, which fills `width`.
        width: in characters.
    """
    return [
        (decision, max(1, round(counts[decision] * width / most)))
        for decision in Decision
        if counts[decision]
    ]


def print_hours(hours: Hours, console: Console) -> None:
    """Scans by the hour as bars: each decision has its mark, colour and number."""
    rows = latest_hours(hours)
    if not rows:
        return
    most = max(counts.total() for _, counts in rows)
    legend = "  ".join(f"{_MARKS[decision]} {decision}" for decision in Decision)
    table = Table(title=f"Scans by the hour   {legend}", box=None, title_justify="left")
    table.add_column("hour", no_wrap=True)
    table.add_column("scans", justify="right")
    table.add_column("", no_wrap=True)
    for hour, counts in rows:
        drawn = Text()
        for decision, length in bar(counts, most):
            drawn.append(_MARKS[decision] * length, style=_COLOURS[decision])
        table.add_row(f"{hour:%m-%d %H}", str(counts.total()), drawn)
    console.print(table)


def counted(entries: Iterable[tuple[Entry, int]]) -> Counts:
    """Counts of entries, each with the bytes of its line."""
    counts = Counts()
    for entry, line_bytes in entries:
        counts.add(entry, line_bytes)
    return counts
