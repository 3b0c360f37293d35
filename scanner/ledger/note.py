"""Signed notes (C2SP signed-note): a text, and below it a line for each signature.

Checkpoints, receipts of erasure and the last certificate of a gate are such notes. Pure functions
that gate and hub both use.
"""

import base64
import binascii
import hashlib
import re
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

MAX_NOTE: Final = 4 << 10
"""Characters of the longest note that is looked at."""

Signatures = list[tuple[str, bytes]]
"""Of each signature line: the signer's name, and key id and signature."""

_ED25519: Final = b"\x01"
_KEY_ID_SIZE: Final = 4
_SIGNATURE_LINE: Final = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")


class NoteError(ValueError):
    """A note is malformed, or a signature on it is missing or wrong."""


def sign_note(text: str, name: str, key: Ed25519PrivateKey) -> str:
    """A note with one signature. `text` ends with a line break."""
    return f"{text}\n{signature_line(text, name, key)}"


def split_note(note: str) -> tuple[str, Signatures]:
    """The signed text, and every signature on it; none of them has been checked.

    Raises:
        NoteError: the note is malformed.
    """
    if len(note) > MAX_NOTE:
        raise NoteError("the note is too long")
    text, separator, tail = note.rpartition("\n\n")
    if not separator or not tail.endswith("\n"):
        raise NoteError("the note has no signatures")
    signatures = []
    for line in tail[:-1].split("\n"):
        match = _SIGNATURE_LINE.fullmatch(line)
        if not match:
            raise NoteError("a signature line is malformed")
        try:
            signatures.append((match[1], base64.b64decode(match[2], validate=True)))
        except binascii.Error as error:
            raise NoteError("a signature line is malformed") from error
    return text + "\n", signatures


def verify_signed(
    text: str, signatures: Signatures, name: str, public_key: Ed25519PublicKey
) -> None:
    """Check that there is a signature by this name and key, and no wrong one.

    Raises:
        NoteError: there is none, or one does not fit.
    """
    key_id = _key_id(name, public_key)
    ours = [
        data[_KEY_ID_SIZE:]
        for signer, data in signatures
        if signer == name and data[:_KEY_ID_SIZE] == key_id
    ]
    if not ours:
        raise NoteError("the note is not signed by that key")
    for signature in ours:
        try:
            public_key.verify(signature, text.encode())
        except InvalidSignature as error:
            raise NoteError("the signature does not fit the note") from error


def signature_line(text: str, name: str, key: Ed25519PrivateKey) -> str:
    """One more signature for a note with this text."""
    data = _key_id(name, key.public_key()) + key.sign(text.encode())
    return f"— {name} {base64.b64encode(data).decode()}\n"


def _key_id(name: str, public_key: Ed25519PublicKey) -> bytes:
    hashed = name.encode() + b"\n" + _ED25519 + public_key.public_bytes_raw()
    return hashlib.sha256(hashed).digest()[:_KEY_ID_SIZE]
