"""The gate's ledger as the gate sees it: it may fail, and comes back by itself.

`store.Ledger` is one open file. Behind this one there may be none for a while: the disk is
read-only, the file is of a newer version, or it is damaged and being rescued. Whatever is asked for
in the meantime fails at once with a `LedgerError`, so that the gate says that it cannot record and
does what its rules want then, and every few seconds the file is tried again.
"""

import os
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol, Self

from scanner.domain.damage import Damage
from scanner.domain.entries import Entry
from scanner.domain.errors import LedgerBusyError, LedgerDamagedError, LedgerError
from scanner.ledger.erasure import OldLines
from scanner.ledger.outbox import load_outbox
from scanner.ledger.pages import FreePages
from scanner.ledger.position import Position
from scanner.ledger.store import Ledger, lock_ledger
from scanner.log import EventLog

_RETRY_S: Final = 5.0
_START_WAIT_S: Final = 20.0
"""How long a start waits for a rescue: a usual ledger takes a few seconds, and behind it the gate
has its day's counts. A larger one goes on while the gate is up already."""

_log = EventLog(__name__)


class GateLedger(Protocol):
    """What the gate needs of its ledger; `store.Ledger` is one that is open."""

    @property
    def device_id(self) -> str:
        """The device that writes this log."""
        ...

    @property
    def position(self) -> Position:
        """The end of the log; raises LedgerError when it cannot be read."""
        ...

    @property
    def next_seq(self) -> int:
        """The number that the next entry must carry; raises LedgerError as `position`."""
        ...

    @property
    def old_lines(self) -> OldLines:
        """What is erased, and the way to erase more; raises LedgerError while nothing is open."""
        ...

    def append(self, entry: Entry) -> Position:
        """Record one entry durably; raises LedgerError when nothing was recorded."""
        ...

    def latest(self, count: int) -> list[Entry]:
        """The last `count` entries, the oldest first."""
        ...

    def since(self, at: datetime) -> Iterator[Entry]:
        """Entries from the newest backwards, until one was written before `at`."""
        ...


