"""The device's own key: made on the gate at its first start, and never leaving it."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from scanner.domain.errors import LedgerError
from scanner.durable_files import create_file


@dataclass(frozen=True)
class Device:
    """Who writes this log: an Ed25519 key, and the name that follows from it."""

    private_key: Ed25519PrivateKey

    @cached_property
    def public_bytes(self) -> bytes:
        """The raw public key, 32 bytes (RFC 8032)."""
        return self.private_key.public_key().public_bytes_raw()

    @cached_property
    def device_id(self) -> str:
        """`d-` and the first 16 hex digits of SHA-256 over the raw public key."""
        return device_id_of(self.public_bytes)


def device_id_of(public_bytes: bytes) -> str:
    """The name of the device that holds the key with these 32 raw public bytes."""
    return f"d-{hashlib.sha256(public_bytes).hexdigest()[:16]}"


def load_or_create_device(path: Path) -> Device:
    """The device whose key is at `path`; the first call makes the key.

    Gate and sync may both make the first call: one of them creates the file, both get that key.

    Raises:
        LedgerError: the file is damaged or cannot be read or made. It is never replaced: a new key
            would be a new device, and the hub would no longer know whose log this is.
    """
    try:
        if not path.exists():
            _create(path)
        data = path.read_bytes()
    except OSError as error:
        raise LedgerError(
            f"The device key {path} cannot be read or made: {error.strerror}.",
            "Check that the folder exists and belongs to the gate's user.",
        ) from error
    try:
        key = load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _damaged(path) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _damaged(path)
    return Device(key)


def _create(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    create_file(path, pem)


def _damaged(path: Path) -> LedgerError:
    return LedgerError(
        f"{path} does not hold an Ed25519 private key in PEM form.",
        "Restore it from a backup. If there is none, move it and the ledger away, keep both, and "
        "enrol this gate anew: it will be a new device.",
    )
