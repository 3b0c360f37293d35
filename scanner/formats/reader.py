"""What a format has to offer; `scanner.formats.registry` takes the steps."""

from typing import Protocol

import msgspec

from scanner.domain.passes import ParsedPass, PassClaims, PassFormat, PassKind
from scanner.formats.checks import Check, Trail
from scanner.formats.cwt import Times


class Statement(msgspec.Struct, frozen=True):
    """What a proven payload says.

    Attributes:
        times: when it holds; None when a time is not readable.
        kinds: the kinds of pass that it claims to be, for the key's usage.
        claims: everything in our own shape; None when the content breaks the format's rules.
        detail: a fixed phrase about what breaks them.
    """

    times: Times | None
    kinds: frozenset[PassKind]
    claims: PassClaims | None
    detail: str = ""


class PassReader(Protocol):
    """One format: how to recognise it, take it apart, and read it once it is proven."""

    @property
    def format(self) -> PassFormat:
        """The family it reads."""
        ...

    @property
    def steps(self) -> tuple[Check, ...]:
        """The steps that its codes go through, in order."""
        ...

    def accepts(self, text: str) -> bool:
        """True when the text carries this format's prefix."""
        ...

    def open(self, text: str, trail: Trail) -> ParsedPass:
        """Take an accepted text apart down to the signed payload, noting each step in `trail`.

        Raises:
            UnreadableError: the text is no such code.
        """
        ...

    def interpret(self, parsed: ParsedPass) -> Statement:
        """Read a payload whose signature holds. Raises nothing: what is wrong stands within."""
        ...
