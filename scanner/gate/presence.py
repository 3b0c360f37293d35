"""Debounce: the same code held still is one presentation, and a different one at once is new.

Codes are told apart by digests, in RAM only. A code counts as gone after it was unseen for
`absence_s`; a bare timer would admit a second person with the first one's phone still in view, or
scan the same phone twice.
"""

import hashlib
from typing import Final

from scanner.domain.passes import Rejection, VerifiedPass
from scanner.domain.reasons import Reason

BESIDE_IDENTITY: Final = frozenset(
    {Reason.BAD_SIGNATURE, Reason.HOLDER_UNPROVEN, Reason.SCREENSHOT}
)
"""What is wrong with the showing and not with the code: the same identity may be rightly shown."""


class Presence:
    """Which codes are in view now.

    Args:
        absence_s: seconds unseen after which a code counts as gone.
    """

    def __init__(self, absence_s: float = 0.8) -> None:
        self._absence_s = absence_s
        self._gone_at: dict[bytes, float] = {}
        self._aliases: dict[bytes, bytes] = {}

    def is_text_present(self, text: str, now_s: float) -> bool:
        """True when this very text is in view already; refreshes it. Spares parsing it again."""
        key = self._aliases.get(text_digest(text))
        return key is not None and self._refresh(key, now_s)

    def arrives(self, text: str, identity: bytes | None, now_s: float) -> bool:
        """Note a text that was not in view.

        Args:
            text: as read.
            identity: what stays the same under harmless changes of the text; None for codes that
                are no pass, which are told apart by their text.
            now_s: monotonic seconds.

        Returns:
            True when this is a new presentation, False when the same pass is in view under
            another text.
        """
        digest = text_digest(text)
        key = identity or digest
        self._aliases[digest] = key
        if self._refresh(key, now_s):
            return False
        self._gone_at[key] = now_s + self._absence_s
        return True

    def hold(self, text: str, until_s: float) -> None:
        """Take a text that was noted for present until then, seen or not.

        Args:
            text: as read.
            until_s: monotonic seconds.
        """
        key = self._aliases.get(text_digest(text))
        if key is not None:
            self._gone_at[key] = max(self._gone_at.get(key, until_s), until_s)

    def was_blind(self, seconds: float) -> None:
        """Nobody looked for so long: that is no absence of what was in view."""
        self._gone_at = {key: at + seconds for key, at in self._gone_at.items()}

    def forget_absent(self, now_s: float) -> None:
        """Drop what was unseen for too long."""
        gone = {key for key, at in self._gone_at.items() if now_s > at}
        if gone:
            self._gone_at = {key: at for key, at in self._gone_at.items() if key not in gone}
            self._aliases = {text: key for text, key in self._aliases.items() if key not in gone}

    @property
    def is_empty(self) -> bool:
        """True while no code is in view."""
        return not self._gone_at

    def _refresh(self, key: bytes, now_s: float) -> bool:
        gone_at = self._gone_at.get(key)
        if gone_at is None or now_s > gone_at:
            return False
        self._gone_at[key] = max(gone_at, now_s + self._absence_s)
        return True


def lasting_identity(shown: VerifiedPass | Rejection) -> bytes | None:
    """The identity by which what was shown is told apart; None where the text alone must do.

    A wrong signature and a phone's missing or outdated one lie outside of what the identity is
    made of: the same code may be shown rightly a moment later, and is then something new.
    """
    if isinstance(shown, Rejection) and not BESIDE_IDENTITY.isdisjoint(shown.reasons):
        return None
    return shown.identity


def text_digest(text: str) -> bytes:
    """SHA-256 of a code's text; stays in RAM."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
