"""The registered claims of a CBOR Web Token (RFC 8392 section 3) that every format shares."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from scanner.domain.reasons import Reason
from scanner.formats.checks import Check, UnreadableError

ISSUER: Final = 1
EXPIRES_AT: Final = 4
NOT_BEFORE: Final = 5
ISSUED_AT: Final = 6
CODE_ID: Final = 7
CONFIRMATION: Final = 8
"""`cnf` (RFC 8747 section 3.1): the key of whoever may present the token."""

SKEW: Final = timedelta(seconds=60)
"""How far the clocks of issuer and gate may disagree."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_S: Final = 253_402_300_799
"""The end of the year 9999; milliseconds taken for seconds end up beyond it."""

_ABSENT: Final = object()


class Times(msgspec.Struct, frozen=True):
    """When a code was made and when it holds; None where the issuer did not say."""

    issued_at: datetime | None
    not_before: datetime | None
    expires_at: datetime | None

    def failures(self, now: datetime) -> tuple[Reason, ...]:
        """What is wrong with the time at `now`, give or take `SKEW`."""
        failures: tuple[Reason, ...] = ()
        # Differences never overflow, whatever the clock says; sums at the ends of time do.
        if self.expires_at is not None and now - self.expires_at >= SKEW:
            failures += (Reason.EXPIRED,)
        if (self.issued_at is not None and self.issued_at - now > SKEW) or (
            self.not_before is not None and self.not_before - now > SKEW
        ):
            failures += (Reason.NOT_YET_VALID,)
        return failures


def read_times(claims: Mapping[object, object], *, strict: bool) -> Times:
    """The three times of a token.

    Args:
        claims: the token's claims by number.
        strict: whole seconds only; otherwise fractions too, as RFC 8392 section 2 allows.

    Raises:
        UnreadableError: a time that is no number, negative, not finite or beyond the year 9999.
    """
    return Times(
        _moment(claims.get(ISSUED_AT, _ABSENT), strict),
        _moment(claims.get(NOT_BEFORE, _ABSENT), strict),
        _moment(claims.get(EXPIRES_AT, _ABSENT), strict),
    )


def _moment(value: object, strict: bool) -> datetime | None:
    if value is _ABSENT:
        return None
    if type(value) is int or (type(value) is float and not strict and math.isfinite(value)):
        return moment(value)
    raise UnreadableError(Check.TIME, "a time is not a number of seconds")


def moment(seconds: float) -> datetime:
    """Seconds since 1970 as an aware time.

    Raises:
        UnreadableError: negative, or beyond the year 9999.
    """
    if not 0 <= seconds <= _LATEST_S:
        raise UnreadableError(Check.TIME, "a time is out of range")
    return _EPOCH + timedelta(seconds=seconds)  # a third of what `fromtimestamp` takes
