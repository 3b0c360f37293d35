"""The steps from text to verified pass, as far as they are reported one by one."""

from collections.abc import Mapping
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


class Trail(msgspec.Struct):
    """What reading has established so far; kept also when a later step fails.

    Attributes:
        prefix, encoding, compression, envelope, key, signature, holder, time, usage, schema,
            revocation: the outcome of each `Check`, by its value; None while it was not reached.
        compressed: the bytes before decompression, where the format compresses them.
        cose: the COSE message, where the format has one.
        document: the certificate as the issuer wrote it, where the format has one.
    """

    prefix: bool | None = None
    encoding: bool | None = None
    compression: bool | None = None
    envelope: bool | None = None
    key: bool | None = None
    signature: bool | None = None
    holder: bool | None = None
    time: bool | None = None
    usage: bool | None = None
    schema: bool | None = None
    revocation: bool | None = None
    compressed: bytes | None = None
    cose: bytes | None = None
    document: Mapping[object, object] | None = None

    def fail(self, check: Check) -> None:
        """Note that a step failed."""
        setattr(self, check.value, False)

    @property
    def checks(self) -> dict[Check, bool]:
        """The outcome of every step that was reached."""
        outcomes = ((check, getattr(self, check.value)) for check in Check)
        return {check: outcome for check, outcome in outcomes if outcome is not None}


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
        checks = self.trail.checks
        return next((step for step in self.steps if checks.get(step) is False), None)
