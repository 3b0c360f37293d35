"""A suspected forgery, from the gate's ledger to the supervisor: page, open pages, webhook."""

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
import requests

from scanner.domain.entries import encode_entry
from scanner.domain.passes import Algorithm
from scanner.ledger.reader import LedgerReader
from sync.hub.bell import Bell
from sync.hub.live import MOST_LISTENERS
from sync.hub.notifier import Notifier
from sync.hub.service import Hub
from tests.builders import a_code, a_key
from tests.gate_builders import Gate
from tests.ledger_builders import an_entry
from tests.sync_builders import Log, a_device, a_hub, a_push, served, wait_until

EAST, WEST = a_device(1), a_device(2)


class Webhook:
    """An operator's own server on the loopback, that keeps what it is told.

    Attributes:
        statuses: what it answers, one after the other; 204 once these are used up.
    """

    def __init__(self, *statuses: int) -> None:
        self.bodies: list[bytes] = []
        self.statuses = list(statuses)
        webhook = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout: ClassVar[int] = 10

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                webhook.bodies.append(self.rfile.read(length))
                status = webhook.statuses.pop(0) if webhook.statuses else 204
                self.send_response(status)
                if status // 100 == 3:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,)).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def told(self) -> list[dict[str, object]]:
        return [told for body in self.bodies for told in json.loads(body)["suspicions"]]


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    webhook = Webhook()
    yield webhook
    webhook.close()


def forgery(digest: str = "ab" * 32, seq: int = 1) -> bytes:
    """A gate's line about a code that looked forged."""
    return encode_entry(
        an_entry(seq, digest=digest, claimed_issuer="33", reasons=("bad_signature",), issuer=None)
    )


def pushed(log: Log, port: int) -> None:
    url = f"http://127.0.0.1:{port}"
    request = a_push(log, at=datetime.now(UTC), url=url)
    answer = requests.post(request.url, data=request.body, headers=request.headers, timeout=10)
    assert answer.status_code == 200, answer.text


def sent(device: object, port: int, *lines: bytes) -> None:
    assert isinstance(device, type(EAST))
    log = Log(device)
    for line in lines:
        log.append(line)
    pushed(log, port)


def test_a_forgery_at_a_gate_reaches_page_and_webhook(tmp_path: Path, webhook: Webhook) -> None:
    """From the code's text through a real gate's ledger."""
    gate = Gate(tmp_path, [a_key("33")])
    text = a_code(a_key("33", Algorithm.PS256))
    gate.verdict(text)
    gate.ledger.close()
    with LedgerReader(tmp_path / "ledger.db") as reader:
        lines = [line.line for line in reader.lines_after(0, 10, 65_536)]
    with served(tmp_path / "hub", [EAST], notify_url=webhook.url) as (_hub, port):
        sent(EAST, port, *lines)
        page = requests.get(f"http://127.0.0.1:{port}/", timeout=10).text
        wait_until(lambda: bool(webhook.bodies))
    (told,) = webhook.told()
    assert "Suspected forgeries" in page
    assert "<code>" + str(told["digest"]) in page
    assert "unknown key" in page
    assert "Zhejiang 浙江" in page
    assert (told["issuer"], told["reasons"], told["gate"]) == ("33", ["unknown_key"], "Gate 1")
    everything = page.encode() + b"".join(webhook.bodies)
    for private in (b"123X", "张".encode(), b"code-001", text.encode()):
        assert private not in everything


def test_one_code_at_two_gates_is_one_line_of_the_page(tmp_path: Path) -> None:
    with served(tmp_path, [EAST, WEST]) as (_hub, port):
        sent(EAST, port, forgery(), forgery(seq=2), forgery("cd" * 32, seq=3))
        sent(WEST, port, forgery())
        page = requests.get(f"http://127.0.0.1:{port}/", timeout=10).text
    assert page.count("<code>abababababababab</code>") == 1
    assert "<code>cdcdcdcdcdcdcdcd</code>" in page
    assert "Gate 2, Riverside · Gate 1, Riverside" in page
    assert "at 2 gates" in page
    assert "<b>2</b> suspected forgeries" in page


def test_a_page_without_a_suspicion_shows_none(tmp_path: Path) -> None:
    with served(tmp_path, [EAST]) as (_hub, port):
        pushed(Log(EAST).record(3), port)
        page = requests.get(f"http://127.0.0.1:{port}/", timeout=10).text
    assert "Suspected forgeries" not in page
    assert "<b>0</b> suspected forgeries" in page


