"""Publishing the key file that gates load with `scanner.trust.key_file`."""

from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scanner.durable_files import replace_file
from scanner.issuing.keys import spki
from scanner.trust.key_file import KEYS_NAME, SIGNATURE_NAME, KeyFile, KeyRecord
from scanner.trust.keys import TrustedKey

_READABLE: Final = 0o644


def publish_key_file(
    folder: Path,
    keys: Iterable[TrustedKey],
    publisher: Ed25519PrivateKey,
    issued_at: datetime,
    version: str,
) -> None:
    """Write `keys.json` and its signature into `folder`, each one whole or not at all.

    The signature goes last: gates that look in between refuse the pair and keep their keys.

    Args:
        folder: made if it is missing; what gates have as `trust.folder`.
        keys: the public keys that gates shall trust from now on; all others end.
        publisher: whose public half is installed at the gates.
        issued_at: aware time of signing; gates count the keys' age from it.
        version: names this set of keys in every gate's ledger.

    Raises:
        OSError: the folder cannot be written.
    """
    file = KeyFile(version, issued_at, tuple(_record(key) for key in keys))
    data = msgspec.json.format(msgspec.json.encode(file), indent=1)
    signature = b64encode(publisher.sign(data)) + b"\n"
    folder.mkdir(parents=True, exist_ok=True)
    replace_file(folder / KEYS_NAME, data, _READABLE)
    replace_file(folder / SIGNATURE_NAME, signature, _READABLE)


def _record(key: TrustedKey) -> KeyRecord:
    return KeyRecord(
        issuer=key.issuer,
        kid=key.key_id,
        algorithm=key.algorithm,
        spki=spki(key.public_key),
        valid_from=key.valid_from,
        valid_until=key.valid_until,
        kinds=None if key.kinds is None else tuple(sorted(key.kinds)),
        division=key.division,
        revoked_at=key.revoked_at,
    )
