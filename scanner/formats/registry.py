"""From text to verified pass: the one legal order of steps, for every format.

A new format is one new file in `scanner/formats/readers` with a `READER`: it is found there, and no
other file changes. No text raises: everything that is not a verified pass is a `Rejection`.
"""

from collections.abc import Iterator
from datetime import datetime
from importlib import import_module
from pkgutil import iter_modules
from typing import Final

from msgspec.structs import replace

from scanner.domain.passes import (
    Evidence,
    ParsedPass,
    PassClaims,
    PassKind,
    Rejection,
    VerifiedPass,
)
from scanner.domain.reasons import Reason
from scanner.formats import readers
from scanner.formats.checks import Check, Inspection, Trail, UnreadableError
from scanner.formats.foreign import classify
from scanner.formats.parts import Part
from scanner.formats.reader import LongPassReader, PassReader
from scanner.trust.algorithms import verifies
from scanner.trust.keys import NO_REVOCATIONS, KeySource, Revocations, Revoked, TrustedKey


def _installed() -> Iterator[PassReader]:
    for module in sorted(iter_modules(readers.__path__), key=lambda module: module.name):
        yield import_module(f"{readers.__name__}.{module.name}").READER


READERS: Final = {reader.format: reader for reader in _installed()}
"""Every format by its name."""

_STEPS: Final = {name: (*reader.steps, Check.REVOCATION) for name, reader in READERS.items()}
_UNBOUND_STEPS: Final = {
    name: tuple(step for step in steps if step is not Check.HOLDER)
    for name, steps in _STEPS.items()
}
_REVOKED: Final = {
    Revoked.YES: Reason.REVOKED,
    Revoked.PROBABLY: Reason.PROBABLY_REVOKED,
}

MAX_TEXT: Final = 4096
"""Longer than any pass in one code; a QR code holds at most 4,296 characters."""

_LONGEST: Final = tuple(
    (reader, reader.max_text if isinstance(reader, LongPassReader) else MAX_TEXT)
    for reader in READERS.values()
)


def read_pass(
    text: str, keys: KeySource, now: datetime, revocations: Revocations = NO_REVOCATIONS
) -> VerifiedPass | Rejection:
    """Verify a QR text offline.

    Args:
        text: as decoded; hostile.
        keys: whose signatures count.
        now: aware time of reading.
        revocations: which codes were taken back.
    """
    return _read(_reader_for(text), text, keys, now, revocations, Trail())[0]


def inspect_pass(
    text: str, keys: KeySource, now: datetime, revocations: Revocations = NO_REVOCATIONS
) -> Inspection:
    """The same verification, with the outcome of every step."""
    trail = Trail()
    reader = _reader_for(text)
    outcome, is_holder_bound = _read(reader, text, keys, now, revocations, trail)
    if reader is None:
        return Inspection(None, outcome, (Check.PREFIX,), trail)
    steps = _steps(reader, is_holder_bound=is_holder_bound)
    return Inspection(reader.title, outcome, steps, trail)


def _read(
    reader: PassReader | None,
    text: str,
    keys: KeySource,
    now: datetime,
    revocations: Revocations,
    trail: Trail,
) -> tuple[VerifiedPass | Rejection, bool]:
    """What came out, and whether the code is bound to a holder's key."""
    if reader is None:
        trail.prefix = False
        reasons = (Reason.NOT_A_HEALTH_CODE,)
        return Rejection(reasons, detail="no known prefix", foreign=classify(text)), False
    try:
        parsed = reader.open(text, trail)
    except UnreadableError as error:
        trail.fail(error.check)
        malformed = Rejection((Reason.MALFORMED,), format=reader.format, detail=error.detail)
        return malformed, False
    outcome = _prove(reader, parsed, keys, now, trail)
    return _unless_revoked(outcome, revocations, trail), parsed.is_holder_bound


def recognises(text: str) -> bool:
    """True when the text looks like a pass of some format; nothing about it is checked."""
    return _reader_for(text) is not None


def part_of(text: str) -> Part | None:
    """The share that a text has in a pass spread over several codes; None for one that is whole."""
    reader = _reader_for(text)
    return None if reader is None else reader.part(text)


def _reader_for(text: str) -> PassReader | None:
    for reader, longest in _LONGEST:
        if len(text) <= longest and reader.accepts(text):
            return reader
    return None


