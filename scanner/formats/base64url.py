"""Base64url without padding (RFC 7515 section 2, RFC 4648 section 5), one spelling for all bytes.

`base64.urlsafe_b64decode` skips what is not in its alphabet, so that one signature could be written
in many ways; here every byte string has exactly one.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from scanner.formats.checks import Check, UnreadableError

_ALPHABET: Final = re.compile(r"[A-Za-z0-9_-]*")


def decode(text: str) -> bytes:
    """The bytes that `text` stands for in base64url without padding (RFC 7515 section 2).

    Raises:
        UnreadableError: a foreign character, a length that no bytes have, or spare bits set.
    """
    if not _ALPHABET.fullmatch(text) or len(text) % 4 == 1:
        raise UnreadableError(Check.ENVELOPE, "not base64url without padding")
    data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode(data) != text:
        raise UnreadableError(Check.ENVELOPE, "spare bits of base64url are not zero")
    return data


def encode(data: bytes) -> str:
    """`data` in base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
