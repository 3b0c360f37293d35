"""The hash chain over ledger lines: pure functions that gate and hub both compute.

    leaf_n = SHA-256(line_n)
    head_n = SHA-256(head_{n-1} || leaf_n)
    head_0 = SHA-256("gate-log/1" 00 device-id 00 log-nonce)

Lines are the exact bytes on disk and on the wire; nobody ever re-serialises them.
"""

import hashlib
from collections.abc import Iterable
from typing import Final

HASH_SIZE: Final = 32
NONCE_SIZE: Final = 16
MAX_LINE: Final = 8 << 10
"""Bytes of the longest line that is recorded; a real one has 300 to 700."""

_DOMAIN: Final = b"gate-log/1"


def genesis(device_id: str, nonce: bytes) -> bytes:
    """head_0 of one log: the device that writes it and 16 random bytes of its own."""
    if len(nonce) != NONCE_SIZE:
        raise ValueError(f"a log nonce has {NONCE_SIZE} bytes, not {len(nonce)}")
    return hashlib.sha256(b"\0".join((_DOMAIN, device_id.encode(), nonce))).digest()


def leaf(line: bytes) -> bytes:
    """Hash of one line."""
    return hashlib.sha256(line).digest()


def extend(head: bytes, line: bytes) -> bytes:
    """The head after `line` follows `head`."""
    return extend_by_leaf(head, leaf(line))


def extend_by_leaf(head: bytes, leaf_hash: bytes) -> bytes:
    """The head after a line of which only the leaf hash is left."""
    return hashlib.sha256(head + leaf_hash).digest()


def extend_all(head: bytes, lines: Iterable[bytes]) -> bytes:
    """The head after all `lines`, in order."""
    for line in lines:
        head = extend(head, line)
    return head
