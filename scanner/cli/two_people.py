"""Two people at a terminal who prove by PIN that they both are there."""

import sys
import time
from pathlib import Path
from typing import Final

import typer

from scanner.domain.errors import GuardError
from scanner.domain.guards import Person, Role

_MAX_LINE: Final = 64
_PAUSE_S: Final = 1.0


def proven_pair(roster_file: Path, by: str, second: str) -> tuple[Person, Person]:
    """Both people, once each has typed the PIN: hidden on a terminal, a line each from a pipe.

    Args:
        roster_file: the gate's roster.
        by: number of who does it.
        second: number of who agrees; one of the two is a supervisor.

    Raises:
        GuardError: there is no roster, one is not on it, they are one person, neither of them is a
            supervisor, or a PIN is wrong.
    """
    from scanner.guards.roster_file import read_roster

    roster = read_roster(roster_file)
    if roster is None:
        raise GuardError(
            f"This takes two people, and there is no roster at {roster_file}.",
            "Add both with `checkpoint guard add`, one of them with `--role supervisor`.",
        )
    if by == second:
        raise GuardError("Nobody is his own second person.", "Ask somebody else to agree.")
    pair = []
    for number in (by, second):
        known = roster.find(number)
        _prove(number, known.pin if known else None)
        if known is not None:
            pair.append(Person(known.id, known.role))
    if Role.SUPERVISOR not in {person.role for person in pair}:
        raise GuardError("Neither of the two is a supervisor.", "Ask a supervisor to agree.")
    return pair[0], pair[1]


def _prove(number: str, sealed: str | None) -> None:
    from scanner.guards.pins import fits

    if sys.stdin.isatty():
        typed = str(typer.prompt(f"PIN of {number}", hide_input=True))
    else:
        typed = sys.stdin.readline(_MAX_LINE).rstrip("\r\n")
    if not fits(typed, sealed):
        time.sleep(_PAUSE_S)  # whoever guesses shall take his time
        raise GuardError(
            f"That is not the PIN of {number}, or nobody has that number and a PIN.",
            "Type it again; `checkpoint guard list` names who is on the roster.",
        )
