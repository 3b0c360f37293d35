"""The newest code of each holder that was shown here, so that an older one does not count.

Kept in RAM as keyed digests, never as names, and forgotten after a day. What is remembered is when
the newest code was issued, whatever its colour: red gives way to green and green to red at once.
"""

from collections import OrderedDict
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final

import msgspec

from scanner.domain.passes import PassClaims, Rejection, VerifiedPass
from scanner.domain.reasons import Reason
from scanner.gate.holders import holder_of

KEPT_S: Final = 86_400.0
MOST: Final = 20_000
KEY_BYTES: Final = 32
_SKEW: Final = timedelta(seconds=60)
_DIGEST_BYTES: Final = 16
_SAYS_NOTHING: Final = frozenset({Reason.WRONG_KEY_USAGE, Reason.NOT_YET_VALID})
"""A key outside its office proves nothing of the holder, and what holds tomorrow does not yet."""


class _Newest(msgspec.Struct, frozen=True):
    issued_at: datetime
    noted_s: float


class NewestCodes:
    """When the newest code of each holder was issued.

    Args:
        key: 32 random bytes of this process, so that a copy of its memory names nobody.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._newest: OrderedDict[bytes, _Newest] = OrderedDict()

    def __len__(self) -> int:
        return len(self._newest)

    def note(self, shown: VerifiedPass | Rejection, now: datetime, now_s: float) -> None:
        """Remember what was shown, if it is proven and newer than what is known of its holder.

        Args:
            shown: what a code turned out to be; one that has expired is proven as well.
            now: aware time; a code from the future says nothing.
            now_s: monotonic seconds.
        """
        self._prune(now_s)
        claims = _proven(shown)
        holder = self._holder(claims)
        if claims is None or holder is None or claims.issued_at is None:
            return
        is_speaking = isinstance(shown, VerifiedPass) or _SAYS_NOTHING.isdisjoint(shown.reasons)
        if not is_speaking or claims.issued_at - now > _SKEW:
            return
        known = self._newest.get(holder)
        issued_at = max(known.issued_at, claims.issued_at) if known else claims.issued_at
        self._newest[holder] = _Newest(issued_at, now_s)
        self._newest.move_to_end(holder)
        if len(self._newest) > MOST:
            self._newest.popitem(last=False)

    def supersedes(self, shown: VerifiedPass | Rejection) -> bool:
        """True when a code of the same holder that was issued later has been shown."""
        claims = _proven(shown)
        holder = self._holder(claims)
        known = self._newest.get(holder) if holder else None
        if claims is None or claims.issued_at is None or known is None:
            return False
        return claims.issued_at < known.issued_at

    def _prune(self, now_s: float) -> None:
        """The oldest note is always the first."""
        while self._newest:
            holder, newest = next(iter(self._newest.items()))
            if now_s - newest.noted_s < KEPT_S:
                return
            del self._newest[holder]

    def _holder(self, claims: PassClaims | None) -> bytes | None:
        """Whose code it is, as a digest; None for a code that does not say."""
        holder = holder_of(claims)
        if holder is None:
            return None
        return blake2b(holder, key=self._key, digest_size=_DIGEST_BYTES).digest()


def _proven(shown: VerifiedPass | Rejection) -> PassClaims | None:
    return shown.claims if isinstance(shown, VerifiedPass) else shown.proven
