"""Base45 (RFC 9285): three characters of QR's alphanumeric mode carry two bytes."""

from typing import Final

import numpy as np

from scanner.formats.checks import Check, UnreadableError

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

_FOREIGN: Final = 255
_VALUES: Final = bytes(
    ALPHABET.index(chr(code)) if chr(code) in ALPHABET else _FOREIGN for code in range(256)
)
_WEIGHTS: Final = np.array([1, 45, 45 * 45], dtype=np.uint32)


def decode(text: str) -> bytes:
    """The bytes that `text` stands for.

    Raises:
        UnreadableError: a character outside the alphabet, a group that exceeds its bytes, or a
            single character left over.
    """
    if not text.isascii():
        raise UnreadableError(Check.ENCODING, "character outside the Base45 alphabet")
    values = text.encode("ascii").translate(_VALUES)
    if _FOREIGN in values:
        raise UnreadableError(Check.ENCODING, "character outside the Base45 alphabet")
    whole = len(values) // 3 * 3
    pairs = np.frombuffer(values, np.uint8, whole).reshape(-1, 3) @ _WEIGHTS
    if np.count_nonzero(pairs > 0xFFFF):
        raise UnreadableError(Check.ENCODING, "Base45 group exceeds two bytes")
    return pairs.astype(">u2").tobytes() + _decode_rest(values[whole:])


def _decode_rest(values: bytes) -> bytes:
    """One byte from two characters; nothing from none."""
    if not values:
        return b""
    if len(values) == 1:
        raise UnreadableError(Check.ENCODING, "single Base45 character left over")
    byte = values[0] + 45 * values[1]
    if byte > 0xFF:
        raise UnreadableError(Check.ENCODING, "Base45 group exceeds one byte")
    return bytes((byte,))


def encode(data: bytes) -> str:
    """`data` as Base45 text."""
    groups = []
    for at in range(0, len(data), 2):
        pair = data[at : at + 2]
        rest = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            rest, digit = divmod(rest, 45)
            groups.append(ALPHABET[digit])
    return "".join(groups)
