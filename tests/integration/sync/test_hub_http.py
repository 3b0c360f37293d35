"""The hub as strangers see it: limits, identities, headers, the page."""

import http.client
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import requests

from scanner.domain.entries import TrustWay, encode_entry
from scanner.gate.records import Moment, TrustState, trust_entry
from sync import protocol
from sync.hub.service import Hub
from sync.protocol import ErrorCode, ErrorReply, PushReply
from sync.signatures import Request
from tests.ledger_builders import NOON, an_entry
from tests.sync_builders import Log, a_device, a_push, served

DEVICE = a_device()
NONCE = {"Request-Nonce": "0123456789abcdefghijkl"}


class Wire:
    """Sends whole requests to one hub, signed for its public URL."""

    def __init__(self, hub: Hub, port: int) -> None:
        self.hub = hub
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def push(self, log: Log, at: datetime | None = None) -> requests.Response:
        return self.send(self.signed(log, at))

    def signed(self, log: Log, at: datetime | None = None) -> Request:
        return a_push(log, at=at or datetime.now(UTC), url=self.url)

    def send(self, request: Request) -> requests.Response:
        return requests.request(
            request.method, request.url, data=request.body, headers=request.headers, timeout=10
        )


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    folder: Path = tmp_path_factory.mktemp("hub")
    with served(folder, [DEVICE]) as (hub, port):
        yield Wire(hub, port)


def code_of(response: requests.Response) -> ErrorCode:
    return msgspec.json.decode(response.content, type=ErrorReply).error


def test_a_signed_push_is_acknowledged_and_its_replay_is_harmless(wire: Wire) -> None:
    request = wire.signed(Log(DEVICE).record(3))
    first, second = (
        msgspec.json.decode(wire.send(request).content, type=PushReply) for _ in range(2)
    )
    assert (first.acked.seq, first.written, first.duplicate) == (3, 3, 0)
    assert (second.acked, second.written, second.duplicate) == (first.acked, 0, 3)


def test_every_answer_repeats_the_nonce_even_a_refusal(wire: Wire) -> None:
    for path in ("/v1/time", "/healthz", "/", "/v2/anything", "/v1/devices/x/entries"):
        answer = requests.get(wire.url + path, headers=NONCE, timeout=10)
        assert answer.headers["Request-Nonce"] == NONCE["Request-Nonce"], path


def test_a_nonce_that_is_none_is_not_repeated(wire: Wire) -> None:
    answer = requests.get(wire.url, headers={"Request-Nonce": "<b>"}, timeout=10)
    assert "Request-Nonce" not in answer.headers


def test_the_time_is_the_hubs(wire: Wire) -> None:
    answer = requests.get(wire.url + protocol.TIME_PATH, timeout=10)
    assert answer.status_code == 204
    assert abs(int(answer.headers["Hub-Time"]) / 1000 - datetime.now(UTC).timestamp()) < 10


def test_an_unknown_gate_and_a_broken_signature_get_the_same_code(wire: Wire) -> None:
    unknown = wire.push(Log(a_device(7)).record(1))
    request = wire.signed(Log(DEVICE).record(1))
    headers = {**request.headers, "log-backlog": "7"}
    broken = wire.send(Request(request.method, request.url, headers, request.body))
    assert (unknown.status_code, broken.status_code) == (401, 401)
    assert code_of(unknown) is code_of(broken) is ErrorCode.IDENTITY


def test_a_wrong_clock_is_told_the_right_time(wire: Wire) -> None:
    answer = wire.push(Log(DEVICE).record(1), at=datetime.now(UTC) - timedelta(hours=2))
    reply = msgspec.json.decode(answer.content, type=ErrorReply)
    assert (answer.status_code, reply.error) == (401, ErrorCode.CLOCK)
    assert abs(reply.server_time / 1000 - datetime.now(UTC).timestamp()) < 10


def test_a_long_body_is_refused_before_it_is_sent(wire: Wire) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", wire.port, timeout=10)
    path = protocol.ENTRIES_PATH.format(device=DEVICE.device_id)
    connection.putrequest("POST", path)
    connection.putheader("Content-Type", protocol.NDJSON)
    connection.putheader("Content-Length", str(1 << 40))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_a_body_without_a_length_is_cut_at_the_limit(wire: Wire) -> None:
    path = protocol.ENTRIES_PATH.format(device=DEVICE.device_id)
    answer = requests.post(
        wire.url + path,
        data=iter([b"x" * 65_536] * 16),
        headers={"Content-Type": protocol.NDJSON},
        timeout=10,
    )
    assert answer.status_code == 413


def test_the_page_escapes_what_a_gate_calls_itself(wire: Wire) -> None:
    store, other = wire.hub.store, a_device(3)
    now = datetime.now(UTC)
    store.add_token(b"t" * 32, now, now + timedelta(hours=1))
    names = ("<script>alert(1)</script>", "'\"><img src=x>")
    assert store.enrol(b"t" * 32, other.device_id, other.public_bytes, names, now)
    answer = requests.get(wire.url, timeout=10)
    assert "<script>" not in answer.text
    assert "<img" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none';")


def test_an_entry_of_an_impossible_time_does_not_take_the_page_away(wire: Wire) -> None:
    log = Log(DEVICE, nonce=b"t" * 16)
    line = encode_entry(an_entry(1)).replace(b"2026-11-23T12:00:03Z", b"0001-01-01T00:00:00+14:00")
    log.append(line)
    reply = msgspec.json.decode(wire.push(log).content, type=PushReply)
    assert (reply.written, reply.quarantined) == (1, 1)
    assert requests.get(wire.url, timeout=10).status_code == 200
    assert requests.get(wire.url + "/healthz", timeout=10).status_code == 200


def test_the_page_shows_gates_and_entries_and_nothing_sealed(wire: Wire) -> None:
    wire.push(Log(DEVICE).record(20))
    page = requests.get(wire.url, timeout=10).text
    assert "Gate 1" in page
    assert DEVICE.device_id in page
    assert "colour yellow" in page
    assert "Zhejiang" in page
    assert "AAAAAAAA" not in page, "the sealed field stays in its line"


def test_a_change_of_trust_is_read_and_shown(wire: Wire) -> None:
    entry = trust_entry(
        1,
        Moment(NOON, "boot", 1),
        before="1.1",
        way=TrustWay.STICK,
        policy="default/1",
        trust=TrustState("1.2", 60),
    )
    log = Log(DEVICE, nonce=b"k" * 16)
    log.append(encode_entry(entry))
    reply = msgspec.json.decode(wire.send(wire.signed(log)).content, type=PushReply)
    assert (reply.written, reply.quarantined) == (1, 0)
    assert ">Trust<" in requests.get(wire.url, timeout=5).text
