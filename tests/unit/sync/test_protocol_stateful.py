"""Gates, a hub and a bad network: whatever happens, nothing is missing and nothing is double.

Machine, batches, checkpoints, tree and SQLite store are the real ones; only the wire between them
is a list, and the signatures of requests are left to their own tests.
"""

import shutil
import tempfile
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from scanner.ledger import chain
from scanner.ledger.position import Position
from sync import protocol
from sync.agent.answers import (
    Answer,
    Sent,
    read_locate_answer,
    read_push_answer,
)
from sync.agent.locator import locator
from sync.agent.machine import (
    Acked,
    Action,
    Condition,
    Diverged,
    Event,
    Push,
    State,
    Trouble,
    Wait,
    Woken,
    advance,
)
from sync.hub.refusal import STATUS, Refusal
from sync.hub.service import Hub
from sync.hub.store.sqlite import SqliteStore
from tests.ledger_builders import NOON
from tests.sync_builders import (
    Log,
    a_device,
    a_hub,
    an_answer,
    identity_of,
    lines_at,
)

DEVICES = (a_device(1), a_device(2))
BATCH = 4
RAM = Path("/dev/shm")  # noqa: S108 - the tree is on trial here, not the disk


GATES = st.integers(0, 3)


class Fate(Enum):
    """What the network does to one request."""

    DELIVERED = 0
    REQUEST_LOST = 1
    ANSWER_LOST = 2


@dataclass(frozen=True)
class Sending:
    """One request after its signature was checked; a locate has no headers of its own."""

    device_id: str
    headers: dict[str, str] | None
    body: bytes


@dataclass
class Gate:
    """One box: a log, and the agent's memory. A clone shares the device with its original."""

    log: Log
    state: State = field(default_factory=lambda: State(acked=None, next_sync_s=60))
    action: Action = field(default_factory=lambda: Wait(0))


