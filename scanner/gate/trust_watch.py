"""The bundle in force while the gate runs: taken anew when it changes, the last good one kept.

Loading takes some ten milliseconds on a large machine and many more on a Pi, and with large
revocation lists a second or two. It has a thread of its own; what it has loaded is put in force by
the loop, between two scans.
"""

import queue
import threading
import time
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Final

from scanner.domain.entries import Entry
from scanner.domain.errors import TrustError, raised_at
from scanner.log import EventLog
from scanner.trust.aged_bundle import AgedBundle, Lamps
from scanner.trust.bundle.bundle import Bundle
from scanner.trust.bundle.in_force import (
    BundleVersion,
    Loaded,
    load_newest,
    newest_named,
    none_below,
)
from scanner.trust.bundle.repository import Repository
from scanner.trust.bundle.store import BundleStore
from scanner.trust.keys import NO_REVOCATIONS, Revocations, TrustedKey
from scanner.trust.staleness import LONG_AGO, Limits, Staleness, age_since

Stamp = tuple[int, ...]
_NOTHING: Final[Mapping[str, bytes]] = MappingProxyType({})
_log = EventLog(__name__)


class NoKeys:
    """A gate without a bundle: every issuer is unknown and the guard decides by hand.

    Args:
        floor: a version that was in force here before; entries go on naming it.
    """

    def __init__(self, floor: BundleVersion | None = None) -> None:
        self.version = none_below(floor)

    issued_at: Final = LONG_AGO
    is_rolled_back: Final = False
    revocations: Final[Revocations] = NO_REVOCATIONS

    def find(self, issuer: str, key_id: bytes) -> Sequence[TrustedKey]:  # noqa: ARG002
        """None at all."""
        return ()

    def knows(self, issuer: str) -> bool:  # noqa: ARG002
        """Nobody."""
        return False

    def age(self, now: datetime) -> timedelta:
        """As old as can be."""
        return age_since(self.issued_at, now)

    def staleness(self, now: datetime) -> Staleness:  # noqa: ARG002
        """Degraded, always."""
        return Staleness.DEGRADED

    def issuer_staleness(self, issuer: str, now: datetime) -> Staleness:  # noqa: ARG002
        """Degraded, always."""
        return Staleness.DEGRADED

    def revocation_staleness(self, issuer: str, now: datetime) -> Staleness:  # noqa: ARG002
        """Degraded, always."""
        return Staleness.DEGRADED

    def worst_issuer(self, now: datetime) -> Staleness:  # noqa: ARG002
        """Degraded, always."""
        return Staleness.DEGRADED


