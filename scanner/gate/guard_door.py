"""Between the daemon's loop and the guards: the roster's file, and commands with a PIN in them."""

from collections.abc import Iterator
from pathlib import Path

from scanner.gate.guardhouse import Guardhouse
from scanner.gate.instant import Instant
from scanner.gate.messages import CommandResult, ErrorCode
from scanner.gate.pin_checks import Checked, PinChecks
from scanner.gate.roster_watch import RosterWatch
from scanner.gate.server import Received


class GuardDoor:
    """Keeps the roster current, and lets commands in once their PIN was compared.

    Args:
        guards: who decides what a PIN leads to.
        roster: the file; there may be none.
    """

    def __init__(self, guards: Guardhouse, roster: Path) -> None:
        self._guards = guards
        self._watch = RosterWatch(roster)
        self._pins = PinChecks()

    def open(self, instant: Instant) -> None:
        """Let the roster count that was there at the start."""
        self._take_up(instant)

    def refresh(self, instant: Instant) -> None:
        """Let another roster count, if there is one."""
        if self._watch.refresh():
            self._take_up(instant)

    def is_held(self, received: Received, instant: Instant) -> bool:
        """True where a command waits for its PIN to be compared, or was sent away meanwhile."""
        wanted = self._guards.pin_to_check(received.command, instant)
        if wanted is None:
            return False
        if not self._pins.begin(received, wanted):
            number = received.command.command
            received.sender.send(CommandResult(command=number, error=ErrorCode.BUSY))
        return True

    def compared(self) -> Iterator[Checked]:
        """The commands whose PIN was compared since the last call."""
        return self._pins.taken()

    def _take_up(self, instant: Instant) -> None:
        watch = self._watch
        self._guards.take_up(watch.roster, is_damaged=watch.is_damaged, instant=instant)
