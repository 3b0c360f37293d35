"""Writes what happens at the gate to the ledger, and knows when it cannot."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.domain.entries import Entry
from scanner.domain.errors import LedgerError
from scanner.domain.id_documents import DocumentNumber
from scanner.domain.passes import PassClaims, PassKind, Rejection, VerifiedPass
from scanner.domain.walk_ins import VisitorDetails
from scanner.gate.instant import Instant
from scanner.gate.records import Moment, Subject
from scanner.gate.refused import RefusedToday
from scanner.gate.tally import Tally
from scanner.ledger.pseudonym import DailyKey, number_identity
from scanner.ledger.seal import Sealer, sealing_context
from scanner.ledger.steady import GateLedger
from scanner.ledger.trace_keys import FILE_NAME as TRACE_KEYS_FILE
from scanner.ledger.trace_keys import TraceKeys
from scanner.log import EventLog

if TYPE_CHECKING:
    from scanner.gate.doorway import Doorway

_log = EventLog(__name__)


class Recorder:
    """The gate's one way into the ledger.

    Attributes:
        tally: today's people, by what was recorded.
        doorway: who came and went, by what was recorded; None at a gate that knows no direction.
        traces: the hub's keys for marking who came; mostly there are none.
        is_healthy: the last entry could be recorded.

    Args:
        ledger: open for writing.
        runtime: folder in RAM for the daily pseudonym key, and for those of the hub.
        sealing_key: PEM file of the hub's public key; enrolment may bring it later. Without it no
            personal field is recorded at all.
    """

    def __init__(self, ledger: GateLedger, runtime: Path, sealing_key: Path | None) -> None:
        self._ledger = ledger
        self._runtime = runtime
        self._sealing_key = sealing_key
        self._sealer: Sealer | None = None
        self._daily: DailyKey | None = None
        self.tally = Tally()
        self.refused = RefusedToday()
        self.traces = TraceKeys(runtime / TRACE_KEYS_FILE)
        self.doorway: Doorway | None = None
        self.is_healthy = True

    def write(self, build: Callable[[int, Moment], Entry], instant: Instant) -> Entry | None:
        """Append one entry, durable when this returns.

        Args:
            build: makes the entry from its number and its moment.
            instant: now.

        Returns:
            The entry, or None when the ledger could not take it; nothing may then be admitted.
        """
        try:
            moment = instant.moment
            entry = build(self._ledger.next_seq, moment)
            if self.doorway is not None:
                entry = self.doorway.stamped(entry)
            self._ledger.append(entry)
        except LedgerError as error:
            self.is_healthy = False
            _log.error("ledger_cannot_record", found=error.found, remedy=error.remedy)
            return None
        self.is_healthy = True
        self.recall(entry)
        if self.doorway is not None:
            self.doorway.note(entry)
        return entry

    def recall(self, entry: Entry) -> None:
        """Count an entry of today, written now or before a restart; in the order of the ledger."""
        self.tally.note(entry)
        self.refused.note(entry)

    def subject(
        self,
        shown: VerifiedPass | Rejection,
        instant: Instant,
        seq: int,
        told_apart: Collection[PassKind],
    ) -> Subject:
        """What may be kept of the person who shows this: a pseudonym, a trace and a sealed box.

        Args:
            shown: what the code turned out to be.
            instant: now.
            seq: number of the entry.
            told_apart: kinds of pass that belong to one person; no other one is traced.
        """
        claims = shown.claims if isinstance(shown, VerifiedPass) else shown.proven
        sealed = self._seal(claims, seq)
        key = self._daily_key(instant)
        if shown.identity is None:
            return Subject(sealed=sealed)
        trace: str | None = None
        if claims is not None and claims.kind in told_apart and not instant.moment.is_unsure:
            # Never a weak name: two people of one name would be one who travels.
            trace = self.traces.trace(claims.holder_key or shown.identity, instant.at)
        if key is None:
            return Subject(sealed=sealed, trace=trace)
        return Subject(key.pseudonym(shown.identity), key.name, sealed, trace)

    def was_refused(self, identity: bytes, instant: Instant, besides: int) -> bool:
        """Whether a guard refused this code earlier today, in another visit than `besides`."""
        return self.refused.has(self.pseudonym(identity, instant), besides)

    def number_subject(self, number: DocumentNumber, instant: Instant) -> Subject:
        """What is kept of a typed number: a pseudonym for a day, where there is a key for one."""
        key = self._daily_key(instant)
        if key is None:
            return Subject()
        return Subject(key.pseudonym(number_identity(number)), key.name)

    @property
    def can_seal(self) -> bool:
        """Whether there is the hub's key to seal personal fields to."""
        return self._loaded_sealer() is not None

    def seal_visitor(self, visitor: VisitorDetails, seq: int) -> str | None:
        """Host, phone and name for the entry `seq`; None where nothing can be sealed."""
        sealer = self._loaded_sealer()
        if sealer is None:
            return None
        return sealer.seal_visitor(visitor, sealing_context(self._ledger.device_id, seq))

    def sealed_note(self, note: str, seq: int) -> str | None:
        """A guard's note, sealed to the hub; None while there is no key to seal it with."""
        sealer = self._loaded_sealer()
        if sealer is None:
            return None
        return sealer.seal_note(note, sealing_context(self._ledger.device_id, seq))

    def pseudonym(self, identity: bytes, instant: Instant) -> str | None:
        """The day's pseudonym of a code; None while there is no key to make one."""
        key = self._daily_key(instant)
        return key.pseudonym(identity) if key else None

    def pseudonym_key(self, instant: Instant) -> str | None:
        """The name of the day's key, as entries carry it; asking on a new day ends the old one."""
        key = self._daily_key(instant)
        return key.name if key else None

    def _daily_key(self, instant: Instant) -> DailyKey | None:
        today = instant.at.astimezone().date()
        if self._daily is None or self._daily.day != today:
            if self._daily is not None:
                self._daily.forget()
            try:
                self._daily = DailyKey.load(self._runtime, today)
            except LedgerError as error:
                _log.error("no_pseudonym_key", found=error.found, remedy=error.remedy)
                self._daily = None
        return self._daily

    def _seal(self, claims: PassClaims | None, seq: int) -> str | None:
        if claims is None or claims.holder is None or (sealer := self._loaded_sealer()) is None:
            return None
        return sealer.seal(claims.holder, sealing_context(self._ledger.device_id, seq))

    def _loaded_sealer(self) -> Sealer | None:
        if self._sealer is None and self._sealing_key is not None and self._sealing_key.exists():
            try:
                self._sealer = Sealer.from_pem(self._sealing_key)
            except LedgerError as error:
                _log.error("no_sealing", found=error.found, remedy=error.remedy)
        return self._sealer