def _steps(reader: PassReader, *, is_holder_bound: bool) -> tuple[Check, ...]:
    """The format's steps; the holder's only for codes that are bound to a holder's key."""
    return (_STEPS if is_holder_bound else _UNBOUND_STEPS)[reader.format]


def _prove(
    reader: PassReader, parsed: ParsedPass, keys: KeySource, now: datetime, trail: Trail
) -> VerifiedPass | Rejection:
    """Key, signature, then what the signed content says about time, usage and schema."""
    candidates = keys.find(parsed.issuer, parsed.signed.key_id)
    usable = [key for key in candidates if key.revoked_at or _in_service(key, now)]
    trail.key = bool(usable)
    if not usable:
        if not candidates and not keys.knows(parsed.issuer):
            return Rejection((Reason.UNKNOWN_ISSUER,), None, parsed.identity, reader.format)
        detail = "key outside its period of use" if candidates else ""
        return _unproven(Reason.UNKNOWN_KEY, reader, parsed, detail)
    for key in usable:
        if verifies(parsed.signed, key):
            trail.signature = True
            if key.revoked_at:
                trail.key = False
                return _unproven(Reason.KEY_REVOKED, reader, parsed)
            return _weigh(reader, parsed, key, now, trail)
    trail.signature = False
    return _unproven(Reason.BAD_SIGNATURE, reader, parsed)


def _unproven(
    reason: Reason, reader: PassReader, parsed: ParsedPass, detail: str = ""
) -> Rejection:
    """Of a code whose claimed issuer is known here, and that no good key of it vouches for."""
    return Rejection(
        (reason,),
        identity=parsed.identity,
        format=reader.format,
        detail=detail,
        claimed_issuer=parsed.issuer,
    )


def _in_service(key: TrustedKey, now: datetime) -> bool:
    return (key.valid_from is None or key.valid_from <= now) and (
        key.valid_until is None or now < key.valid_until
    )


def _weigh(
    reader: PassReader, parsed: ParsedPass, key: TrustedKey, now: datetime, trail: Trail
) -> VerifiedPass | Rejection:
    """Everything after the signature; all failures are listed, not only the first."""
    statement = reader.interpret(parsed, now)
    times, claims = statement.times, statement.claims
    reasons: tuple[Reason, ...] = ()
    if parsed.is_holder_bound:
        trail.holder = True
    late = times.failures(now) if times else ()
    trail.time = times is not None and not late
    trail.usage = _may_sign(key, statement.kinds, claims)
    trail.schema = claims is not None
    for failure in statement.failures:
        trail.fail(failure.check)
        reasons += (failure.reason,)
    reasons += late
    if not trail.usage:
        reasons += (Reason.WRONG_KEY_USAGE,)
    if times is None or (claims is None and not statement.failures):
        reasons += (Reason.MALFORMED,)
        claims = None
    if reasons and Reason.BAD_SIGNATURE in reasons:
        claims = None  # somebody forged the holder's part: whose code it is, nobody has proven
    if claims is None or reasons:
        return Rejection(
            reasons,
            claims,
            parsed.identity,
            reader.format,
            statement.detail,
            claimed_issuer=parsed.issuer,
        )
    evidence = Evidence(reader.format, key.key_id, key.algorithm)
    return VerifiedPass(claims, parsed.identity, evidence)


def _unless_revoked(
    outcome: VerifiedPass | Rejection, revocations: Revocations, trail: Trail
) -> VerifiedPass | Rejection:
    """The same outcome, unless its issuer took the proven code back."""
    claims = outcome.claims if isinstance(outcome, VerifiedPass) else outcome.proven
    if claims is None or outcome.identity is None:
        return outcome
    revoked = revocations.check(claims.issuer, claims.code_id, outcome.identity)
    if revoked is Revoked.NO_LIST:
        return outcome
    reason = _REVOKED.get(revoked)
    trail.revocation = reason is None
    if reason is None:
        return outcome
    if isinstance(outcome, Rejection):
        return replace(outcome, reasons=(*outcome.reasons, reason))
    return Rejection((reason,), claims, outcome.identity, claims.format)


def _may_sign(key: TrustedKey, kinds: frozenset[PassKind], claims: PassClaims | None) -> bool:
    """True when the key was given to sign such passes, in such a place."""
    if key.kinds is not None and not kinds <= key.kinds:
        return False
    if key.division is None:
        return True
    area = key.division.removesuffix("00").removesuffix("00")
    return bool(claims and claims.division and claims.division.startswith(area))
