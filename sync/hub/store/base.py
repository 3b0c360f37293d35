"""What the hub asks of a database. One module beside this one implements it per SQL dialect.

A device's entries form a tree. Each leaf has a row in `heads`, the *branch*: a gate that was never
restored from a backup nor cloned has exactly one. A batch is taken when its predecessor is in the
tree; what follows a leaf extends that branch, what follows an inner entry opens another one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from scanner.domain.errors import CheckpointError
from scanner.domain.overrides import OverrideRow
from sync.hub.ingest import Batch, Report
from sync.hub.travel import Place
from sync.protocol import Notice


class StoreError(CheckpointError):
    """The database cannot read or write now; the gate keeps its entries and comes again."""


class UnknownPredecessorError(Exception):
    """The entry before this batch is not here; the gate has to locate common ground."""


@dataclass(frozen=True, slots=True)
class Device:
    """One enrolled gate; `number` is its key in the database."""

    number: int
    device_id: str
    public_key: bytes
    retired: bool


@dataclass(frozen=True, slots=True)
class Appended:
    """What one batch changed.

    Attributes:
        archived_seq, archived_head: of the batch's own branch; seq 0 and the batch's genesis or
            first known ancestor when it was never backed up.
        heads: leaves of the device's tree now.
        travels: suspicions of impossible travel that are new with it.
    """

    written: int
    duplicate: int
    quarantined: int
    heads: int
    archived_seq: int
    archived_head: bytes
    notices: tuple[Notice, ...]
    travels: int = 0


@dataclass(frozen=True, slots=True)
class GateRow:
    """A gate as the first page shows it.

    Attributes:
        seen_at: None when it never pushed.
        entries: entries of all branches here, the unreadable ones included.
        clock_offset_ms: hub's clock minus the gate's at its last push; includes the way there.
        erased_at: when its last certificate came; None while it has not erased itself.
    """

    device_id: str
    site: str
    gate: str
    seen_at: datetime | None
    entries: int
    last_seq: int
    backlog: int
    heads: int
    quarantined: int
    clock_offset_ms: int
    retired: bool
    erased_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry as the first page shows it; `at` None and no words when it is unreadable.

    Attributes:
        at: what the gate wrote.
        unsure: nobody vouched for `at`, said the gate.
        earliest, latest: when it really was, as far as the hub knows.
    """

    device_id: str
    site: str
    gate: str
    branch: int
    seq: int
    head: bytes
    received_at: datetime
    readable: bool
    at: datetime | None
    type: str
    decision: str
    guard: str
    reasons: tuple[str, ...]
    kind: str
    issuer: str
    colour: str
    unsure: bool = False
    earliest: datetime | None = None
    latest: datetime | None = None


@dataclass(frozen=True, slots=True)
class SuspicionRow:
    """One code that looked forged to a gate: nothing of it but a digest is known.

    Attributes:
        entry_id: in the order of arrival at this hub.
        at: what the gate wrote, in UTC.
        claimed_issuer: whose code it says it is; empty where the gate did not tell.
        digest: 64 hex digits, the same for the same code at every gate.
    """

    entry_id: int
    device_id: str
    site: str
    gate: str
    seq: int
    at: datetime
    received_at: datetime
    reasons: tuple[str, ...]
    claimed_issuer: str
    digest: str


@dataclass(frozen=True, slots=True)
class TravelRow:
    """One person at two gates between which nobody can have travelled; who it was, nobody knows.

    Attributes:
        first_at, second_at: by the gates' own clocks, in UTC, the earlier one first.
        distance_m: from one gate to the other, straight.
    """

    first_gate: str
    first_site: str
    first_at: datetime
    second_gate: str
    second_site: str
    second_at: datetime
    distance_m: int


class HubStore(Protocol):
    """Everything durable at the hub. Every method may be called from any thread."""

    def device(self, device_id: str) -> Device | None:
        """The enrolled gate of that id."""
        ...

    def append(
        self,
        device: Device,
        batch: Batch,
        report: Report,
        checkpoint: str,
        received_at: datetime,
    ) -> Appended:
        """Commit a batch in one transaction; a repeated one changes nothing.

        `checkpoint` is the note for the batch's end, signed by both sides; kept with its branch.

        Raises:
            UnknownPredecessorError: its predecessor is not in the tree; nothing was written.
            StoreError: the database cannot write now.
        """
        ...

    def newest_known(
        self, device: Device, places: Sequence[tuple[int, bytes]]
    ) -> tuple[int, bytes] | None:
        """Of (seq, head) places, the one with the highest seq that is in the device's tree."""
        ...

    def add_token(self, token_hash: bytes, made_at: datetime, expires_at: datetime) -> None:
        """Remember a one-time enrolment token by its hash."""
        ...

    def enrol(
        self,
        token_hash: bytes,
        device_id: str,
        public_key: bytes,
        names: tuple[str, str],
        now: datetime,
    ) -> bool:
        """Spend the token and store the gate with its (site, gate) names, in one transaction.

        A gate whose answer was lost may spend the same token again; nobody else may, nor the gate
        itself once it was retired. False when the token is unknown, expired or spent otherwise.
        """
        ...

    def retire(self, device_id: str, now: datetime) -> bool:
        """Take nothing more from that gate; what it sent stays. False when there is none."""
        ...

    def sunset(self, device: Device, certificate: str, now: datetime) -> str:
        """Keep a gate's last certificate and retire the gate; the first one stands.

        Returns:
            What is kept.
        """
        ...

    def sunsets(self) -> Sequence[tuple[str, datetime, str]]:
        """Device, time of arrival and certificate of each gate that has erased itself."""
        ...

    def gates(self) -> Sequence[GateRow]:
        """Every gate, by site and name."""
        ...

    def latest(self, limit: int) -> Sequence[EntryRow]:
        """The entries that arrived last, the newest first."""
        ...

    def overrides(self, since: datetime, limit: int) -> Mapping[str, Sequence[OverrideRow]]:
        """What guards decided beside the machine, by site, of the newest `limit` of their lines.

        Args:
            since: of arrival here.
            limit: of lines that are read.
        """
        ...

    def suspicions(self, since: datetime, limit: int) -> Sequence[SuspicionRow]:
        """The suspected forgeries that arrived from `since` on, the newest first."""
        ...

    def set_place(self, device_id: str, place: Place | None) -> bool:
        """Say where a gate stands; None forgets it. False when there is no such gate."""
        ...

    def is_traced(self, device: Device) -> bool:
        """Whether the places of this gate and of another one are known."""
        ...

    def travels(self, since: datetime, limit: int) -> Sequence[TravelRow]:
        """Suspicions of impossible travel noticed from `since` on, the newest first."""
        ...

    def begin_telling(self) -> None:
        """From the first call on, what arrives is told; what came before is past."""
        ...

    def untold(self, limit: int) -> Sequence[SuspicionRow]:
        """The suspected forgeries that nobody was told of yet, the oldest first."""
        ...

    def note_told(self, entry_id: int) -> None:
        """Everything up to this entry was told; it is not told again."""
        ...

    def close(self) -> None:
        """Finish; no call may follow."""
        ...
