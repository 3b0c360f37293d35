"""The device's own key: made on the gate at its first start, and never leaving it.

It lies in a file that only the gate's user can read, or systemd hands it over as a credential
(systemd.exec(5), LoadCredentialEncrypted=) that a TPM or the machine's own key protects. No command
prints it, and nothing of ours writes it anywhere else. docs/device-key.md tells how it is renewed.
"""

import hashlib
import os
import stat
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

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
from scanner.log import EventLog

CREDENTIAL: Final = "checkpoint-device-key"
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_log = EventLog(__name__)


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
    """The device whose key systemd hands over, or is at `path`; the first call makes the key there.

    Gate and sync may both make the first call: one of them creates the file, both get that key. A
    file that others can read is closed to them, with a line in the log: whoever read it can speak
    in this gate's name until the key is renewed.

    Raises:
        LedgerError: the key is damaged, cannot be read or made, or there are two different ones. It
            is never replaced: a new key would be a new device, and the hub would no longer know
            whose log this is.
    """
    credential = credential_file()
    if credential is None:
        return _from_file(path)
    device = Device(_private_key(credential, _read(credential)))
    if path.exists() and _from_file(path).public_bytes != device.public_bytes:
        raise LedgerError(
            f"systemd hands over one device key, and {path} holds another one.",
            "Keep the one that the ledger belongs to, and move the other one away.",
        )
    return device


def credential_file() -> Path | None:
    """Where systemd put the device key for this process; None when it hands over none."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    file = Path(folder, CREDENTIAL) if folder else None
    return file if file is not None and file.exists() else None


def _from_file(path: Path) -> Device:
    try:
        if not path.exists():
            _create(path)
        if stat.S_IMODE(path.stat().st_mode) & _OTHERS:
            _close(path)
    except OSError as error:
        raise _unusable(path, error) from error
    return Device(_private_key(path, _read(path)))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unusable(path, error) from error


def _private_key(path: Path, data: bytes) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _damaged(path) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _damaged(path)
    return key


def _close(path: Path) -> None:
    _log.warning(
        "device_key_was_open", file=path.name, mode=f"{stat.S_IMODE(path.stat().st_mode):04o}"
    )
    path.chmod(0o600)


def _create(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    create_file(path, pem)


def _unusable(path: Path, error: OSError) -> LedgerError:
    return LedgerError(
        f"The device key {path} cannot be read or made: {error.strerror}.",
        "Check that the folder exists and belongs to the gate's user.",
    )


def _damaged(path: Path) -> LedgerError:
    return LedgerError(
        f"{path} does not hold an Ed25519 private key in PEM form.",
        "Restore it from a backup. If there is none, move it and the ledger away, keep both, and "
        "enrol this gate anew: it will be a new device.",
    )