class TrustWatch:
    """The newest bundle that could be verified.

    Args:
        folder: the store.
        root: the root metadata that were installed with the gate; may come later.
        limits: of freshness, by the settings.
        floor: the newest bundle that the ledger names. An older one is used, because a gate without
            keys helps nobody, and counts as degraded until a newer one has come.
    """

    def __init__(
        self, folder: Path, root: Path, limits: Limits, floor: BundleVersion | None = None
    ) -> None:
        self._bundles = BundleStore(folder)
        self._root = root
        self._limits = limits
        self._floor = floor
        self._lamps = Lamps()
        self._loading: threading.Thread | None = None
        self._arrived: queue.SimpleQueue[Loaded | None] = queue.SimpleQueue()
        self._listed: frozenset[str] = frozenset()
        self.store: AgedBundle | NoKeys = NoKeys(floor)
        self.is_healthy = False
        self._seen = self._stamp()
        self._load()
        self._take(self._arrived.get())

    @property
    def repository(self) -> Repository | None:
        """The metadata of the bundle in force."""
        return self.store.bundle.repository if isinstance(self.store, AgedBundle) else None

    @property
    def files(self) -> Mapping[str, bytes]:
        """What the bundle carries beside keys and revocations, by path."""
        return self.store.bundle.small if isinstance(self.store, AgedBundle) else _NOTHING

    def refresh(self) -> bool:
        """Put in force what has been loaded; begin to load when the store or the root has changed.

        Returns:
            True when another bundle is now in force. One that does not hold, or is older than the
            one in force, is refused and the last good one stays.
        """
        try:
            loaded = self._arrived.get_nowait()
        except queue.Empty:
            if self._loading is None or not self._loading.is_alive():
                self._load_if_changed()
            return False
        return self._take(loaded)

    def weigh_by(self, limits: Limits) -> None:
        """Other limits count from now on."""
        if limits != self._limits:
            self._limits = limits
            if isinstance(self.store, AgedBundle):
                self.store = self.store.under(limits)

    def is_troubled(self, now: datetime) -> bool:
        """Whether somebody should look after the keys, though they serve as a whole."""
        return not self.is_healthy or self.store.worst_issuer(now) is not Staleness.FRESH

    def _load_if_changed(self) -> None:
        seen = self._stamp()
        if seen != self._seen:
            self._seen = seen
            self._loading = threading.Thread(target=self._load, name="trust", daemon=True)
            self._loading.start()

    def _load(self) -> None:
        began = time.perf_counter()
        try:
            loaded = load_newest(self._bundles, self._root)
        except TrustError as error:
            loaded = Loaded(None, (error,))
        except Exception as error:  # noqa: BLE001
            # Whatever lies on the card, the bundle in force goes on, and the next change is tried.
            _log.error("bundle_failed", error=type(error).__name__, at=raised_at(error))
            self._arrived.put(None)
            return
        took_ms = (time.perf_counter() - began) * 1000
        _log.info("bundle_loaded", is_whole=loaded.bundle is not None, took_ms=round(took_ms, 1))
        self._arrived.put(loaded)

    def _take(self, loaded: Loaded | None) -> bool:
        for error in loaded.refused if loaded else ():
            _log.error("bundle_refused", found=error.found, remedy=error.remedy)
        if loaded is None or loaded.bundle is None:
            self.is_healthy = False
            return False
        unlisted = _without_list(loaded.bundle, self._listed)
        store = AgedBundle(loaded.bundle, self._limits, self._lamps, self._floor, unlisted)
        if isinstance(self.store, AgedBundle) and store.number < self.store.number:
            self.is_healthy = False
            _log.error(
                "bundle_refused",
                found=f"{store.number} is older than {self.store.number}, which is in force.",
                remedy="Bring a newer one.",
            )
            return False
        self.store = store
        self._listed |= loaded.bundle.revocations.issuers
        self._floor = max(self._floor or store.number, store.number)
        self.is_healthy = not (loaded.refused or loaded.bundle.faults or store.is_rolled_back)
        for fault in loaded.bundle.faults:
            _log.error("bundle_part_refused", role=fault.role, found=fault.why)
        for issuer in sorted(unlisted):
            _log.error(
                "revocations_gone",
                found=f"{issuer} has keys and no list any more of the codes that it took back.",
                remedy="Ask the issuer. One that has nothing to take back publishes an empty list.",
            )
        if store.is_rolled_back:
            _log.error(
                "bundle_rolled_back",
                found=f"This gate has had {self._floor}; all that is left is {store.number}.",
                remedy="Bring a newer one. After a change of the publisher, begin a new log.",
            )
        _log.info("bundle_in_force", version=store.version, issued_at=store.issued_at.isoformat())
        return True

    def _stamp(self) -> Stamp:
        """What changes with the store or the root; a time of change cannot be set by hand."""
        try:
            stat = self._root.stat()
        except OSError:
            return self._bundles.stamp()
        return (*self._bundles.stamp(), stat.st_ctime_ns, stat.st_ino, stat.st_size)


def _without_list(bundle: Bundle, listed: Set[str]) -> frozenset[str]:
    """Issuers that had a list of revoked codes while this gate ran, and now have keys only."""
    gone = listed - bundle.revocations.issuers
    return frozenset(issuer for issuer in gone if bundle.knows(issuer))


def newest_recorded(entries: Iterable[Entry]) -> BundleVersion | None:
    """The newest bundle that the ledger's entries name: this gate has had it."""
    named = (newest_named(entry.trust) for entry in entries if entry.trust is not None)
    return max((version for version in named if version is not None), default=None)
