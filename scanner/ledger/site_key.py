"""The keys that the gates of one site share, a new one each day. Pure; `site_key_files` keeps them.

A chain runs from day to day and only forwards: each day's link gives the keys of that day and the
next link, by HKDF-Expand (RFC 5869, section 2.3). Gates that were given the same link make the same
keys ever after without telling one another anything; and whoever takes a gate's card away finds
today's link, from which no earlier key can be made. A base secret and the date would give the
thief every day there ever was.
"""

import hashlib
import hmac
from datetime import date, timedelta
from typing import Final

import msgspec

SECRET_BYTES: Final = 32
NAME_BYTES: Final = 16
ROOM_BYTES: Final = 8
FURTHEST: Final = timedelta(days=3660)
"""A clock that claims more days than that is not followed."""


class Link(msgspec.Struct, frozen=True):
    """One day's link of the chain.

    Attributes:
        day: the first day for which keys can be made from it.
        secret: 32 bytes.
    """

    day: date
    secret: bytes

    def onwards(self, day: date) -> "Link":
        """The link of a later day; this one where `day` is earlier, or absurdly far ahead."""
        link = self
        if day - self.day > FURTHEST:
            return self
        while link.day < day:
            link = Link(link.day + timedelta(days=1), _expand(link.secret, b"next"))
        return link

    def keys(self) -> "SiteKeys":
        """The keys of this link's day."""
        return SiteKeys(
            self.day,
            _expand(self.secret, b"names"),
            _expand(self.secret, b"datagrams"),
            _expand(self.secret, b"room")[:ROOM_BYTES],
        )


class SiteKeys(msgspec.Struct, frozen=True):
    """What a day's link gives.

    Attributes:
        day: the day that they are for.
        naming: 32 bytes, under which people are told apart.
        sealing: 32 bytes, under which gates of the site tell one another.
        room: 8 bytes that mark their datagrams, so that others need not be opened; no secret.
    """

    day: date
    naming: bytes
    sealing: bytes
    room: bytes

    def name(self, what: bytes) -> bytes:
        """16 bytes of HMAC-SHA256 (RFC 2104) over who or what passed: the same today only."""
        return hmac.new(self.naming, what, hashlib.sha256).digest()[:NAME_BYTES]


def _expand(secret: bytes, purpose: bytes) -> bytes:
    """One block of HKDF-Expand: 32 bytes that say nothing about `secret` or of other purposes."""
    info = b"checkpoint site key: " + purpose
    return hmac.new(secret, info + b"\x01", hashlib.sha256).digest()
