"""Debounce: the same code held still is one presentation, and a different one at once is new.

Codes are told apart by digests, in RAM only. A code counts as gone after it was unseen for
`absence_s`; a bare timer would admit a second person with the first one's phone still in view, or
scan the same phone twice.
"""

import hashlib


class Presence:
    """Which codes are in view now.

    Args:
        absence_s: seconds unseen after which a code counts as gone.
    """

    def __init__(self, absence_s: float = 0.8) -> None:
        self._absence_s = absence_s
        self._seen: dict[bytes, float] = {}
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
        self._seen[key] = now_s
        return True

    def forget_absent(self, now_s: float) -> None:
        """Drop what was unseen for too long."""
        gone = {key for key, at in self._seen.items() if now_s - at > self._absence_s}
        if gone:
            self._seen = {key: at for key, at in self._seen.items() if key not in gone}
            self._aliases = {text: key for text, key in self._aliases.items() if key not in gone}

    @property
    def is_empty(self) -> bool:
        """True while no code is in view."""
        return not self._seen

    def _refresh(self, key: bytes, now_s: float) -> bool:
        at = self._seen.get(key)
        if at is None or now_s - at > self._absence_s:
            return False
        self._seen[key] = now_s
        return True


def text_digest(text: str) -> bytes:
    """SHA-256 of a code's text; stays in RAM."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
