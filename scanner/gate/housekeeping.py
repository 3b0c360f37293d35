"""Erases old lines while nobody is at the gate, and records that with a signed receipt.

The gate is the ledger's one writer, so it does this itself, in its own loop: one short step at a
time, while nobody waits, and once a minute where somebody always does. Cut off anywhere, it goes on
from where the ledger says that it was. Without a time that somebody vouches for nothing is erased:
under a clock that ran ahead everything would look old.
"""

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

from scanner.domain.errors import LedgerError
from scanner.gate.instant import Instant
from scanner.gate.recorder import Recorder
from scanner.gate.records import retention_entry
from scanner.ledger.checkpoint import Signer
from scanner.ledger.outbox import load_outbox
from scanner.ledger.receipt import make_receipt
from scanner.ledger.retention import due_through
from scanner.ledger.steady import GateLedger
from scanner.log import EventLog

FIRST_LOOK_S: Final = 30.0
LOOK_EVERY_S: Final = 600.0
STEP_EVERY_S: Final = 0.25
ROUNDS: Final = 56
"""When a line is due, those that are due within the next 56th of the time go along, a quarter of a
day of 14: no line is kept longer than promised, and there are few receipts."""

OVERDUE: Final = timedelta(days=1)
"""So long after they were due lines may wait for the hub before the log says so at each look."""

PATIENCE_S: Final = 60.0
"""So long a step gives way to people; then it takes its few milliseconds all the same."""

_log = EventLog(__name__)


class Housekeeping:
    """The gate's duty to forget.

    Args:
        ledger: open for writing.
        recorder: the way into it.
        outbox: where sync keeps what the hub has in a backup.
        keep: how long a line stays.
        device: signs the receipts; its key is the ledger's.
    """

    def __init__(
        self, ledger: GateLedger, recorder: Recorder, outbox: Path, keep: timedelta, device: Signer
    ) -> None:
        self._ledger = ledger
        self._recorder = recorder
        self._outbox = outbox
        self._keep = keep
        self._device = device
        self._through = 0
        self._is_tidy = True
        self._look_at_s: float | None = None
        self._step_at_s = 0.0

    def work(self, instant: Instant, *, is_idle: bool) -> None:
        """Do one short step, when one is due.

        Args:
            instant: now.
            is_idle: nobody is at the gate.
        """
        if self._look_at_s is None:  # a gate that has just started has more urgent things to do
            self._look_at_s = instant.mono_s + FIRST_LOOK_S
        if instant.mono_s < self._step_at_s + (0 if is_idle else PATIENCE_S):
            return
        self._step_at_s = instant.mono_s + STEP_EVERY_S
        try:
            self._step(instant)
        except LedgerError as error:
            _log.error("cannot_erase", found=error.found, remedy=error.remedy)
            self._rest(instant)

    def _step(self, instant: Instant) -> None:
        old = self._ledger.old_lines
        if old.erased.seq < self._through:
            if old.erase(self._through).seq < self._through:
                return
            self._is_tidy = False
        elif old.receipted.seq < old.erased.seq:
            self._record(instant)
            self._is_tidy = False
        elif not self._is_tidy:
            self._is_tidy = not old.give_back() and old.tidy()
        elif self._look_at_s is not None and instant.mono_s >= self._look_at_s:
            self._rest(instant)
            self._through = self._due(instant)

    def _rest(self, instant: Instant) -> None:
        self._through = 0
        self._look_at_s = instant.mono_s + LOOK_EVERY_S

    def _due(self, instant: Instant) -> int:
        """Up to which entry lines are due; 0 where nobody can tell."""
        self._complain(instant)
        outbox = load_outbox(self._outbox)
        if outbox is None or not instant.is_sure:
            return 0
        old, archived = self._ledger.old_lines, outbox.archived
        if old.head_at(archived.seq) != archived.head:
            return 0  # a backup of another branch, or none yet: the hub has other entries than we
        first, now = old.erased.seq + 1, instant.at
        if due_through(old.written_at, first, archived.seq, now, self._keep) < first:
            return 0
        early = self._keep - self._keep / ROUNDS
        return due_through(old.written_at, first, archived.seq, now, early)

    def _complain(self, instant: Instant) -> None:
        """Say for how long a line is kept too long, and why may be seen beside it: no backup."""
        oldest = self._ledger.old_lines.erased.seq + 1
        at = self._ledger.old_lines.written_at(oldest)
        if instant.is_sure and at is not None and instant.at - at > self._keep + OVERDUE:
            outbox = load_outbox(self._outbox)
            _log.warning(
                "lines_overdue",
                entry=oldest,
                days=(instant.at - at).days,
                archived=outbox.archived_seq if outbox else None,
            )

    def _record(self, instant: Instant) -> None:
        before, after = self._ledger.old_lines.receipted, self._ledger.old_lines.erased
        receipt = make_receipt(self._device, before, after, instant.at)
        build = partial(retention_entry, first=before.seq + 1, last=after.seq, receipt=receipt)
        if self._recorder.write(build, instant) is None:
            self._rest(instant)
            return
        _log.info("lines_erased", first=before.seq + 1, last=after.seq)
