"""A stick with a newer trust bundle, taken in while the gate goes on deciding.

Everything that a stick can delay happens in a thread of its own: mounting, reading, verifying,
writing. The loop hears of it through a queue. A stick is looked at once, when it is mounted; what
it holds is believed as little as the network: `scanner.trust.bundle.update` verifies it.
"""

import queue
import stat
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final, Self

from scanner.domain.errors import TrustError, raised_at
from scanner.gate.messages import StickState
from scanner.log import EventLog
from scanner.peripherals.mounts import MountWatch
from scanner.trust.bundle import layout
from scanner.trust.bundle.in_force import read_root
from scanner.trust.bundle.repository import SignedTarget
from scanner.trust.bundle.sources import FolderSource, SourceError
from scanner.trust.bundle.store import BundleStore, BusyError, Origin
from scanner.trust.bundle.update import NoSpaceError, update
from scanner.trust.bundle.verify import RollbackError

FOLDER: Final = "checkpoint-trust"
"""Where a stick carries a repository, unless the stick itself is one."""

_POLL_S: Final = 0.5
_BUSY_AGAIN_S: Final = 1.0
_BUSY_S: Final = 120.0
_MAX_WAITING: Final = 32
_log = EventLog(__name__)


class StickWatch:
    """Looks at each stick that is mounted, and brings what is newer into the store.

    Args:
        mounts: tells of mounts; closed at the end.
        store: the gate's.
        root: file with the root metadata that were installed with the gate.
        latest: says what moment no signature can be later than; None while nobody knows.
    """

    def __init__(
        self,
        mounts: MountWatch,
        store: BundleStore,
        root: Path,
        latest: Callable[[], datetime | None],
    ) -> None:
        self._mounts = mounts
        self._store = store
        self._root = root
        self._latest = latest
        self._stopping = threading.Event()
        self._told: queue.Queue[StickState] = queue.Queue(_MAX_WAITING)
        self._thread = threading.Thread(target=self._run, name="sticks", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        """A copy under way goes on after the next start: nobody waits for a stick here."""
        self._stopping.set()

    def taken(self) -> list[StickState]:
        """What became of sticks since the last call, oldest first."""
        states = []
        while True:
            try:
                states.append(self._told.get_nowait())
            except queue.Empty:
                return states

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                for mount in self._mounts.wait(_POLL_S):
                    folder = repository_on(mount.point)
                    if folder is not None:
                        self._tell(self._look(folder))
            except Exception as error:  # noqa: BLE001 - the next stick may be a good one
                _log.error("sticks_failed", error=type(error).__name__, at=raised_at(error))
                self._stopping.wait(_POLL_S)
        self._mounts.close()

    def _look(self, folder: Path) -> StickState:
        """What becomes of one stick; the log says why."""
        try:
            return self._take_in(folder)
        except TrustError as error:
            state = _refusal(error)
            _log.warning("stick_refused", state=state.value, found=error.found, remedy=error.remedy)
            return state

    def _take_in(self, folder: Path) -> StickState:
        pinned, end_s = read_root(self._root), time.monotonic() + _BUSY_S

        def begins(_target: SignedTarget, number: int, _count: int) -> None:
            if number == 1:
                self._tell(StickState.READING)

        while True:
            try:
                done = update(
                    self._store,
                    FolderSource(folder),
                    pinned,
                    latest=self._latest(),
                    origin=Origin.STICK,
                    progress=begins,
                )
            except BusyError:  # sync is fetching: a stick is in somebody's hand, so try again
                if time.monotonic() > end_s or self._stopping.wait(_BUSY_AGAIN_S):
                    raise
            else:
                return StickState.TAKEN if done.is_news else StickState.SAME

    def _tell(self, state: StickState) -> None:
        try:
            self._told.put_nowait(state)
        except queue.Full:
            _log.warning("stick_not_told", state=state.value)


def _refusal(error: TrustError) -> StickState:
    match error:
        case RollbackError():
            return StickState.OLDER
        case NoSpaceError():
            return StickState.NO_SPACE
        case BusyError():
            return StickState.BUSY
        case SourceError():
            return StickState.UNREADABLE
        case _:
            return StickState.NOT_GENUINE


def repository_on(point: Path) -> Path | None:
    """Where a repository lies on what is mounted at `point`; None when there is none.

    Only two fixed names are asked for: how many others a stick holds does not matter.
    """
    for folder in (point / FOLDER, point):
        if _is(folder, stat.S_ISDIR) and _is(folder / layout.METADATA, stat.S_ISDIR):
            return folder
    return None


def _is(path: Path, kind: Callable[[int], bool]) -> bool:
    """Whether `path` itself, not what a link leads to, is of this kind."""
    try:
        return kind(path.lstat().st_mode)
    except OSError:
        return False
