"""Personal fields, sealed to the hub at write time: the gate cannot read its own past.

HPKE base mode (RFC 9180): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305. The entry's
device and number are bound in `info`, so a sealed field copied into another entry does not open.
"""

import base64
from pathlib import Path
from typing import Final, Self, TypeVar

import msgspec
from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from scanner.domain.decoding import decode_json
from scanner.domain.errors import LedgerError
from scanner.domain.passes import Holder, IdKind
from scanner.domain.walk_ins import VisitorDetails

BLOCK: Final = 128
"""Plain texts are padded to a multiple of this; only names over some 80 bytes take a second."""

VISITOR_BLOCK: Final = 512
"""The same for visitors: host, phone and name at their longest take one."""

Plain = TypeVar("Plain")

_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_INFO: Final = b"checkpoint-gate/holder/1\0"
_VISITOR_INFO: Final = b"checkpoint-gate/visitor/1\0"
_NOTE_INFO: Final = b"checkpoint-gate/note/1\0"
_MAX_SEALED: Final = 8 << 10


T = TypeVar("T")


class UnsealError(ValueError):
    """A sealed field does not open: another key, another entry, or altered."""


def sealing_context(device_id: str, seq: int) -> bytes:
    """What binds a sealed field to its entry."""
    return f"{device_id}/{seq}".encode()


class Sealer:
    """Seals holders and visitors to one hub's public key."""

    def __init__(self, public_key: X25519PublicKey) -> None:
        self._public_key = public_key

    @classmethod
    def from_pem(cls, path: Path) -> Self:
        """The hub's X25519 public key from a PEM file.

        Raises:
            LedgerError: the file cannot be read or holds something else.
        """
        try:
            key = load_pem_public_key(path.read_bytes())
        except OSError as error:
            raise LedgerError(
                f"The hub's sealing key {path} cannot be read: {error.strerror}.",
                "Fetch it from the hub, or leave hub.sealing_key out: then nothing personal is "
                "recorded.",
            ) from error
        except (ValueError, UnsupportedAlgorithm) as error:
            raise _no_sealing_key(path) from error
        if not isinstance(key, X25519PublicKey):
            raise _no_sealing_key(path)
        return cls(key)

    def seal(self, holder: Holder, context: bytes) -> str:
        """The holder's masked name and id suffix as base64; its length tells nothing about them."""
        plain = msgspec.json.encode((holder.masked_name, holder.id_kind, holder.id_suffix))
        return self._box(plain, BLOCK, _INFO + context)

    def seal_visitor(self, visitor: VisitorDetails, context: bytes) -> str:
        """Host, phone and name likewise; a box of one kind never opens as one of the other."""
        plain = msgspec.json.encode((visitor.host, visitor.phone, visitor.name))
        return self._box(plain, VISITOR_BLOCK, _VISITOR_INFO + context)

    def seal_note(self, note: str, context: bytes) -> str:
        """What a guard wrote about a decision, likewise."""
        return self._box(msgspec.json.encode(note), BLOCK, _NOTE_INFO + context)

    def _box(self, plain: bytes, block: int, info: bytes) -> str:
        padded = plain.ljust(-(-len(plain) // block) * block)  # JSON allows trailing spaces
        return base64.b64encode(_SUITE.encrypt(padded, self._public_key, info)).decode()


def unseal(private_key: X25519PrivateKey, sealed: str, context: bytes) -> Holder:
    """Open a sealed holder with the hub's key.

    Raises:
        UnsealError: another key, another entry, or altered.
    """
    name, kind, suffix = _open(private_key, sealed, _INFO + context, tuple[str, IdKind, str])
    return Holder(name, kind, suffix)


def unseal_visitor(private_key: X25519PrivateKey, sealed: str, context: bytes) -> VisitorDetails:
    """Open what a WALK_IN entry keeps of a visitor, with the hub's key.

    Raises:
        UnsealError: another key, another entry, or altered.
    """
    host, phone, name = _open(private_key, sealed, _VISITOR_INFO + context, tuple[str, str, str])
    return VisitorDetails(host, phone, name)


def unseal_note(private_key: X25519PrivateKey, sealed: str, context: bytes) -> str:
    """Open a guard's sealed note with the hub's key; the text is foreign.

    Raises:
        UnsealError: another key, another entry, another kind of field, or altered.
    """
    return _open(private_key, sealed, _NOTE_INFO + context, str)


def _open(private_key: X25519PrivateKey, sealed: str, info: bytes, kind: type[Plain]) -> Plain:
    if len(sealed) > _MAX_SEALED:
        raise UnsealError("the sealed field is too long")
    try:
        ciphertext = base64.b64decode(sealed, validate=True)
        return decode_json(_SUITE.decrypt(ciphertext, private_key, info), kind)
    except (InvalidTag, ValueError) as error:
        raise UnsealError("the sealed field does not open") from error


def _no_sealing_key(path: Path) -> LedgerError:
    return LedgerError(
        f"{path} does not hold an X25519 public key in PEM form.",
        "Fetch the sealing key from the hub again.",
    )
