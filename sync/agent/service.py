"""The agent's loop: carries out what the machine says, and keeps what came of it.

It may be killed at any moment. Everything that matters is in the ledger, which it only reads, and
at the hub; the outbox position is a hint that a lost answer or a restored backup can make wrong,
and that a push or a locate makes right again.
"""

import random
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from scanner.domain.errors import LedgerError
from scanner.ledger.checkpoint import parse_checkpoint
from scanner.ledger.device import Device
from scanner.ledger.kept_notes import KeptNotes, kept_notes_path
from scanner.ledger.outbox import OutboxPosition, load_outbox, save_outbox
from scanner.ledger.position import Position
from scanner.ledger.reader import LedgerReader
from scanner.ledger.sync_status import HubTime, SyncStatus, save_sync_status
from scanner.ledger.trace_keys import FILE_NAME as TRACE_KEYS_FILE
from scanner.log import EventLog
from sync import protocol
from sync.agent.answers import HubIdentity, read_locate_answer, read_push_answer
from sync.agent.client import HubClient, UnreachableError, up_ms
from sync.agent.locator import locator
from sync.agent.machine import (
    Acked,
    Action,
    Condition,
    Diverged,
    Event,
    Locate,
    Push,
    State,
    Trouble,
    Wait,
    Woken,
    advance,
)
from sync.agent.outgoing import Instant, compose
from sync.agent.trace_keys import HandedTraceKeys
from sync.agent.trust_updates import TrustUpdates

POLL_S: Final = 0.5
_STATUS_EVERY_S: Final = 10
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class AgentPaths:
    """The files of one gate."""

    ledger: Path
    outbox: Path
    status: Path

    @property
    def notes(self) -> Path:
        """Where countersigned checkpoints are kept, for proofs."""
        return kept_notes_path(self.outbox)

    @property
    def trace_keys(self) -> Path:
        """Where the gate finds the hub's trace keys: in the runtime folder, as the status is."""
        return self.status.with_name(TRACE_KEYS_FILE)


