"""After the play: is everything that was decided in the ledger, and once at the hub?"""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from scanner.cli.demo.play import Outcome
from scanner.domain.entries import EntryType, decode_entry
from scanner.domain.verdicts import Decision, GuardDecision
from scanner.ledger.reader import LedgerReader


@dataclass(frozen=True, slots=True)
class Audit:
    """Counts and faults.

    Attributes:
        recorded: entries in the ledger.
        at_hub: entries of this device at the hub.
        faults: sentences; empty when nothing is missing, double or unexpected.
    """

    recorded: int
    at_hub: int
    faults: tuple[str, ...]


def audit(outcomes: Sequence[Outcome], ledger: Path, hub: Path) -> Audit:
    """Hold the play, the ledger and the hub against each other.

    Args:
        outcomes: what the guard saw.
        ledger: the gate's database.
        hub: the hub's database.
    """
    with LedgerReader(ledger) as reader:
        device_id = reader.device_id
        lines = reader.lines_after(0, limit=100_000, max_bytes=1 << 30)
    entries = [decode_entry(line.line) for line in lines]
    scans = {entry.seq for entry in entries if entry.type is EntryType.SCAN}
    admitting = {
        entry.seq if entry.completes is None else entry.completes
        for entry in entries
        if entry.decision is Decision.ADMIT or entry.guard is GuardDecision.ADMITTED_BY_GUARD
    }
    faults = [
        f"{outcome.person.who}: not decided as expected"
        for outcome in outcomes
        if not outcome.is_as_expected
    ]
    for outcome in outcomes:
        missing = set(outcome.admitted) - admitting
        if missing or not outcome.visits <= scans:
            faults.append(f"{outcome.person.who}: admitted and not in the ledger")
    # Everybody shows a code of their own, so a pseudonym that scanned twice was recorded twice.
    subjects = Counter(entry.subject for entry in entries if entry.subject)
    faults += [f"a person was recorded {n} times" for n in subjects.values() if n > 1]
    stored = Counter(_hub_lines(hub, device_id))
    expected = Counter((line.seq, line.line) for line in lines)
    if missing_lines := expected - stored:
        faults.append(f"{missing_lines.total()} entries are not at the hub")
    if extra := stored - expected:
        faults.append(f"{extra.total()} entries at the hub are double or unknown to the gate")
    return Audit(recorded=len(lines), at_hub=stored.total(), faults=tuple(faults))


def _hub_lines(hub: Path, device_id: str) -> list[tuple[int, bytes]]:
    """Every line that the hub holds of one device, read from its file and not through its code."""
    with closing(sqlite3.connect(f"{hub.resolve().as_uri()}?mode=ro", uri=True)) as database:
        return database.execute(
            "SELECT e.seq, e.line FROM entries AS e JOIN devices AS d USING (device_no) "
            "WHERE d.device_id = ?",
            (device_id,),
        ).fetchall()
