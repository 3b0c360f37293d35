"""A trust repository at an address, as `scanner.trust.bundle` reads it."""

import io
from http import HTTPStatus
from typing import BinaryIO, Final

from scanner.trust.bundle import layout
from scanner.trust.bundle.sources import RepositorySource
from sync.agent.trust_fetch import CaptiveError, TrustFetcher

_JSON: Final = ".json"
_OPENINGS: Final = b"{[ \t\r\n"


class HttpSource(RepositorySource):
    """A repository below `url`.

    The timestamp, which every refresh asks for, is remembered with its ETag: a hub that has nothing
    newer then answers with a few headers.
    """

    def __init__(self, url: str, fetcher: TrustFetcher | None = None) -> None:
        self._url = url.rstrip("/")
        self._fetcher = fetcher or TrustFetcher(self._url)
        self._timestamp = b""
        self._etag = ""

    def open(self, name: str, offset: int = 0) -> BinaryIO | None:
        """The file `name` from byte `offset` on; None when the server has none.

        Raises:
            CaptiveError: something else than a repository answers.
            SourceError: the file cannot be fetched now.
        """
        if name == layout.TIMESTAMP_FILE:
            return self._open_timestamp()
        fetched = self._fetcher.get(f"{self._url}/{name}", offset)
        if fetched.status != HTTPStatus.OK:
            return None
        if name.endswith(_JSON) and not offset:
            _check_opening(fetched.body)
        return fetched.body

    def close(self) -> None:
        """Close the connection; the next request opens a new one."""
        self._fetcher.close()

    def _open_timestamp(self) -> BinaryIO | None:
        fetched = self._fetcher.get(f"{self._url}/{layout.TIMESTAMP_FILE}", etag=self._etag)
        if fetched.status == HTTPStatus.NOT_MODIFIED and self._etag:
            return io.BytesIO(self._timestamp)
        if fetched.status != HTTPStatus.OK:
            return None
        with fetched.body as body:
            _check_opening(body)
            self._timestamp = body.read(layout.MAX_TIMESTAMP + 1)
        self._etag = fetched.etag
        return io.BytesIO(self._timestamp)


def _check_opening(body: io.BufferedReader) -> None:
    """A login page begins with "<", whatever type it claims; JSON never does."""
    first = body.peek(1)[:1]
    if first and first not in _OPENINGS:
        body.close()
        raise CaptiveError(
            "Something else than a repository answers: a login page?",
            "Log in at the network's page, or correct trust.url.",
        )
