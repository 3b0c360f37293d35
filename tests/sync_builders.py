"""Gates, logs, batches and hubs for tests of the protocol."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scanner.domain.entries import encode_entry
from scanner.ledger import chain
from scanner.ledger.device import Device
from scanner.ledger.position import Position
from scanner.ledger.reader import Line
from scanner.ledger.store import Ledger
from sync import protocol, signatures
from sync.agent.answers import Answer, HubIdentity
from sync.agent.outgoing import Instant, Outgoing, compose
from sync.hub.enrolment import make_token, token_hash
from sync.hub.keys import load_or_create_keys
from sync.hub.server import HubServer, listen, start_notifier
from sync.hub.service import Hub, HubConfig
from sync.hub.store.sqlite import SqliteStore
from sync.hub.trace_keys import HubTraceKeys
from tests.ledger_builders import NOON, an_entry

URL = "https://hub.example"
BOOT = "5f1c7a52-7a52-4c1e-9d3b-0242ac120002"


def a_device(number: int = 1) -> Device:
    """The same device for the same number."""
    return Device(Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32))


class Log:
    """A gate's log in memory, with what `LedgerReader` can be asked."""

    def __init__(self, device: Device, nonce: bytes = b"n" * 16) -> None:
        self.device = device
        self.nonce = nonce
        self.lines: list[Line] = []

    @property
    def genesis(self) -> bytes:
        return chain.genesis(self.device.device_id, self.nonce)

    def last(self) -> Position:
        return Position(len(self.lines), self.head_at(len(self.lines)) or b"")

    def head_at(self, seq: int) -> bytes | None:
        if seq == 0:
            return self.genesis
        return self.lines[seq - 1].head if seq <= len(self.lines) else None

    def lines_after(self, seq: int, limit: int) -> list[Line]:
        return self.lines[seq : seq + limit]

    def record(self, count: int = 1, mark: str = "") -> "Log":
        """Append entries; `mark` makes them differ from others of the same number."""
        for seq in range(len(self.lines) + 1, len(self.lines) + count + 1):
            self.append(encode_entry(an_entry(seq, policy=f"default/1{mark}")))
        return self

    def append(self, line: bytes) -> None:
        last = self.last()
        self.lines.append(Line(last.seq + 1, line, chain.extend(last.head, line)))

    def copy(self) -> "Log":
        twin = Log(self.device, self.nonce)
        twin.lines = list(self.lines)
        return twin

    def push_after(self, seq: int, limit: int = 500, instant: Instant | None = None) -> Outgoing:
        """What the agent would send after `seq`."""
        head = self.head_at(seq)
        assert head is not None
        outgoing = compose(
            self.device,
            self.nonce,
            Position(seq, head),
            self.lines_after(seq, limit),
            self.last(),
            instant or Instant(NOON, BOOT, 1),
        )
        assert outgoing is not None
        return outgoing


def a_push(
    log: Log, after: int = 0, limit: int = 500, at: datetime = NOON, url: str = URL
) -> signatures.Request:
    """A push of the lines after `after`, signed as the agent signs."""
    outgoing = log.push_after(after, limit)
    device = log.device
    path = protocol.ENTRIES_PATH.format(device=device.device_id)
    more = {
        "Content-Type": protocol.NDJSON,
        "Content-Encoding": "gzip",
        protocol.REQUEST_NONCE: "0123456789abcdefghijkl",
    }
    request = signatures.Request("POST", url + path, {**more, **outgoing.headers}, outgoing.body)
    return lower(
        signatures.sign(
            request, signatures.PUSH_COMPONENTS, device.device_id, device.private_key, at
        )
    )


def lower(request: signatures.Request) -> signatures.Request:
    """The request as the hub's server hands it on: header names in lower case."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    return signatures.Request(request.method, request.url, headers, request.body)


def an_answer(
    status: int,
    body: bytes = b"",
    *,
    from_hub: bool = True,
    headers: dict[str, str] | None = None,
) -> Answer:
    """An HTTP answer that took two seconds."""
    nonce = "0123456789abcdefghijkl"
    echo = {protocol.REQUEST_NONCE.lower(): nonce} if from_hub else {}
    return Answer(
        status,
        {**echo, **(headers or {})},
        body,
        nonce,
        NOON,
        NOON + timedelta(seconds=2),
        sent_up_ms=60_000,
        received_up_ms=62_000,
    )


def a_hub(
    folder: Path,
    devices: Sequence[Device] = (),
    *,
    at: datetime | None = NOON,
    url: str = URL,
    trust: Path | None = None,
    notify_url: str | None = None,
) -> Hub:
    """A hub on a real database that knows `devices`; `at` None runs it by the real clock."""
    keys = load_or_create_keys(folder)
    store = SqliteStore(folder / "hub.db")
    now = at or datetime.now(UTC)
    for number, device in enumerate(devices, 1):
        token = token_hash(make_token(store, keys, now, timedelta(hours=1)))
        assert token is not None
        names = ("Riverside", f"Gate {number}")
        assert store.enrol(token, device.device_id, device.public_bytes, names, now)
    config = HubConfig(
        title="Test hub",
        public_url=url,
        next_sync_s=60,
        linger_s=0,
        trust=trust,
        notify_url=notify_url,
    )
    clock = (lambda: at) if at else lambda: datetime.now(UTC)
    return Hub(config, store, keys, clock, HubTraceKeys(folder))


def identity_of(hub: Hub) -> HubIdentity:
    """What a gate has pinned of that hub."""
    return HubIdentity(hub.keys.name, hub.keys.signing.public_key())


def lines_at(database: Path, device: Device) -> list[tuple[int, bytes, bytes]]:
    """(seq, head, line) of everything that a hub's file holds of a device, by seq."""
    import sqlite3

    with sqlite3.connect(database) as db:
        rows: list[tuple[int, bytes, bytes]] = db.execute(
            "SELECT seq, head, entries.line FROM entries JOIN devices USING (device_no)"
            " WHERE device_id = ? ORDER BY seq, head",
            (device.device_id,),
        ).fetchall()
    db.close()
    return rows


def lines_of(log: Log) -> list[tuple[int, bytes, bytes]]:
    """The same of a gate's log."""
    return [(line.seq, line.head, line.line) for line in log.lines]


def a_ledger(path: Path, device: Device, count: int) -> None:
    """A real ledger with `count` more entries."""
    with Ledger.open(path, device.device_id) as ledger:
        for _ in range(count):
            ledger.append(an_entry(ledger.next_seq))


@contextmanager
def served(
    folder: Path,
    devices: Sequence[Device],
    trust: Path | None = None,
    notify_url: str | None = None,
) -> Iterator[tuple[Hub, int]]:
    """A real hub on a free port of the loopback, by the real clock."""
    with listen("127.0.0.1", 0) as listener:
        port: int = listener.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        hub = a_hub(folder, devices, at=None, url=url, trust=trust, notify_url=notify_url)
        start_notifier(hub)
        server = HubServer(hub)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield hub, port
        finally:
            server.should_exit = True
            thread.join()
            hub.store.close()


def wait_until(condition: Callable[[], bool], timeout_s: float = 60) -> None:
    """Return as soon as `condition` holds; fail when it never does."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)
