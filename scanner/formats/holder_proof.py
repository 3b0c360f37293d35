"""The holder's half of a health code: a phone's signature around the issuer's message.

The issuer names the phone's public key in the token (`cnf`, RFC 8747 section 3), and every half
minute the phone signs the time together with the whole token. So a picture of the code is worth
nothing after a minute, though phone and gate are both offline. See `docs/health-code.md`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import cbor2
import msgspec

from scanner.domain.passes import Algorithm, Presentation
from scanner.domain.reasons import Reason
from scanner.formats import cbor, cose, cwt
from scanner.formats.checks import Check, UnreadableError
from scanner.formats.reader import Failure
from scanner.trust.algorithms import SCHEMES, is_signed_by
from scanner.trust.cose_keys import read_cose_key, thumbprint
from scanner.trust.keys import PublicKey

FRESH_FOR: Final = timedelta(seconds=60)
"""How far the phone's time may lie from the gate's, either way."""

COSE_KEY: Final = 1
"""The one member of `cnf` that counts (RFC 8747 section 3.2)."""

PHONE_ALGORITHMS: Final = (Algorithm.EDDSA, Algorithm.ES256)
"""What phones' keystores sign with, in signatures that are small enough."""


def protected_header(algorithm: Algorithm) -> bytes:
    """The one protected header that a phone's signature has: the algorithm and nothing else."""
    return cbor2.dumps({cose.ALGORITHM_LABEL: SCHEMES[algorithm].cose})


_HEADERS: Final = frozenset(map(protected_header, PHONE_ALGORITHMS))


class HolderKey(msgspec.Struct, frozen=True):
    """The phone's key, as the issuer signed it.

    Attributes:
        thumbprint: names the key (RFC 9679).
    """

    algorithm: Algorithm
    public_key: PublicKey
    thumbprint: bytes


def unwrap(envelope: cose.Sign1, payload: Sequence[object]) -> tuple[Presentation, cose.Sign1]:
    """What the phone signed, and the issuer's message within; nothing of either is proven.

    Args:
        envelope: the outer message.
        payload: its payload, decoded: `[seconds, issuer's COSE_Sign1 as bytes]`.

    Raises:
        UnreadableError: anything else.
    """
    if envelope.protected not in _HEADERS:
        raise UnreadableError(Check.ENVELOPE, "a phone's header holds its algorithm, nothing else")
    if len(payload) != 2 or type(payload[0]) is not int or not isinstance(payload[1], bytes):
        raise UnreadableError(Check.ENVELOPE, "a phone signs a time and the issuer's message")
    try:
        at = cwt.moment(payload[0])
    except UnreadableError as error:
        raise UnreadableError(Check.ENVELOPE, error.detail) from error
    return Presentation(envelope.signed, at), cose.parse(payload[1], strict=True)


def read_key(claims: Mapping[object, object]) -> HolderKey | None:
    """The key that the issuer bound the code to; None when it bound it to none.

    Raises:
        UnreadableError: `cnf` holds something else than one COSE_Key.
    """
    if cwt.CONFIRMATION not in claims:
        return None
    confirmation = claims[cwt.CONFIRMATION]
    members = list(confirmation.items()) if cbor.is_map(confirmation) else []
    if len(members) != 1 or type(members[0][0]) is not int or members[0][0] != COSE_KEY:
        raise UnreadableError(Check.SCHEMA, "cnf holds something else than one COSE_Key")
    try:
        algorithm, public_key = read_cose_key(members[0][1])
    except ValueError as error:
        raise UnreadableError(Check.SCHEMA, "cnf holds no key that a phone may have") from error
    return HolderKey(algorithm, public_key, thumbprint(public_key))


def failures(
    key: HolderKey | None, presentation: Presentation | None, now: datetime
) -> tuple[Failure, ...]:
    """What is wrong with the holder's proof; nothing for a code that needs none."""
    if key is None:
        return ()
    if presentation is None:
        return (Failure(Check.HOLDER, Reason.HOLDER_UNPROVEN),)
    if not is_signed_by(presentation.signed, key.public_key, key.algorithm):
        return (Failure(Check.HOLDER, Reason.BAD_SIGNATURE),)
    if abs(now - presentation.at) > FRESH_FOR:
        return (Failure(Check.HOLDER, Reason.SCREENSHOT),)
    return ()
