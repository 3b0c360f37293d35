"""The hub's two keys: it countersigns checkpoints with one and opens sealed fields with the other.

Both are made at the first start. The sealing key is what opens the personal fields of every gate
that was enrolled here: back it up apart from the database, and keep it away from the gates.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from scanner.domain.errors import CheckpointError
from scanner.durable_files import create_file

SIGNING_FILE = "signing-key.pem"
SEALING_FILE = "sealing-key.pem"


class HubKeyError(CheckpointError):
    """A key file of the hub is damaged, missing beside the other one, or cannot be made."""


@dataclass(frozen=True, slots=True)
class HubKeys:
    """The private halves, in memory."""

    signing: Ed25519PrivateKey
    sealing: X25519PrivateKey

    @property
    def signing_public(self) -> bytes:
        """Raw Ed25519 public key, 32 bytes."""
        return self.signing.public_key().public_bytes_raw()

    @property
    def sealing_public(self) -> bytes:
        """Raw X25519 public key, 32 bytes."""
        return self.sealing.public_key().public_bytes_raw()

    @property
    def name(self) -> str:
        """How the hub signs below checkpoints: "hub-" and 8 hex digits of its signing key."""
        return "hub-" + hashlib.sha256(self.signing_public).hexdigest()[:8]


def load_or_create_keys(folder: Path) -> HubKeys:
    """The hub's keys in `folder`; an empty folder gets new ones, readable by the owner only.

    Raises:
        HubKeyError: a file is damaged, unreadable or lost. It is never replaced by a new key.
    """
    signing, sealing = folder / SIGNING_FILE, folder / SEALING_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if signing.exists() and not sealing.exists():  # which was made first, below
            raise _lost(folder)
        _create(sealing, X25519PrivateKey.generate())
        _create(signing, Ed25519PrivateKey.generate())
        keys = [load_pem_private_key(path.read_bytes(), None) for path in (signing, sealing)]
    except OSError as error:
        raise HubKeyError(
            f"The hub's keys in {folder} cannot be read or made: {error.strerror}.",
            "Check the folder's owner.",
        ) from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _damaged(folder) from error
    if not isinstance(keys[0], Ed25519PrivateKey) or not isinstance(keys[1], X25519PrivateKey):
        raise _damaged(folder)
    return HubKeys(keys[0], keys[1])


def _create(path: Path, key: Ed25519PrivateKey | X25519PrivateKey) -> None:
    if path.exists():
        return
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    create_file(path, pem)


def _lost(folder: Path) -> HubKeyError:
    return HubKeyError(
        f"{SEALING_FILE} is missing in {folder}, and {SIGNING_FILE} is there.",
        "Restore it from the backup: gates seal to it. Without one, move both away and enrol anew.",
    )


def _damaged(folder: Path) -> HubKeyError:
    return HubKeyError(
        f"{SIGNING_FILE} or {SEALING_FILE} in {folder} is no private key of the right kind.",
        "Restore it from the backup: without it sealed fields stay closed.",
    )
