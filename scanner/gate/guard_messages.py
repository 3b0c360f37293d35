"""What gate and kiosk say to one another about guards: logins, badges, second persons, undo.

A PIN stands in a command for as long as it takes to compare it; no `repr` shows it, or a note.
"""

from enum import StrEnum
from typing import Final

import msgspec

from scanner.domain.guards import GuardId, Pin
from scanner.gate.framing import Message

MAX_NOTE: Final = 120
"""Characters of a guard's note: a line, not a story."""


class BadgeResult(StrEnum):
    """What a badge before the lens led to."""

    STARTED = "started"
    SAME = "same"
    SOMEBODY_ON_DUTY = "somebody_on_duty"
    EXPIRED = "expired"
    REFUSED = "refused"
    CLOCK_UNSURE = "clock_unsure"
    NOT_RECORDED = "not_recorded"


class BadgeShown(Message, frozen=True, kw_only=True, tag="badge"):
    """A guard's badge was held before the lens; who is on duty stands in the status."""

    result: BadgeResult


class SecondPerson(msgspec.Struct, frozen=True):
    """Somebody beside the guard on duty, who typed his number and PIN for one decision."""

    guard: GuardId
    pin: Pin

    def __repr__(self) -> str:
        return "SecondPerson(...)"


class Undo(Message, frozen=True, kw_only=True, tag="undo"):
    """Take back the guard's decision in ledger entry `entry`, within half a minute."""

    command: int
    entry: int


class Login(Message, frozen=True, kw_only=True, tag="login"):
    """Somebody comes on duty; whoever was on duty before no longer is."""

    command: int
    guard: GuardId
    pin: Pin

    def __repr__(self) -> str:
        return f"Login(command={self.command}, ...)"


class Logout(Message, frozen=True, kw_only=True, tag="logout"):
    """The guard on duty leaves."""

    command: int
