"""Marks by which a hub can tell that one person was at two of its gates on one day. Pure."""

import hashlib
import hmac
from datetime import UTC, date, datetime
from typing import Annotated, Final

import msgspec

KEY_BYTES: Final = 32
MOST_KEYS: Final = 8
_LABEL: Final = b"checkpoint trace/1\0"


class TraceKey(msgspec.Struct, frozen=True):
    """One day's key.

    Attributes:
        day: in UTC.
        key: 32 random bytes.
    """

    day: date
    key: Annotated[bytes, msgspec.Meta(min_length=KEY_BYTES, max_length=KEY_BYTES)]

    def __repr__(self) -> str:
        """Without the key: this may get into a log."""
        return f"TraceKey({self.day.isoformat()})"

    def trace(self, who: bytes) -> str:
        """16 hex digits of HMAC-SHA256 (RFC 2104) over who was seen: the same at every gate."""
        return hmac.new(self.key, _LABEL + who, hashlib.sha256).hexdigest()[:16]


def trace_day(at: datetime) -> date:
    """Which day's key marks a scan: all gates of a hub must mean the same one."""
    return at.astimezone(UTC).date()
