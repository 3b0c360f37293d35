"""Keeps the gate's trust bundle as new as the hub's, in a thread of its own: pushing never waits.

It asks at intervals, when the hub's answer to a push names another repository than the one that was
checked last, and when the network has come back. Whatever goes wrong, the bundle in force stays.
"""

import random
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from scanner.domain.errors import TrustError, raised_at
from scanner.ledger.sync_status import HubTime, TrustChecked, TrustTrouble
from scanner.log import EventLog
from scanner.trust.bundle.in_force import read_root
from scanner.trust.bundle.repository import Repository
from scanner.trust.bundle.sources import SourceError
from scanner.trust.bundle.store import BundleStore, BusyError, Origin
from scanner.trust.bundle.update import update
from scanner.trust.bundle.verify import RollbackError
from sync.agent.client import up_ms
from sync.agent.trust_fetch import CaptiveError
from sync.agent.trust_source import HttpSource

FIRST_PAUSE_S: Final = 5.0
LONGEST_PAUSE_S: Final = 300.0
_JITTER: Final = 0.1
_MARK_DIGITS: Final = 16
_SHORTEST_S: Final = 0.2
_AHEAD: Final = timedelta(days=1)
"""Beyond the hub's own time: publishers' clocks differ, and a day does no harm."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When the next attempt is due. Pure.

    Attributes:
        failures: attempts since the last one that reached the hub's repository.
        checked: which repository was looked at last, as hubs name it.
        doubted: which one failed last: no word of the hub brings an early attempt for it.
    """

    interval_s: float
    failures: int = 0
    checked: str = ""
    doubted: str = ""

    def pause_s(self, jitter: float) -> float:
        """Seconds to the next attempt: the interval, or full jitter over a doubling ceiling.

        Args:
            jitter: a fresh random number in [0, 1).
        """
        if not self.failures:
            return self.interval_s * (1 + _JITTER * (2 * jitter - 1))
        ceiling = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(self.failures - 1, 30))
        return max(_SHORTEST_S, jitter * min(ceiling, self.interval_s))

    def is_news(self, offered: str | None) -> bool:
        """True when what the hub offers has not been looked at."""
        return offered is not None and offered not in (self.checked, self.doubted)


class TrustUpdates:
    """Brings what the hub gives out into the gate's store.

    Args:
        store: the gate's.
        source: where the hub's repository is; used by our thread only.
        root: file with the root metadata that were installed with the gate.
        interval_s: pause between two looks while all is well.
    """

    def __init__(
        self, store: BundleStore, source: HttpSource, root: Path, interval_s: float
    ) -> None:
        self._store = store
        self._source = source
        self._root = root
        self._rhythm = Rhythm(interval_s)
        self._lock = threading.Lock()
        self._told = TrustChecked()
        self._offered: str | None = None
        self._hub_time: HubTime | None = None
        self._wake = threading.Event()
        self._chance = random.Random()  # noqa: S311 - spreads load, guards nothing
        self._log = EventLog(__name__)

    @property
    def told(self) -> TrustChecked:
        """What came of the last attempt."""
        with self._lock:
            return self._told

    def hub_answered(
        self, offered: str | None, *, was_away: bool, hub_time: HubTime | None = None
    ) -> None:
        """Take note of an answer to a push; never waits.

        Args:
            offered: which repository the hub says that it gives out.
            was_away: the hub had not been reached before.
            hub_time: the hub's signed time of this boot, where it was measured: nothing can have
                been signed much later.
        """
        with self._lock:
            self._hub_time = hub_time
            is_news = self._rhythm.is_news(offered)
            self._offered = offered
            if is_news or (was_away and self._rhythm.failures):
                self._wake.set()

    def run(self, stop: threading.Event) -> None:
        """Refresh until `stop` is set; what is half fetched then waits for the next start."""
        while not stop.is_set():
            self._wake.clear()
            self.refresh(datetime.now(UTC))
            with self._lock:
                pause_s = self._rhythm.pause_s(self._chance.random())
            self._wake.wait(pause_s)

    def wake(self) -> None:
        """Begin the next attempt, or look at `stop`, now."""
        self._wake.set()

    def refresh(self, now: datetime) -> TrustChecked:
        """One attempt; what came of it is also in `told`."""
        offered = self._offered or ""
        after: Repository | None = None
        try:
            done = self._update()
        except BusyError:
            told = _troubled(self._told, now, TrustTrouble.BUSY)
        except CaptiveError as error:
            told = self._failed(now, TrustTrouble.CAPTIVE, error)
        except RollbackError as error:
            told = self._failed(now, TrustTrouble.OLDER, error)
        except SourceError as error:
            told = self._failed(now, TrustTrouble.UNREACHABLE, error)
        except TrustError as error:
            told = self._failed(now, TrustTrouble.REFUSED, error)
        except Exception as error:  # noqa: BLE001
            # A thread that died would leave the keys to age in silence.
            self._log.error("trust_failed", error=type(error).__name__, at=raised_at(error))
            told = _troubled(self._told, now, TrustTrouble.FAILED)
        else:
            told, after = TrustChecked(at=now, version=done.version, checked_at=now), done
        self._source.close()
        with self._lock:
            self._told = told
            self._rhythm = _after(self._rhythm, after, offered)
        return told

    def _update(self) -> Repository:
        done = update(
            self._store,
            self._source,
            read_root(self._root),
            latest=self._latest(),
            origin=Origin.HUB,
        )
        if done.is_news:
            self._log.info(
                "trust_fetched",
                before=done.before.version if done.before else None,
                after=done.after.version,
                signers=done.after.signers,
            )
        return done.after

    def _latest(self) -> datetime | None:
        """No signature can be later; None while only the machine's clock says what time it is."""
        with self._lock:
            told = self._hub_time
        if told is None:
            return None
        since = timedelta(milliseconds=up_ms() - told.up_ms)
        return told.at + since + timedelta(milliseconds=told.error_ms) + _AHEAD

    def _failed(self, now: datetime, trouble: TrustTrouble, error: TrustError) -> TrustChecked:
        if trouble is not self._told.trouble:
            self._log.warning("trust_not_fetched", found=error.found, remedy=error.remedy)
        return _troubled(self._told, now, trouble)


def _troubled(told: TrustChecked, now: datetime, trouble: TrustTrouble) -> TrustChecked:
    return msgspec.structs.replace(told, at=now, trouble=trouble)


def _after(rhythm: Rhythm, after: Repository | None, offered: str) -> Rhythm:
    """The rhythm after an attempt, whose outcome is None when it failed."""
    if after is None:
        return replace(rhythm, failures=rhythm.failures + 1, doubted=offered)
    checked = after.timestamp_digest[:_MARK_DIGITS]
    # A cache in between may still give out what the hub has replaced: ask again at the interval.
    doubted = "" if offered in ("", checked) else offered
    return replace(rhythm, failures=0, checked=checked, doubted=doubted)