class BadNetwork(RuleBasedStateMachine):
    """Records, pushes, loses, repeats, restores and clones in any order."""

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="hub-", dir=RAM if RAM.is_dir() else None))
        self.hub: Hub = a_hub(self.folder, DEVICES)
        self.back_the_hub_up()
        self.gates = [Gate(Log(device)) for device in DEVICES]
        self.snapshots: list[tuple[int, Log, Position | None]] = []
        self.captured: list[Sending] = []
        self.mark = 0

    @rule(number=GATES, count=st.integers(1, 2 * BATCH + 1))
    def record(self, number: int, count: int) -> None:
        self.mark += 1
        self._gate(number).log.record(count, f"-{self.mark}")

    @rule(number=GATES, fates=st.lists(st.sampled_from(Fate), min_size=1, max_size=6))
    def sync(self, number: int, fates: list[Fate]) -> None:
        gate = self._gate(number)
        for fate in fates:
            if isinstance(gate.action, Wait):
                self._step(gate, fate)
            self._step(gate, fate)

    @rule(number=GATES)
    def take_snapshot_of_a_card(self, number: int) -> None:
        gate = self._gate(number)
        place = self.gates.index(gate)
        self.snapshots.append((place, gate.log.copy(), gate.state.acked))

    @precondition(lambda self: self.snapshots)
    @rule(which=st.integers(0, 9), outbox=st.sampled_from(["restored", "kept", "lost"]))
    def restore_a_card(self, which: int, outbox: str) -> None:
        place, log, acked = self.snapshots[which % len(self.snapshots)]
        old = self.gates[place].state.acked
        known = {"restored": acked, "kept": old, "lost": None}[outbox]
        self.gates[place] = Gate(log.copy(), State(acked=known, next_sync_s=60))

    @precondition(lambda self: len(self.gates) < 4)
    @rule(number=GATES)
    def clone_a_card(self, number: int) -> None:
        gate = self._gate(number)
        self.gates.append(Gate(gate.log.copy(), State(acked=gate.state.acked, next_sync_s=60)))

    @rule()
    def back_the_hub_up(self) -> None:
        self._store().backup(self.folder / "backup.db")

    @rule()
    def restore_the_hub(self) -> None:
        self.hub.store.close()
        for part in self.folder.glob("hub.db*"):
            part.unlink()
        shutil.copy(self.folder / "backup.db", self.folder / "hub.db")
        self._open("hub.db")

    @precondition(lambda self: self.captured)
    @rule(which=st.integers(0, 99))
    def replay_an_old_request(self, which: int) -> None:
        self._deliver(self.captured[which % len(self.captured)])

    def teardown(self) -> None:
        try:
            for gate in self.gates:
                self._drain(gate)
            for gate in self.gates:  # a later gate's drain must not have cost an earlier one
                self._drain(gate)
            self._nothing_missing()
            for device in DEVICES:
                self._tree_is_sound(device.device_id)
        finally:
            self.hub.store.close()
            shutil.rmtree(self.folder)

    def _drain(self, gate: Gate) -> None:
        """Let the gate work undisturbed, one heartbeat at least: the hub may have been restored."""
        if isinstance(gate.action, Wait):
            self._step(gate, Fate.DELIVERED)
        for _ in range(200):
            last = gate.log.last()
            arrived = gate.state.acked == last and gate.state.condition is Condition.IDLE
            if arrived and isinstance(gate.action, Wait):
                return
            self._step(gate, Fate.DELIVERED)
        raise AssertionError("the gate never got through")

    def _nothing_missing(self) -> None:
        for gate in self.gates:
            there = set(lines_at(self.folder / "hub.db", gate.log.device))
            assert {(line.seq, line.head, line.line) for line in gate.log.lines} <= there

    def _tree_is_sound(self, device_id: str) -> None:
        """Rebuild the tree from the lines alone and count its leaves."""
        device = next(device for device in DEVICES if device.device_id == device_id)
        rows = lines_at(self.folder / "hub.db", device)
        places = {(seq, head) for seq, head, _ in rows}
        assert len(places) == len(rows)
        genesis = Log(device).genesis
        parents = set()
        for seq, head, line in rows:
            before = {(0, genesis)} if seq == 1 else {p for p in places if p[0] == seq - 1}
            (parent,) = [p for p in before if chain.extend(p[1], line) == head]
            parents.add(parent)
        leaves = len(places - parents)
        (gate,) = [row for row in self.hub.store.gates() if row.device_id == device_id]
        assert gate.heads == leaves
        assert gate.entries == len(rows)

    def _step(self, gate: Gate, fate: Fate) -> None:
        if isinstance(gate.action, Wait):
            event: Event = Woken()
        elif isinstance(gate.action, Push):
            event = self._push(gate, fate)
        else:
            event = self._locate(gate, fate)
        gate.state, gate.action = advance(gate.state, event, 0.5)

    def _push(self, gate: Gate, fate: Fate) -> Event:
        acked = gate.state.acked
        if acked is None or gate.log.head_at(acked.seq) != acked.head:
            return Diverged()
        limit = min(BATCH, gate.state.max_entries)
        outgoing = gate.log.push_after(acked.seq, limit)
        headers = {name.lower(): value for name, value in outgoing.headers.items()}
        device_id = gate.log.device.device_id
        request = Sending(device_id, {**headers, "content-encoding": "gzip"}, outgoing.body)
        answer = self._send(request, fate)
        if answer is None:
            return Trouble(Condition.OFFLINE)
        event = read_push_answer(
            answer,
            Sent(outgoing.sent.end, outgoing.sent.queue),
            gate.log.device.private_key.public_key(),
            identity_of(self.hub),
        )
        assert not isinstance(event, Trouble)
        if isinstance(event, Acked):
            assert event.archived.seq <= event.position.seq
        return event

    def _locate(self, gate: Gate, fate: Fate) -> Event:
        offered = tuple(
            Position(seq, head)
            for seq in locator(gate.log.last().seq)
            if (head := gate.log.head_at(seq)) is not None
        )
        have = tuple(protocol.Cursor(p.seq, protocol.encode_bytes(p.head)) for p in offered)
        body = msgspec.json.encode(
            protocol.LocateRequest(protocol.encode_bytes(gate.log.nonce), have)
        )
        answer = self._send(Sending(gate.log.device.device_id, None, body), fate)
        return Trouble(Condition.OFFLINE) if answer is None else read_locate_answer(answer, offered)

    def _send(self, request: Sending, fate: Fate) -> Answer | None:
        self.captured.append(request)
        if fate is Fate.REQUEST_LOST:
            return None
        answer = self._deliver(request)
        return None if fate is Fate.ANSWER_LOST else answer

    def _deliver(self, request: Sending) -> Answer:
        device = self.hub.store.device(request.device_id)
        assert device is not None
        reply: msgspec.Struct
        try:
            if request.headers is None:
                reply = self.hub.find_common(device, request.body, NOON)
            else:
                reply = self.hub.take(device, request.headers, request.body, NOON)
        except Refusal as refusal:
            error = protocol.ErrorReply(refusal.code, 0)
            return an_answer(STATUS[refusal.code], msgspec.json.encode(error))
        return an_answer(200, msgspec.json.encode(reply))

    def _gate(self, number: int) -> Gate:
        return self.gates[number % len(self.gates)]

    def _store(self) -> SqliteStore:
        assert isinstance(self.hub.store, SqliteStore)
        return self.hub.store

    def _open(self, name: str) -> None:
        self.hub = Hub(
            self.hub.config, SqliteStore(self.folder / name), self.hub.keys, self.hub.clock
        )


TestBadNetwork = BadNetwork.TestCase
TestBadNetwork.settings = settings(
    max_examples=80,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