def test_an_open_page_hears_of_a_forgery_at_once_and_of_nothing_else(tmp_path: Path) -> None:
    with served(tmp_path, [EAST]) as (hub, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("GET", "/events")
        answer = connection.getresponse()
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        wait_until(lambda: len(hub.bell) == 1)
        assert answer.readline() == b": alive\n"
        assert answer.readline() == b"\n"
        log = Log(EAST).record(3)
        pushed(log, port)
        log.append(forgery(seq=4))
        pushed(log, port)
        assert answer.readline() == b"event: suspicion\n"
        assert answer.readline() == b"data:\n"
        connection.close()


def test_a_hub_that_goes_down_ends_the_streams_of_open_pages(tmp_path: Path) -> None:
    with served(tmp_path, [EAST]) as (hub, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=9)
        connection.request("GET", "/events")
        answer = connection.getresponse()
        wait_until(lambda: len(hub.bell) == 1)
    assert answer.read() == b": alive\n\n"
    connection.close()


def test_gates_find_a_connection_however_many_pages_are_open(tmp_path: Path) -> None:
    with served(tmp_path, [EAST]) as (hub, port):
        open_pages = ExitStack()
        for _ in range(MOST_LISTENERS):
            open_pages.enter_context(hub.bell.listening(lambda: None))
        answer = requests.get(f"http://127.0.0.1:{port}/events", timeout=10)
    assert answer.status_code == 503


def test_the_page_may_run_its_own_script_and_no_other(tmp_path: Path) -> None:
    with served(tmp_path, [EAST]) as (_hub, port):
        page = requests.get(f"http://127.0.0.1:{port}/", timeout=10)
        script = requests.get(f"http://127.0.0.1:{port}/static/hub.js", timeout=10)
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert 'src="/static/hub.js?' in page.text
    assert 'EventSource("/events")' in script.text


def quickly(hub: Hub, webhook: Webhook) -> Notifier:
    return Notifier(webhook.url, "Test hub", hub.store, hub.bell, backoff_s=0.01)


def suspect(hub: Hub, *digests: str, device: object = EAST) -> None:
    """What a gate's push does, without its HTTP."""
    assert isinstance(device, type(EAST))
    log = Log(device)
    for seq, digest in enumerate(digests, 1):
        log.append(forgery(digest, seq))
    request = a_push(log)
    hub.push(device.device_id, request)


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_webhook_that_stumbles_is_asked_again(
    tmp_path: Path, webhook: Webhook, status: int
) -> None:
    webhook.statuses = [status, status]
    hub = a_hub(tmp_path, [EAST])
    quickly(hub, webhook).start()
    suspect(hub, "ab" * 32)
    wait_until(lambda: len(webhook.bodies) == 3)
    wait_until(lambda: not hub.store.untold(10))
    assert len(set(webhook.bodies)) == 1
    hub.bell.close()


@pytest.mark.parametrize("status", [302, 404])
def test_what_a_webhook_refuses_is_told_at_the_next_ring(
    tmp_path: Path, webhook: Webhook, status: int
) -> None:
    webhook.statuses = [status]
    hub = a_hub(tmp_path, [EAST, WEST])
    quickly(hub, webhook).start()
    suspect(hub, "ab" * 32)
    wait_until(lambda: len(webhook.bodies) == 1)
    suspect(hub, "cd" * 32, device=WEST)
    wait_until(lambda: not hub.store.untold(10))
    assert [told["digest"] for told in webhook.told()][-2:] == ["ab" * 8, "cd" * 8]
    hub.bell.close()


def test_a_restarted_hub_tells_what_its_webhook_did_not_take(
    tmp_path: Path, webhook: Webhook
) -> None:
    hub = a_hub(tmp_path, [EAST])
    hub.store.begin_telling()
    suspect(hub, "ab" * 32, "cd" * 32)
    hub.store.close()
    again = a_hub(tmp_path)
    quickly(again, webhook).start()
    wait_until(lambda: len(webhook.told()) == 2)
    again.bell.close()


def test_a_webhook_is_not_told_what_came_before_it_was_named(
    tmp_path: Path, webhook: Webhook
) -> None:
    hub = a_hub(tmp_path, [EAST, WEST])
    suspect(hub, "ab" * 32)
    quickly(hub, webhook).start()
    suspect(hub, "cd" * 32, device=WEST)
    wait_until(lambda: bool(webhook.bodies))
    assert [told["digest"] for told in webhook.told()] == ["cd" * 8]
    hub.bell.close()


def test_a_flood_is_told_in_messages_of_a_hundred(tmp_path: Path, webhook: Webhook) -> None:
    hub = a_hub(tmp_path, [EAST])
    hub.store.begin_telling()
    suspect(hub, *(f"{number:064x}" for number in range(250)))
    quickly(hub, webhook).start()
    wait_until(lambda: len(webhook.told()) == 250)
    assert [len(json.loads(body)["suspicions"]) for body in webhook.bodies] == [100, 100, 50]
    hub.bell.close()


def test_a_webhook_that_does_not_answer_holds_up_no_push(tmp_path: Path) -> None:
    """Nobody is at the other end; the gate's entry is acknowledged all the same."""
    hub = a_hub(tmp_path, [EAST])
    Notifier("http://127.0.0.1:9/", "Test hub", hub.store, hub.bell, backoff_s=0.01).start()
    suspect(hub, "ab" * 32)
    assert [row.digest for row in hub.store.untold(10)] == ["ab" * 32]
    hub.bell.close()


def test_a_suspicion_leaves_the_page_after_a_fortnight(tmp_path: Path) -> None:
    hub = a_hub(tmp_path, [EAST])
    suspect(hub, "ab" * 32)
    now = hub.clock()
    assert hub.store.suspicions(now - timedelta(days=14), 10)
    assert not hub.store.suspicions(now + timedelta(seconds=1), 10)


def test_a_bell_rings_for_those_who_listen_now() -> None:
    bell, heard = Bell(), []
    with bell.listening(lambda: heard.append("first")):
        bell.ring()
    bell.ring()
    assert (heard, len(bell)) == (["first"], 0)
