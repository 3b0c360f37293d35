"""PINs as Argon2id strings in PHC form (RFC 9106; the PHC string format).

7 MiB and five passes on one lane is one of the five settings of equal strength that OWASP's
Password Storage Cheat Sheet names; it is the one with the least memory, since a gate has few
megabytes to spare. No setting saves a PIN of four digits from whoever has the string: there are
10,000 of them. What protects PINs is that the file is the gate's alone, and the lock-out.
"""

import os
import re
from typing import Final

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

_MEMORY_KIB: Final = 7 * 1024
_PASSES: Final = 5
_LANES: Final = 1
_SALT_BYTES: Final = 16
_HASH_BYTES: Final = 32

_PHC: Final = re.compile(
    r"\$argon2id\$v=19\$m=([0-9]{1,6}),t=([0-9]{1,2}),p=([0-9])"
    r"\$[A-Za-z0-9+/]{11,64}\$[A-Za-z0-9+/]{22,86}",
    re.ASCII,
)
_MAX_PHC: Final = 256
_MAX_MEMORY_KIB: Final = 32 * 1024
_MAX_PASSES: Final = 10
_MAX_LANES: Final = 4


def seal_pin(pin: str) -> str:
    """The string that a roster keeps of a PIN, under a fresh salt."""
    hasher = Argon2id(
        salt=os.urandom(_SALT_BYTES),
        length=_HASH_BYTES,
        iterations=_PASSES,
        lanes=_LANES,
        memory_cost=_MEMORY_KIB,
    )
    return hasher.derive_phc_encoded(pin.encode())


def is_bearable(sealed: str) -> bool:
    """Whether a string is one of ours in form, and asks for no more than a gate can spare."""
    found = _PHC.fullmatch(sealed) if len(sealed) <= _MAX_PHC else None
    if found is None:
        return False
    memory_kib, passes, lanes = map(int, found.groups())
    return (
        8 * lanes <= memory_kib <= _MAX_MEMORY_KIB
        and 1 <= passes <= _MAX_PASSES
        and 1 <= lanes <= _MAX_LANES
    )


def fits(pin: str, sealed: str | None) -> bool:
    """Whether this is the PIN; takes as long where there is none, so that the time tells nothing.

    Args:
        pin: as typed.
        sealed: from the roster; None for a number that nobody has, or that has no PIN.
    """
    try:
        Argon2id.verify_phc_encoded(pin.encode(), sealed or _NOBODYS)
    except (InvalidKey, ValueError):
        return False
    return sealed is not None


_NOBODYS: Final = (
    "$argon2id$v=19$m=7168,t=5,p=1$MDEyMzQ1Njc4OWFiY2RlZg"
    "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)
"""What a number without a PIN is compared with: the same work, and no known PIN fits."""
