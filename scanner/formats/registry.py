"""From text to verified pass: the one legal order of steps, for every format.

A new format is a `PassReader` in a file of its own and one line in `READERS`. Nothing here does
I/O, and no text whatever raises: everything that is not a verified pass is a `Rejection`.
"""

from datetime import datetime
from typing import Final

from scanner.domain.passes import (
    ParsedPass,
    PassClaims,
    PassKind,
    Rejection,
    VerifiedPass,
)
from scanner.domain.reasons import Reason
from scanner.formats import cose
from scanner.formats.checks import Check, Inspection, Trail, UnreadableError
from scanner.formats.eu_dcc import EuDccReader
from scanner.formats.health_code import HealthCodeReader
from scanner.formats.reader import PassReader
from scanner.trust.keys import KeySource, TrustedKey

READERS: Final[tuple[PassReader, ...]] = (HealthCodeReader(), EuDccReader())

MAX_TEXT: Final = 4096
"""Longer than any pass in use; a QR code holds at most 4,296 characters."""


def read_pass(text: str, keys: KeySource, now: datetime) -> VerifiedPass | Rejection:
    """Verify a QR text offline.

    Args:
        text: as decoded; hostile.
        keys: whose signatures count.
        now: aware time of reading.
    """
    return inspect_pass(text, keys, now).outcome


def inspect_pass(text: str, keys: KeySource, now: datetime) -> Inspection:
    """The same verification, with the outcome of every step."""
    trail = Trail()
    reader = _reader_for(text)
    if reader is None:
        trail.checks[Check.PREFIX] = False
        outcome = Rejection((Reason.NOT_A_HEALTH_CODE,), detail="no known prefix")
        return Inspection(None, outcome, (Check.PREFIX,), trail)
    try:
        parsed = reader.open(text, trail)
    except UnreadableError as error:
        trail.checks[error.check] = False
        rejection = Rejection((Reason.MALFORMED,), format=reader.format, detail=error.detail)
        return Inspection(reader.format, rejection, reader.steps, trail)
    return Inspection(reader.format, _prove(reader, parsed, keys, now, trail), reader.steps, trail)


def recognises(text: str) -> bool:
    """True when the text looks like a pass of some format; nothing about it is checked."""
    return _reader_for(text) is not None


def _reader_for(text: str) -> PassReader | None:
    if len(text) <= MAX_TEXT:
        for reader in READERS:
            if reader.accepts(text):
                return reader
    return None


def _prove(
    reader: PassReader, parsed: ParsedPass, keys: KeySource, now: datetime, trail: Trail
) -> VerifiedPass | Rejection:
    """Key, signature, then what the signed content says about time, usage and schema."""
    candidates = keys.find(parsed.issuer, parsed.envelope.key_id)
    usable = [key for key in candidates if _in_service(key, now)]
    trail.checks[Check.KEY] = bool(usable)
    if not usable:
        known = bool(candidates) or keys.knows(parsed.issuer)
        reason = Reason.UNKNOWN_KEY if known else Reason.UNKNOWN_ISSUER
        detail = "key outside its period of use" if candidates else ""
        return Rejection((reason,), None, parsed.identity, reader.format, detail)
    key = next((key for key in usable if cose.verifies(parsed.envelope, key)), None)
    trail.checks[Check.SIGNATURE] = key is not None
    if key is None:
        return Rejection((Reason.BAD_SIGNATURE,), None, parsed.identity, reader.format)
    return _weigh(reader, parsed, key, now, trail)


def _in_service(key: TrustedKey, now: datetime) -> bool:
    return (key.valid_from is None or key.valid_from <= now) and (
        key.valid_until is None or now < key.valid_until
    )


def _weigh(
    reader: PassReader, parsed: ParsedPass, key: TrustedKey, now: datetime, trail: Trail
) -> VerifiedPass | Rejection:
    """Everything after the signature; all failures are listed, not only the first."""
    statement = reader.interpret(parsed)
    checks, claims = trail.checks, statement.claims
    reasons = statement.times.failures(now) if statement.times else ()
    checks[Check.TIME] = statement.times is not None and not reasons
    checks[Check.USAGE] = _may_sign(key, statement.kinds, claims)
    checks[Check.SCHEMA] = claims is not None
    if not checks[Check.USAGE]:
        reasons += (Reason.WRONG_KEY_USAGE,)
    if claims is None or statement.times is None:
        reasons += (Reason.MALFORMED,)
        claims = None
    if claims is None or reasons:
        return Rejection(reasons, claims, parsed.identity, reader.format, statement.detail)
    return VerifiedPass(claims, parsed.identity, key.key_id)


def _may_sign(key: TrustedKey, kinds: frozenset[PassKind], claims: PassClaims | None) -> bool:
    """True when the key was given to sign such passes, in such a place."""
    if key.kinds is not None and not kinds <= key.kinds:
        return False
    if key.division is None:
        return True
    area = key.division.removesuffix("00").removesuffix("00")
    return bool(claims and claims.division and claims.division.startswith(area))
