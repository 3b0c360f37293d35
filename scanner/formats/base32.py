"""Base32 (RFC 4648 section 6) without padding, as QR's alphanumeric mode has no equals sign."""

import re
from base64 import b32decode, b32encode
from typing import Final

from scanner.formats.checks import Check, UnreadableError

ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

_GROUP: Final = 8
_IMPOSSIBLE_RESTS: Final = (1, 3, 6)
_TEXT: Final = re.compile(r"[A-Z2-7]*")


def decode(text: str) -> bytes:
    """The bytes that `text` stands for; no two texts stand for the same.

    Raises:
        UnreadableError: a character outside the alphabet (lower case and padding are), a length
            that no bytes have, or bits left over that are not zero (RFC 4648 section 3.5).
    """
    if not _TEXT.fullmatch(text):
        raise UnreadableError(Check.ENCODING, "character outside the Base32 alphabet")
    if len(text) % _GROUP in _IMPOSSIBLE_RESTS:
        raise UnreadableError(Check.ENCODING, "Base32 text is cut off")
    data = b32decode(text + "=" * (-len(text) % _GROUP))
    if encode(data) != text:
        raise UnreadableError(Check.ENCODING, "bits left over in Base32 are not zero")
    return data


def encode(data: bytes) -> str:
    """`data` as Base32 text."""
    return b32encode(data).decode("ascii").rstrip("=")
