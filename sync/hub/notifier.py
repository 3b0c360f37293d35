"""Tells the operator's webhook of suspected forgeries: a thread of its own, so that no gate waits.

What is to be told stands in the store, not in a queue: a webhook that is down for a night, or a hub
that is restarted, loses nothing, and a flood of forgeries costs no memory. After a restart the last
message may come twice; `entry` names each suspicion.
"""

import threading
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError
from urllib3.util import Retry

from scanner.log import EventLog
from sync.hub.bell import Bell
from sync.hub.store.base import HubStore, StoreError, SuspicionRow

MOST: Final = 100
"""Suspicions in one message."""

DIGEST_SHOWN: Final = 16
"""Hex digits; enough to tell a few thousand forgeries apart, too few to look one up elsewhere."""

_TIMEOUT_S: Final = (5, 10)  # to connect, to answer
_AGAIN: Final = (408, 429, 500, 502, 503, 504)
_NEXT_TRY_S: Final = 60.0


class Suspicion(msgspec.Struct, frozen=True):
    """One suspected forgery as the webhook learns of it: nothing that a code says of its holder.

    Attributes:
        entry: number at this hub; the same in a message that comes twice.
        digest: the first 16 hex digits, the same for the same code at every gate.
        issuer: whose code it claims to be.
    """

    entry: int
    site: str
    gate: str
    device: str
    at: datetime
    received_at: datetime
    issuer: str
    reasons: tuple[str, ...]
    digest: str


class Message(msgspec.Struct, frozen=True, tag_field="type", tag="suspected_forgery"):
    """Body of one POST, as JSON."""

    hub: str
    suspicions: tuple[Suspicion, ...]


class Notifier:
    """Posts to one URL whatever the store has not told yet.

    Args:
        url: of the webhook; http or https.
        hub: the hub's title, for whoever receives messages of several.
        store: where the suspicions are.
        bell: rings when there is a new one.
        backoff_s: first pause between two attempts at one message; each further one is twice as
            long.
    """

    def __init__(
        self, url: str, hub: str, store: HubStore, bell: Bell, backoff_s: float = 1.0
    ) -> None:
        self._url = url
        self._hub = hub
        self._store = store
        self._bell = bell
        self._news = threading.Event()
        self._log = EventLog(__name__)
        self._session = requests.Session()
        retry = Retry(
            total=4,
            backoff_factor=backoff_s,
            status_forcelist=_AGAIN,
            allowed_methods=frozenset({"POST"}),
            raise_on_status=False,
            respect_retry_after_header=False,
        )
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=retry))
        self._thread = threading.Thread(target=self._run, name="notifier", daemon=True)

    def start(self) -> None:
        """Begin; what is not told yet is told at once.

        Raises:
            StoreError: the database cannot be written.
        """
        self._store.begin_telling()
        self._news.set()
        self._thread.start()

    def _run(self) -> None:
        with self._bell.listening(self._news.set):
            while not self._bell.is_closed:
                self._news.wait(_NEXT_TRY_S)
                self._news.clear()
                while self._tell():
                    pass

    def _tell(self) -> bool:
        """Tell what comes next; True when it was told and there may be more."""
        if self._bell.is_closed:
            return False
        try:
            rows = self._store.untold(MOST)
            if not rows or not self._post(rows):
                return False
            self._store.note_told(rows[-1].entry_id)
        except StoreError as error:
            self._log.error("notify_store_failed", error=error.found)
            return False
        return True

    def _post(self, rows: Sequence[SuspicionRow]) -> bool:
        try:
            answer = self._session.post(
                self._url,
                data=message_of(self._hub, rows),
                headers={"Content-Type": "application/json"},
                timeout=_TIMEOUT_S,
                allow_redirects=False,
            )
        except (requests.RequestException, HTTPError) as error:
            self._log.warning("notify_failed", error=type(error).__name__, waiting=len(rows))
            return False
        if not answer.ok or answer.is_redirect:
            self._log.warning("notify_refused", status=answer.status_code, waiting=len(rows))
            return False
        self._log.info("notified", suspicions=len(rows))
        return True


def message_of(hub: str, rows: Sequence[SuspicionRow]) -> bytes:
    """The body of one POST."""
    told = tuple(
        Suspicion(
            entry=row.entry_id,
            site=row.site,
            gate=row.gate,
            device=row.device_id,
            at=row.at,
            received_at=row.received_at,
            issuer=row.claimed_issuer,
            reasons=row.reasons,
            digest=row.digest[:DIGEST_SHOWN],
        )
        for row in rows
    )
    return msgspec.json.encode(Message(hub, told))
