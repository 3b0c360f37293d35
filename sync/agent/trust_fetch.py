"""The HTTP under a trust repository: one file from one byte on, as it comes, under a deadline.

Nothing here believes anything: who reads the bytes checks them against signatures. This room sees
to it that a network, a portal or a server can only ever be told apart into "here it is", "there is
none" and "come again later" (`SourceError`).
"""

import io
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import requests
import urllib3.exceptions
from tuf.api.exceptions import DownloadHTTPError
from tuf.ngclient.fetcher import FetcherInterface

from scanner.trust.bundle.sources import SourceError
from sync.agent.client import CONNECT_S, READ_S, open_session
from sync.agent.deadline import Deadline, OverdueError

PATIENCE_S: Final = 60.0
"""How long an answer may take; each `_BYTES_PER_S` of a body give it a second more."""

_BYTES_PER_S: Final = 4096
_CHUNK: Final = 64 << 10
_WAIT: Final = "Nothing is lost: it is tried again by itself."
_ABSENT: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_BUSY: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})


class CaptiveError(SourceError):
    """Something answers that has no repository: a login page, or a wrong address."""


class StatusError(SourceError):
    """The server answers that it cannot or will not, now."""

    def __init__(self, found: str, status: int) -> None:
        super().__init__(found, _WAIT)
        self.status = status


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer whose body can be read.

    Attributes:
        status: 200, 304 (the body is empty) or 404.
        etag: the server's name for this state of the file; empty when it gives none.
        body: from the asked byte on.
    """

    status: int
    etag: str
    body: io.BufferedReader


class TrustFetcher(FetcherInterface):
    """Fetches files for our own workflow, and for `tuf.ngclient`. Not for several threads at once.

    Args:
        url: where everything is that will be asked for; decides about the proxy.
        patience_s: as `PATIENCE_S`.
    """

    def __init__(self, url: str, *, patience_s: float = PATIENCE_S) -> None:
        self._url = url
        self._patience_s = patience_s
        self._deadline = Deadline(patience_s, "trust-request")
        self._session: requests.Session | None = None

    def get(self, url: str, offset: int = 0, etag: str = "") -> Fetched:
        """Ask for a file from byte `offset` on, unless it still is what `etag` names.

        Raises:
            CaptiveError: what answers is no repository.
            SourceError: there is no whole answer, or none that could be used now.
        """
        response = self._request(url, offset, etag)
        try:
            status = response.status_code
            if offset and status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                # The file is shorter than what we have of it: an end, which then does not verify.
                _let_go(response)
                return Fetched(HTTPStatus.OK, "", io.BufferedReader(_Nothing()))
            _check(response, offset)
            if status in _ABSENT or status == HTTPStatus.NOT_MODIFIED:
                _let_go(response)
                known = HTTPStatus.NOT_FOUND if status in _ABSENT else HTTPStatus.NOT_MODIFIED
                return Fetched(known, etag, io.BufferedReader(_Nothing()))
            if status == HTTPStatus.PARTIAL_CONTENT and not _begins_at(response, offset):
                response.close()
                response = self._request(url, 0, "")  # a server that cannot count: all of it again
                _check(response, 0)
            return self._opened(response, offset)
        except SourceError:
            response.close()
            raise

    def close(self) -> None:
        """Close the connection; the next request opens a new one."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _opened(self, response: requests.Response, offset: int) -> Fetched:
        length = response.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit() and len(length) <= len(str(1 << 40))):
            raise SourceError("An answer does not say how long it is.", _WAIT)
        coded = response.headers.get("Content-Encoding", "identity")
        if coded.lower() != "identity":
            raise SourceError("An answer is compressed, which nobody asked for.", _WAIT)
        body: io.BufferedReader = io.BufferedReader(
            _Body(response, int(length), self._patience_s), _CHUNK
        )
        if response.status_code == HTTPStatus.OK and offset:
            _skip(body, offset)
        etag = response.headers.get("ETag", "")
        return Fetched(HTTPStatus.OK, etag, body)

    def _request(self, url: str, offset: int, etag: str) -> requests.Response:
        session = self._session or open_session(self._url)
        self._session = None
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        if etag:
            headers["If-None-Match"] = etag
        try:
            response = self._deadline.run(
                lambda: session.get(
                    url,
                    headers=headers,
                    timeout=(CONNECT_S, READ_S),
                    allow_redirects=False,
                    stream=True,
                )
            )
        except OverdueError as error:
            raise SourceError(f"The hub is too slow: {error}.", _WAIT) from error
        except (requests.RequestException, OSError, ValueError) as error:
            session.close()
            raise SourceError(
                f"The hub does not answer ({type(error).__name__}).", _WAIT
            ) from error
        self._session = session
        return response

    def _fetch(self, url: str) -> Iterator[bytes]:
        try:
            fetched = self.get(url)
        except StatusError as error:
            raise DownloadHTTPError(error.found, error.status) from error
        if fetched.status != HTTPStatus.OK:
            raise DownloadHTTPError("There is no such file.", fetched.status)
        return _pieces(fetched.body)


