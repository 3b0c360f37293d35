"""The cached keys while the gate runs: reloaded when their file changes, the last good set kept."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from scanner.domain.errors import TrustError
from scanner.trust.key_file import KEYS_NAME, SIGNATURE_NAME, load_key_file
from scanner.trust.keys import NO_REVOCATIONS, Revocations, Staleness, TrustedKey, TrustStore

Stamp = tuple[int, int, int]
_MISSING: Final[Stamp] = (0, 0, 0)
_log = structlog.get_logger(__name__)


class NoKeys:
    """A gate without keys: every issuer is unknown and the guard decides by hand."""

    version: Final = "none"
    issued_at: Final = datetime(2020, 1, 1, tzinfo=UTC)
    revocations: Final[Revocations] = NO_REVOCATIONS

    def find(self, issuer: str, key_id: bytes) -> Sequence[TrustedKey]:  # noqa: ARG002
        """None at all."""
        return ()

    def knows(self, issuer: str) -> bool:  # noqa: ARG002
        """Nobody."""
        return False

    def age(self, now: datetime) -> timedelta:
        """As old as can be."""
        return max(timedelta(0), now - self.issued_at)

    def staleness(self, now: datetime) -> Staleness:  # noqa: ARG002
        """Degraded, always."""
        return Staleness.DEGRADED


class KeyWatch:
    """The newest key set that could be verified."""

    def __init__(
        self, folder: Path, publisher_key: Path, fresh: timedelta, degraded: timedelta
    ) -> None:
        self._folder = folder
        self._publisher_key = publisher_key
        self._fresh = fresh
        self._degraded = degraded
        self._seen: tuple[Stamp, ...] = ()
        self.store: TrustStore = NoKeys()
        self.is_healthy = False
        self.refresh()

    def refresh(self) -> bool:
        """Load the key file if it, its signature or the publisher's key changed since last time.

        Returns:
            True when another set of keys is now in force. A file that is damaged, badly signed or
            older than the one in force is refused and the last good set stays.
        """
        files = (self._folder / KEYS_NAME, self._folder / SIGNATURE_NAME, self._publisher_key)
        seen = tuple(_stamp(file) for file in files)
        if seen == self._seen:
            return False
        self._seen = seen
        try:
            store = load_key_file(self._folder, self._publisher_key, self._fresh, self._degraded)
        except TrustError as error:
            self.is_healthy = False
            _log.error("keys_refused", found=error.found, remedy=error.remedy)
            return False
        if store.issued_at < self.store.issued_at:
            self.is_healthy = False
            _log.error("keys_refused", found="The key file is older than the one in force.")
            return False
        self.store = store
        self.is_healthy = True
        _log.info("keys_in_force", version=store.version, issued_at=store.issued_at.isoformat())
        return True


def _stamp(file: Path) -> Stamp:
    """What changes with the file; its time of change cannot be set, unlike that of writing."""
    try:
        stat = file.stat()
    except OSError:
        return _MISSING
    return (stat.st_ctime_ns, stat.st_ino, stat.st_size)
