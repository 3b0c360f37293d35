"""The roster's file while the gate runs: looked at once a second, read when it is another one."""

from pathlib import Path
from typing import Final

from scanner.domain.errors import GuardError
from scanner.guards.roster import Roster
from scanner.guards.roster_file import read_roster
from scanner.log import EventLog

_Look = tuple[int, int, int, int] | None
_log: Final = EventLog(__name__)


class RosterWatch:
    """The roster that counts.

    Args:
        path: of its file.

    Attributes:
        roster: None where there is no file, and where what is there cannot be read.
        is_damaged: there is a file that cannot be read: nobody can log in.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: _Look = None
        self.roster: Roster | None = None
        self.is_damaged = False
        self._read()

    def refresh(self) -> bool:
        """Look whether it is another one; True when something else counts now."""
        if self._look() == self._seen and not self.is_damaged:
            return False
        before = self.roster, self.is_damaged
        self._read()
        return (self.roster, self.is_damaged) != before

    def _read(self) -> None:
        self._seen = self._look()
        try:
            self.roster, is_damaged = read_roster(self._path), False
        except GuardError as error:
            self.roster, is_damaged = None, True
            if not self.is_damaged:
                _log.error("roster_unreadable", found=error.found, remedy=error.remedy)
        self.is_damaged = is_damaged

    def _look(self) -> _Look:
        """What tells one version of the file from another."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size
