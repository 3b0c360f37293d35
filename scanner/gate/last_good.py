"""One file of the bundle in force, read as what it stands for; the last good one is kept."""

from collections.abc import Callable, Mapping
from typing import Generic, Protocol, TypeVar

from scanner.domain.errors import SettingsError
from scanner.log import EventLog

_log = EventLog(__name__)


class Versioned(Protocol):
    """What names the version that entries keep."""

    @property
    def version(self) -> str:
        """As its file says."""


Read = TypeVar("Read", bound=Versioned)


class LastGood(Generic[Read]):
    """What decides: the bundle's file where there is one, else the gate's own.

    Args:
        local: what the gate's settings name.
        path: the file's in the bundle; None where this gate looks for none.
        read: reads that file, given its bytes and its name; raises SettingsError.
    """

    def __init__(self, local: Read, path: str | None, read: Callable[[bytes, str], Read]) -> None:
        self._local = local
        self._path = path
        self._read = read
        self._seen: bytes | None = None
        self.in_force = local
        self.is_healthy = True

    def take(self, files: Mapping[str, bytes]) -> bool:
        """Look what a new bundle says; a file that cannot be read leaves the last good one.

        Args:
            files: the bundle's, verified, by path.

        Returns:
            True when something else is now in force.
        """
        data = None if self._path is None else files.get(self._path)
        if data == self._seen:
            return False
        self._seen = data
        try:
            found = self._local if data is None else self._read(data, self._path or "")
        except SettingsError as error:
            self.is_healthy = False
            _log.error(
                "bundle_file_refused", path=self._path, found=error.found, remedy=error.remedy
            )
            return False
        self.is_healthy = True
        self.in_force, before = found, self.in_force
        _log.info(
            "rules_in_force", path=self._path, version=found.version, by_bundle=data is not None
        )
        return found != before
