"""Base45 (RFC 9285): three characters of QR's alphanumeric mode carry two bytes."""

from functools import lru_cache
from typing import Final

from scanner.formats.checks import Check, UnreadableError

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

_FOREIGN: Final = 255
_VALUES: Final = bytes(
    ALPHABET.index(chr(code)) if chr(code) in ALPHABET else _FOREIGN for code in range(256)
)


def decode(text: str) -> bytes:
    """The bytes that `text` stands for.

    Raises:
        UnreadableError: a character outside the alphabet, a group that exceeds its bytes, or a
            single character left over.
    """
    values = text.encode("ascii", "replace").translate(_VALUES)
    if _FOREIGN in values:
        raise UnreadableError(Check.ENCODING, "character outside the Base45 alphabet")
    count, left_over = divmod(len(values), 3)
    if left_over:
        whole = 3 * count
        return _decode_groups(values[:whole], count) + _decode_rest(values[whole:])
    return _decode_groups(values, count)


def _decode_groups(values: bytes, count: int) -> bytes:
    """Two bytes from each three characters, all groups at once within one large integer.

    Every group has 24 bits of it, and its value needs 17, so that no group carries into another.
    """
    every = int.from_bytes(values, "big")
    third = _every_third(count)
    sums = (every >> 16 & third) + 45 * (every >> 8 & third) + 45 * 45 * (every & third)
    if sums >> 16 & third:
        raise UnreadableError(Check.ENCODING, "Base45 group exceeds two bytes")
    groups = sums.to_bytes(3 * count, "big")
    data = bytearray(2 * count)
    data[::2], data[1::2] = groups[1::3], groups[2::3]
    return bytes(data)


@lru_cache(maxsize=256)
def _every_third(count: int) -> int:
    """The last byte of each of `count` groups; codes of one issuer are of few lengths."""
    return int.from_bytes(b"\0\0\xff" * count, "big")


def _decode_rest(values: bytes) -> bytes:
    """One byte from two characters."""
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
