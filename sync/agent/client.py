"""The agent's HTTP: one signed request, one answer, under a deadline and a size limit."""

import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import requests

from scanner.ledger.device import Device
from sync import protocol, signatures
from sync.agent.answers import Answer
from sync.agent.deadline import Deadline, OverdueError

CONNECT_S: Final = 5
READ_S: Final = 30
DEADLINE_S: Final = 60
_AGENT: Final = "checkpoint-sync"
_CHUNK: Final = 8192
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class UnreachableError(Exception):
    """No answer: no route, no connection, TLS not proven, too slow, too long, or cut off."""


class HubClient:
    """Speaks to the hub at `url` for one device. Not for use by several threads at once."""

    def __init__(self, url: str, device: Device, *, deadline_s: float = DEADLINE_S) -> None:
        self._url = url.rstrip("/")
        self._device = device
        self._deadline = Deadline(deadline_s, "hub-request")
        self._session: requests.Session | None = None

    def push(self, headers: dict[str, str], body: bytes, offset: timedelta) -> Answer:
        """Post compressed lines. `offset` is added to our clock when signing.

        Raises:
            UnreachableError: there is no whole answer; the hub may or may not have committed.
        """
        path = protocol.ENTRIES_PATH.format(device=self._device.device_id)
        headers = {**headers, "Content-Type": protocol.NDJSON, "Content-Encoding": "gzip"}
        return self._post(path, headers, body, signatures.PUSH_COMPONENTS, offset)

    def locate(self, body: bytes, offset: timedelta) -> Answer:
        """Post a locator.

        Raises:
            UnreachableError: there is no whole answer.
        """
        path = protocol.LOCATE_PATH.format(device=self._device.device_id)
        headers = {"Content-Type": protocol.JSON}
        return self._post(path, headers, body, signatures.MESSAGE_COMPONENTS, offset)

    def sunset(self, body: bytes, offset: timedelta) -> Answer:
        """Post the last certificate.

        Raises:
            UnreachableError: there is no whole answer; the hub may or may not have it.
        """
        path = protocol.SUNSET_PATH.format(device=self._device.device_id)
        headers = {"Content-Type": protocol.JSON}
        return self._post(path, headers, body, signatures.MESSAGE_COMPONENTS, offset)

    def neighbours(self, body: bytes, offset: timedelta) -> Answer:
        """Leave datagrams for the other gates of the site, and ask for theirs.

        Raises:
            UnreachableError: there is no whole answer.
        """
        path = protocol.NEIGHBOURS_PATH.format(device=self._device.device_id)
        headers = {"Content-Type": protocol.JSON}
        return self._post(path, headers, body, signatures.MESSAGE_COMPONENTS, offset)

    def enrol(self, body: bytes, offset: timedelta) -> Answer:
        """Post an enrolment.

        Raises:
            UnreachableError: there is no whole answer.
        """
        headers = {"Content-Type": protocol.JSON}
        return self._post(protocol.ENROL_PATH, headers, body, signatures.MESSAGE_COMPONENTS, offset)

    def time(self) -> Answer:
        """Ask for the hub's time: whether there is a hub, and how our clock compares.

        Raises:
            UnreachableError: there is no whole answer.
        """
        nonce = secrets.token_urlsafe(16)
        request = signatures.Request(
            "GET", self._url + protocol.TIME_PATH, {protocol.REQUEST_NONCE: nonce}, b""
        )
        return self._within_deadline(lambda session: _exchange(session, request, nonce))

    def close(self) -> None:
        """Close the connection; the next request opens a new one."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _post(
        self,
        path: str,
        headers: dict[str, str],
        body: bytes,
        components: tuple[str, ...],
        offset: timedelta,
    ) -> Answer:
        nonce = secrets.token_urlsafe(16)
        request = signatures.Request(
            "POST", self._url + path, {**headers, protocol.REQUEST_NONCE: nonce}, body
        )
        signed = signatures.sign(
            request,
            components,
            self._device.device_id,
            self._device.private_key,
            datetime.now(UTC) + offset,
        )
        return self._within_deadline(lambda session: _exchange(session, signed, nonce))

    def _within_deadline(self, exchange: Callable[[requests.Session], Answer]) -> Answer:
        session = self._session or self._open()
        self._session = None
        try:
            answer = self._deadline.run(lambda: exchange(session))
        except OverdueError as error:
            raise UnreachableError(str(error)) from error
        except (requests.RequestException, OSError, ValueError, UnreachableError) as error:
            session.close()
            raise UnreachableError(type(error).__name__) from error
        self._session = session
        return answer

    def _open(self) -> requests.Session:
        return open_session(self._url)


def open_session(url: str) -> requests.Session:
    """A session that sends few headers, and goes through the machine's proxy unless `url` is us."""
    session = requests.Session()
    session.headers.clear()
    session.headers.update({"User-Agent": _AGENT, "Accept-Encoding": "identity"})
    session.trust_env = urlsplit(url).hostname not in _LOOPBACK
    return session


def up_ms() -> int:
    """Milliseconds since boot, sleep included: the clock that the gate's entries count by."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000


def _exchange(session: requests.Session, request: signatures.Request, nonce: str) -> Answer:
    sent_at, sent_up_ms = datetime.now(UTC), up_ms()
    with session.request(
        request.method,
        request.url,
        data=request.body,
        headers=request.headers,
        timeout=(CONNECT_S, READ_S),
        allow_redirects=False,
        stream=True,
    ) as response:
        received_at, received_up_ms = datetime.now(UTC), up_ms()
        body = bytearray()
        for chunk in response.iter_content(_CHUNK):
            body += chunk
            if len(body) > protocol.MAX_ANSWER_BYTES:
                raise UnreachableError("the answer is too long")
        return Answer(
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            body=bytes(body),
            nonce=nonce,
            sent_at=sent_at,
            received_at=received_at,
            sent_up_ms=sent_up_ms,
            received_up_ms=received_up_ms,
        )