class Agent:
    """Brings one ledger to one hub.

    Args:
        trust: is told what the hub says about its trust repository, and shown in the status file.
    """

    def __init__(
        self,
        paths: AgentPaths,
        device: Device,
        hub: HubIdentity,
        client: HubClient,
        interval_s: float,
        trust: TrustUpdates | None = None,
    ) -> None:
        self._paths = paths
        self._device = device
        self._hub = hub
        self._client = client
        self._trust = trust
        outbox = load_outbox(paths.outbox)
        self._saved = outbox
        self._notes = KeptNotes(paths.notes)
        self._trace_keys = HandedTraceKeys(paths.trace_keys)
        self._state = State(acked=outbox.acked if outbox else None, next_sync_s=interval_s)
        self._last_ok: datetime | None = None
        self._status: SyncStatus | None = None
        self._hub_time: HubTime | None = None
        self._boot = _BOOT_ID.read_text().strip()
        self._log = EventLog(__name__)
        self._chance = random.Random()  # noqa: S311 - spreads retries, guards nothing

    @property
    def condition(self) -> Condition:
        """How things stand."""
        return self._state.condition

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; a request under way is finished first."""
        action: Action = Wait(0)
        while not stop.is_set():
            ledger = self._open_ledger(stop)
            if ledger is None:
                return
            with ledger:
                if isinstance(action, Wait):
                    self._wait(ledger, action, stop)
                    action = self._advance(Woken())
                else:
                    action = self._work(ledger, action)

    def run_once(self, stop: threading.Event, timeout_s: float) -> bool:
        """Push what there is now, trying for `timeout_s`.

        Returns:
            True when the hub has acknowledged every entry that was there at the start.

        Raises:
            LedgerError: there is no ledger, or it cannot be read.
        """
        deadline = time.monotonic() + timeout_s
        with LedgerReader(self._paths.ledger) as ledger:
            goal = ledger.last().seq
            action = self._advance(Woken())
            while not stop.is_set():
                if isinstance(action, Wait):
                    left = deadline - time.monotonic()
                    acked = self._state.acked
                    if not self._state.failures and acked is not None and acked.seq >= goal:
                        return True
                    if left <= 0:
                        return False
                    stop.wait(min(left, action.seconds))
                    action = self._advance(Woken())
                else:
                    action = self._work(ledger, action)
        return False

    def _work(self, ledger: LedgerReader, action: Push | Locate) -> Action:
        """One request and what follows from it."""
        try:
            event = self._push(ledger) if isinstance(action, Push) else self._locate(ledger)
        except UnreachableError as error:
            self._log.info("hub_unreachable", cause=str(error))
            event = Trouble(Condition.OFFLINE)
        if isinstance(event, Acked):
            self._last_ok = datetime.now(UTC)
            self._hub_time = self._told_time(event) or self._hub_time
            self._save(event)
            self._keep_note(event)
            self._trace_keys.take(event.trace_keys)
            if self._trust is not None:
                self._trust.hub_answered(
                    event.trust,
                    was_away=self._state.failures > 0,
                    hub_time=self._hub_time,
                )
        following = self._advance(event)
        self._tell(ledger)
        return following

    def _advance(self, event: Event) -> Action:
        before = self._state.condition
        self._state, action = advance(self._state, event, self._chance.random())
        if self._state.condition is not before:
            self._log.info("sync_condition", condition=str(self._state.condition))
        return action

    def _push(self, ledger: LedgerReader) -> Event:
        state = self._state
        acked = state.acked
        if acked is None or ledger.head_at(acked.seq) != acked.head:
            return Diverged()
        lines = ledger.lines_after(acked.seq, state.max_entries, state.max_bytes)
        instant = Instant(datetime.now(UTC), self._boot, up_ms())
        push = compose(self._device, ledger.nonce, acked, lines, ledger.last(), instant)
        if push is None:
            return Trouble(Condition.GAP)
        answer = self._client.push(push.headers, push.body, state.offset)
        return read_push_answer(answer, push.sent, self._device.private_key.public_key(), self._hub)

    def _locate(self, ledger: LedgerReader) -> Event:
        erased = ledger.erased()
        offered = tuple(
            Position(seq, head)
            for seq in sorted({*locator(ledger.last().seq), erased.seq}, reverse=True)
            if (head := ledger.head_at(seq)) is not None
        )
        request = protocol.LocateRequest(
            protocol.encode_bytes(ledger.nonce),
            tuple(protocol.Cursor(at.seq, protocol.encode_bytes(at.head)) for at in offered),
        )
        answer = self._client.locate(msgspec.json.encode(request), self._state.offset)
        return read_locate_answer(answer, offered)

    def _save(self, event: Acked) -> None:
        """Keep both cursors, unless they are what the file says already: cards wear out.

        A file that cannot be written costs a locate after the next start, and nothing else.
        """
        position = OutboxPosition(
            acked_seq=event.position.seq,
            acked_head=event.position.head.hex(),
            archived_seq=event.archived.seq,
            archived_head=event.archived.head.hex(),
            at=datetime.now(UTC),
        )
        if (
            self._saved is None
            or msgspec.structs.replace(position, at=self._saved.at) != self._saved
        ):
            self._saved = position
            try:
                save_outbox(self._paths.outbox, position)
            except LedgerError as error:
                self._log.warning("outbox_not_written", cause=error.found)

    def _keep_note(self, event: Acked) -> None:
        """What the hub has signed, for proofs of entries."""
        if event.checkpoint:
            self._notes.keep(event.checkpoint, parse_checkpoint(event.checkpoint))

    def _told_time(self, event: Acked) -> HubTime | None:
        """The hub's time for the gate, which has no network of its own."""
        measured = event.measured
        if measured is None:
            return None
        return HubTime(
            boot=self._boot,
            up_ms=measured.up_ms,
            at=_EPOCH + timedelta(milliseconds=measured.at_ms),
            error_ms=measured.error_ms,
        )

    def _wait(self, ledger: LedgerReader, wait: Wait, stop: threading.Event) -> None:
        end = time.monotonic() + wait.seconds
        while (left := end - time.monotonic()) > 0 and not stop.is_set():
            self._tell(ledger)
            acked = self._state.acked
            if wait.for_entries and acked is not None and ledger.last().seq != acked.seq:
                stop.wait(min(left, wait.linger_s))
                return
            stop.wait(min(left, POLL_S))

    def _open_ledger(self, stop: threading.Event) -> LedgerReader | None:
        """The ledger as it is now: it may have been made or replaced since. None when stopped."""
        complained = False
        while True:
            try:
                reader = LedgerReader(self._paths.ledger)
            except LedgerError as error:
                if not complained:
                    self._log.warning("ledger_not_ready", cause=error.found)
                    complained = True
                if stop.wait(POLL_S):
                    return None
                continue
            if reader.device_id == self._device.device_id:
                return reader
            reader.close()
            raise LedgerError(
                "The ledger belongs to another device than the device key.",
                "Restore the device key that belongs to it.",
            )

    def _tell(self, ledger: LedgerReader) -> None:
        """Renew the status file when something changed, and now and then to show that we live."""
        now = datetime.now(UTC)
        self._trace_keys.prune(now)
        acked = self._state.acked or (self._saved.acked if self._saved else Position(0, b""))
        status = SyncStatus(
            at=now,
            state=self._state.condition,
            queue=max(0, ledger.last().seq - acked.seq),
            last_ok=self._last_ok,
            trust=self._trust.told if self._trust else None,
            hub_time=self._hub_time,
        )
        told = self._status
        if (
            told is not None
            and (now - told.at).total_seconds() < _STATUS_EVERY_S
            and msgspec.structs.replace(status, at=told.at) == told
        ):
            return
        try:
            save_sync_status(self._paths.status, status)
        except OSError as error:
            self._log.warning("status_not_written", cause=error.strerror)
        self._status = status