class _Nothing(io.RawIOBase):
    """The body of an answer that has none."""

    def readable(self) -> bool:
        return True

    def readinto(self, _buffer: object, /) -> int:
        return 0


class _Body(io.RawIOBase):
    """A body as it comes; ends in an error when it breaks off, or comes too slowly."""

    def __init__(self, response: requests.Response, length: int, patience_s: float) -> None:
        self._response = response
        self._length = length
        self._left = length
        self._patience_s = patience_s
        self._began_s = time.monotonic()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        if not self._left:
            return 0
        try:
            chunk = self._response.raw.read1(min(len(buffer), self._left), decode_content=False)
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise SourceError(f"The answer broke off ({type(error).__name__}).", _WAIT) from error
        if not chunk:
            raise SourceError("The answer broke off.", _WAIT)
        buffer[: len(chunk)] = chunk
        self._left -= len(chunk)
        come = self._length - self._left
        if time.monotonic() - self._began_s > self._patience_s + come / _BYTES_PER_S:
            raise SourceError("The answer comes too slowly.", _WAIT)
        return len(chunk)

    def close(self) -> None:
        """Give the connection back if the whole body was read; close it otherwise."""
        if not self.closed:
            self._response.close()
        super().close()


def _check(response: requests.Response, offset: int) -> None:
    """Only what can be a repository's answer passes.

    Raises:
        SourceError: anything else.
    """
    status = response.status_code
    kind = response.headers.get("Content-Type", "").lower()
    is_page = kind.startswith(("text/html", "application/xhtml"))
    if 300 <= status < 400 and status != HTTPStatus.NOT_MODIFIED:
        raise CaptiveError("A redirect came instead of a repository: a login page?", _CAPTIVE)
    if status == HTTPStatus.NETWORK_AUTHENTICATION_REQUIRED or (status < 300 and is_page):
        raise CaptiveError("A page came instead of a repository: a login page?", _CAPTIVE)
    expected = {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED, *_ABSENT}
    if offset:
        expected.add(HTTPStatus.PARTIAL_CONTENT)
    if status in expected:
        return
    if status in _BUSY or status >= 500:
        raise StatusError(f"The hub asks to come again later (status {status}).", status)
    raise StatusError(f"The hub does not give the repository out (status {status}).", status)


_CAPTIVE: Final = "Log in at the network's page, or correct trust.url."


def _let_go(response: requests.Response) -> None:
    """Keep the connection if nothing follows on it; nobody reads a page that says "not found"."""
    if (
        response.status_code == HTTPStatus.NOT_MODIFIED
        or response.headers.get("Content-Length") == "0"
    ):
        response.raw.release_conn()
    response.close()


def _begins_at(response: requests.Response, offset: int) -> bool:
    """True when a partial answer says that it begins where we asked (RFC 9110 section 14.4)."""
    unit, _, extent = response.headers.get("Content-Range", "").partition(" ")
    return unit == "bytes" and extent.startswith(f"{offset}-")


def _skip(body: io.BufferedReader, offset: int) -> None:
    """Read away what we have already: this server does not know ranges."""
    while offset and (chunk := body.read(min(_CHUNK, offset))):
        offset -= len(chunk)


def _pieces(body: io.BufferedReader) -> Iterator[bytes]:
    with body:
        while chunk := body.read(_CHUNK):
            yield chunk