class SteadyLedger:
    """A gate's log that opens itself, and has itself rescued. For one thread, like `Ledger`.

    Args:
        path: of the ledger.
        device_id: of this gate.
        outbox: the file that says how far the hub has got.
        free: what becomes of free pages in a file that is made from now on.
    """

    def __init__(
        self, path: Path, device_id: str, outbox: Path, free: FreePages = FreePages.REUSE
    ) -> None:
        self._path = path
        self._device_id = device_id
        self._outbox = outbox
        self._free = free
        self._ledger: Ledger | None = None
        self._failure = LedgerError(f"The ledger {path} is not open.")
        self._retry_at_s = 0.0
        self._rescue: threading.Thread | None = None

    @classmethod
    def open(
        cls, path: Path, device_id: str, outbox: Path, free: FreePages = FreePages.REUSE
    ) -> Self:
        """Open the log, or say in the log why it cannot be, and go on without it for now.

        Raises:
            LedgerBusyError: another gate writes it.
        """
        ledger = cls(path, device_id, outbox, free)
        ledger._try()
        if ledger._rescue is not None:
            ledger._rescue.join(_START_WAIT_S)
            ledger._retry()
        if isinstance(ledger._failure, LedgerBusyError) and ledger._ledger is None:
            raise ledger._failure
        return ledger

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; a rescue under way is cut off, which it bears."""
        if self._ledger is not None:
            self._ledger.close()
            self._ledger = None

    @property
    def device_id(self) -> str:
        """The device that writes this log."""
        return self._device_id

    @property
    def is_open(self) -> bool:
        """False while nothing can be recorded."""
        return self._retry() is not None

    @property
    def position(self) -> Position:
        """The end of the log.

        Raises:
            LedgerError: it cannot be read.
        """
        return self._open().position

    @property
    def next_seq(self) -> int:
        """The number that the next entry must carry; raises as `position`."""
        return self.position.seq + 1

    @property
    def old_lines(self) -> OldLines:
        """What is erased of this log, and the way to erase more.

        Raises:
            LedgerError: nothing is open now.
        """
        return self._open().old_lines

    def append(self, entry: Entry) -> Position:
        """Record one entry durably and return the new end of the log.

        A file that turns out to be damaged is opened anew; if that does not help, it is rescued,
        and the entry was not recorded.

        Raises:
            LedgerError: nothing was recorded, and nobody may be admitted on it.
        """
        try:
            return self._open().append(entry)
        except LedgerDamagedError as error:
            self._fail(error)
            self._try()
            if self._ledger is None:
                raise
        try:
            return self._ledger.append(entry)
        except LedgerDamagedError as error:
            self._fail(error)
            self._start_rescue(error)
            raise

    def latest(self, count: int) -> list[Entry]:
        """The last `count` entries, the oldest first; none when they cannot be read."""
        try:
            return self._open().latest(count)
        except LedgerError as error:
            self._cannot_read(error)
            return []

    def since(self, at: datetime) -> Iterator[Entry]:
        """Entries from the newest backwards, until one was before `at` or cannot be read."""
        try:
            yield from self._open().since(at)
        except LedgerError as error:
            self._cannot_read(error)

    def _cannot_read(self, error: LedgerError) -> None:
        """A bad page among the older ones: rescued before more go bad, and what is unsent is lost.

        An older entry that was altered stays where it is: the file can be written on, and cutting
        it off there is what whoever altered it may have wanted.
        """
        if error is not self._failure:
            _log.error("ledger_unreadable", found=error.found, remedy=error.remedy)
        if isinstance(error, LedgerDamagedError) and error.damage is not Damage.ALTERED:
            self._fail(error)
            self._start_rescue(error)

    def _open(self) -> Ledger:
        ledger = self._retry()
        if ledger is None:
            raise self._failure
        return ledger

    def _retry(self) -> Ledger | None:
        """The open file; tried again when it is time and nobody is at work on it."""
        if self._ledger is None:
            if self._rescue is not None and not self._rescue.is_alive():
                self._rescue = None
                self._retry_at_s = 0.0
            if self._rescue is None and time.monotonic() >= self._retry_at_s:
                self._try()
        return self._ledger

    def _try(self) -> None:
        try:
            self._ledger = _opened(self._path, self._device_id, self._free)
        except LedgerDamagedError as error:
            self._fail(error)
            self._start_rescue(error)
        except LedgerError as error:
            self._fail(error)

    def _fail(self, error: LedgerError) -> None:
        self.close()
        if error.found != self._failure.found:
            _log.error("ledger_unusable", found=error.found, remedy=error.remedy)
        self._failure = error
        self._retry_at_s = time.monotonic() + _RETRY_S

    def _start_rescue(self, error: LedgerDamagedError) -> None:
        """In a thread of its own: reading a damaged card takes long, and the gate has work."""
        if self._rescue is None:
            self._rescue = threading.Thread(
                target=self._rescue_now, args=(error,), name="ledger-rescue", daemon=True
            )
            self._rescue.start()

    def _rescue_now(self, error: LedgerDamagedError) -> None:
        from scanner.ledger.rescue import Stamp, rescue  # brings sqlite-utils: only when due

        outbox = load_outbox(self._outbox)
        acked = outbox.acked if outbox and outbox.acked_seq else None
        try:
            lock = lock_ledger(self._path)
            try:
                stamp = Stamp.now()
                done = rescue(self._path, self._device_id, error.damage, acked, stamp, self._free)
            finally:
                os.close(lock)
        except LedgerError as failure:
            _log.error("ledger_not_rescued", found=failure.found, remedy=failure.remedy)
            return
        _log.warning(
            "ledger_rescued",
            damage=done.damage.value,
            kept=done.kept,
            lost=done.lost,
            same_log=done.same_log,
            aside=str(done.aside) if done.aside else None,
        )


def _opened(path: Path, device_id: str, free: FreePages) -> Ledger:
    """The open log; what an earlier rescue left undone is done first."""
    if path.with_name(path.name + ".rescue").exists():
        from scanner.ledger.rescue import finish_rescue

        lock = lock_ledger(path)
        try:
            finish_rescue(path)
        except OSError as error:
            raise LedgerError(
                f"The rescued ledger {path} cannot be put in its place: {error.strerror}.",
                "Check that the disk is not full or read-only.",
            ) from error
        finally:
            os.close(lock)
    return Ledger.open(path, device_id, free)
