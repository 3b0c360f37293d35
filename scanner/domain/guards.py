"""Who stands at the gate on the site's side: guards and supervisors, and what each may do alone.

A guard is a number on a badge. No name of a guard is known to the gate, its files or its ledger.
"""

import re
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Final

import msgspec

GUARD_ID: Final = r"^[0-9]{2,6}\Z"
GuardId = Annotated[str, msgspec.Meta(pattern=GUARD_ID)]
"""The number on the badge: two to six digits, so that a keypad can type it."""

PIN_DIGITS: Final = range(4, 9)
Pin = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4,8}\Z")]
"""As typed: in RAM until it is compared, in no file, log or message for people."""


class Role(StrEnum):
    """What somebody was appointed to."""

    GUARD = "guard"
    SUPERVISOR = "supervisor"


class LoginWay(StrEnum):
    """How somebody proved who he is. A badge can be photographed; a PIN has to be known."""

    PIN = "pin"
    BADGE = "badge"


class ShiftChange(StrEnum):
    """What happened to a shift.

    Attributes:
        STARTED: somebody logged in.
        ENDED: he logged out, or somebody else logged in after him.
        EXPIRED: nobody ended it: no act for too long, a restart of the machine, or a guard who was
            taken off the roster.
    """

    STARTED = "started"
    ENDED = "ended"
    EXPIRED = "expired"


class LoginFailure(StrEnum):
    """Why somebody was not believed."""

    WRONG_PIN = "wrong_pin"
    WRONG_BADGE = "wrong_badge"


class Authority(StrEnum):
    """Who it takes to decide.

    Attributes:
        GUARD: the guard on duty.
        SECOND_PERSON: beside him another guard or a supervisor, by PIN.
        SUPERVISOR: beside him a supervisor, by PIN. One on duty is not his own second person.
    """

    GUARD = "guard"
    SECOND_PERSON = "second_person"
    SUPERVISOR = "supervisor"

    @property
    def rank(self) -> int:
        """The more it takes, the higher."""
        return tuple(Authority).index(self)


class Person(msgspec.Struct, frozen=True):
    """Somebody who has proven who he is."""

    guard: GuardId
    role: Role


class PinFault(StrEnum):
    """Why a PIN is refused when it is chosen."""

    NO_DIGITS = "no_digits"
    LENGTH = "length"
    REPEATED = "repeated"
    SEQUENCE = "sequence"
    OWN_NUMBER = "own_number"


def is_guard_id(text: str) -> bool:
    """Whether this is a number that a badge may carry."""
    return re.fullmatch(GUARD_ID, text, re.ASCII) is not None


def is_pin(text: str) -> bool:
    """Whether this has the form of a PIN: 4 to 8 digits."""
    return len(text) in PIN_DIGITS and text.isascii() and text.isdigit()


def pin_fault(pin: str, guard: str) -> PinFault | None:
    """What is wrong with a PIN that somebody chooses; None when nothing is.

    Refused are the ones that are guessed first: one part over and over (0000, 1212, 123123), digits
    that follow one another either way round the clock (1234, 8901, 4321), and the guard's number.
    """
    if not (pin.isascii() and pin.isdigit()):
        return PinFault.NO_DIGITS
    if len(pin) not in PIN_DIGITS:
        return PinFault.LENGTH
    if any(pin == pin[:part] * (len(pin) // part) for part in range(1, len(pin) // 2 + 1)):
        return PinFault.REPEATED
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    if steps in ({1}, {9}):
        return PinFault.SEQUENCE
    return PinFault.OWN_NUMBER if pin.strip("0") == guard.strip("0") else None
