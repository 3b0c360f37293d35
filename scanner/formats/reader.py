"""What a format has to offer; `scanner.formats.registry` takes the steps."""

from datetime import datetime
from typing import Protocol, runtime_checkable

import msgspec

from scanner.domain.passes import ParsedPass, PassClaims, PassFormat, PassKind
from scanner.domain.reasons import Reason
from scanner.formats.checks import Check, Trail
from scanner.formats.cwt import Times
from scanner.formats.parts import Part


class Failure(msgspec.Struct, frozen=True):
    """A check that only this format makes, and that a proven payload did not pass."""

    check: Check
    reason: Reason


class Statement(msgspec.Struct, frozen=True):
    """What a proven payload says.

    Attributes:
        times: when it holds; None when a time is not readable.
        kinds: the kinds of pass that it claims to be, for the key's usage.
        claims: everything in our own shape; None when the content breaks the format's rules.
        detail: a fixed phrase about what breaks them.
        failures: of the checks that are this format's own.
    """

    times: Times | None
    kinds: frozenset[PassKind]
    claims: PassClaims | None
    detail: str = ""
    failures: tuple[Failure, ...] = ()


class PassReader(Protocol):
    """One format: how to recognise it, take it apart, and read it once it is proven."""

    @property
    def format(self) -> PassFormat:
        """The family it reads."""
        ...

    @property
    def title(self) -> str:
        """What the format is called, in English."""
        ...

    @property
    def steps(self) -> tuple[Check, ...]:
        """The steps that its codes go through, in order; revocation follows for every format.

        `Check.HOLDER` is for those that are bound to a holder's key.
        """
        ...

    def accepts(self, text: str) -> bool:
        """True when the text carries this format's prefix."""
        ...

    def part(self, text: str) -> Part | None:
        """The share that an accepted text has in a pass spread over several codes, if any."""
        ...

    def open(self, text: str, trail: Trail) -> ParsedPass:
        """Take an accepted text apart down to the signed payload, noting each step in `trail`.

        Raises:
            UnreadableError: the text is no such code.
        """
        ...

    def interpret(self, parsed: ParsedPass, now: datetime) -> Statement:
        """Read a payload whose signature holds. Raises nothing: what is wrong stands within."""
        ...


@runtime_checkable
class LongPassReader(Protocol):
    """What a format adds whose passes, joined from several codes, are longer than one code."""

    @property
    def max_text(self) -> int:
        """The longest whole text in characters; longer ones are not looked at."""
        ...
