"""The steps from text to verified pass, as far as they are reported one by one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from scanner.domain.passes import Rejection, VerifiedPass


class Check(StrEnum):
    """One step, in the order in which they are taken; each format has those that it needs."""

    PREFIX = "prefix"
    ENCODING = "encoding"
    COMPRESSION = "compression"
    ENVELOPE = "envelope"
    KEY = "key"
    SIGNATURE = "signature"
    HOLDER = "holder"
    TIME = "time"
    USAGE = "usage"
    SCHEMA = "schema"
    REVOCATION = "revocation"


class UnreadableError(Exception):
    """A code cannot be read any further; never leaves this room.

    Attributes:
        check: the step that failed.
        detail: a short fixed phrase; no content of the code ever gets in here.
    """

    def __init__(self, check: Check, detail: str) -> None:
        super().__init__(detail)
        self.check = check
        self.detail = detail


@dataclass(slots=True)
class Trail:
    """What reading has established so far; kept also when a later step fails.

    Attributes:
        checks: the outcome of every step that was reached.
        compressed: the bytes before decompression, where the format compresses them.
        cose: the COSE message, where the format has one.
        document: the certificate as the issuer wrote it, where the format has one.
    """

    checks: dict[Check, bool] = field(default_factory=dict)
    compressed: bytes | None = None
    cose: bytes | None = None
    document: Mapping[object, object] | None = None


class Inspection(msgspec.Struct, frozen=True):
    """A reading with its reasons: what came out, and how far each step got.

    Attributes:
        title: what the format calls itself; None when the text belongs to none.
        outcome: what the gate acts on.
        steps: the steps of this format, in order.
        trail: which of them were reached and how they ended.
    """

    title: str | None
    outcome: VerifiedPass | Rejection
    steps: tuple[Check, ...]
    trail: Trail

    @property
    def failed(self) -> Check | None:
        """The first step that failed."""
        return next((step for step in self.steps if self.trail.checks.get(step) is False), None)
