"""The signed key file of a deployment: `keys.json` and the publisher's signature beside it.

`keys.json.sig` holds the base64 of an Ed25519 signature over the exact bytes of `keys.json`. Both
may have come by a USB stick: sizes are capped, the signature is checked before anything is parsed,
and one bad key refuses the whole file.
"""

from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    load_der_public_key,
    load_pem_public_key,
)

from scanner.domain.decoding import UndecodableError, decode_json
from scanner.domain.errors import TrustError
from scanner.domain.passes import Algorithm, PassKind
from scanner.trust.algorithms import SCHEMES, fits
from scanner.trust.key_ring import KeyRing
from scanner.trust.keys import NO_REVOCATIONS, Revocations, Staleness, TrustedKey

KEYS_NAME: Final = "keys.json"
SIGNATURE_NAME: Final = "keys.json.sig"

MAX_KEYS_BYTES: Final = 1 << 20
_MAX_SMALL_FILE: Final = 8 << 10
_RENEW: Final = "Fetch the key file again, from the hub or from its publisher's USB stick."

_ISSUERS: Final = r"^([0-9]{2}|[A-Z]{2,3}|(https://|did:)[!-~]{1,240})\Z"
"""Provinces, EU and ICAO states, and who names itself by an address: never two of one form."""

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class KeyRecord(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One key as the file has it; `kid` and `spki` (DER SubjectPublicKeyInfo) are base64."""

    issuer: Annotated[str, msgspec.Meta(pattern=_ISSUERS)]
    kid: Annotated[bytes, msgspec.Meta(min_length=1, max_length=64)]
    algorithm: Algorithm
    spki: Annotated[bytes, msgspec.Meta(max_length=1024)]
    valid_from: Moment | None = None
    valid_until: Moment | None = None
    kinds: Annotated[tuple[PassKind, ...], msgspec.Meta(min_length=1)] | None = None
    division: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{6}\Z")] | None = None
    revoked_at: Moment | None = None


class KeyFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file.

    Attributes:
        version: names this set of keys in the ledger.
        issued_at: when the publisher signed it.
    """

    version: Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z.:_/-]{1,64}\Z")]
    issued_at: Moment
    keys: tuple[KeyRecord, ...]


@dataclass(frozen=True, slots=True)
class KeyFileStore:
    """A verified key file as a `TrustStore`."""

    version: str
    issued_at: datetime
    _ring: KeyRing
    _fresh: timedelta
    _degraded: timedelta
    revocations: Revocations = NO_REVOCATIONS

    def find(self, issuer: str, key_id: bytes) -> Sequence[TrustedKey]:
        """Every trusted key of `issuer` under `key_id`; empty when there is none."""
        return self._ring.find(issuer, key_id)

    def knows(self, issuer: str) -> bool:
        """True when at least one key of `issuer` is trusted here."""
        return self._ring.knows(issuer)

    def age(self, now: datetime) -> timedelta:
        """Time since the publisher signed it; never negative."""
        return max(now - self.issued_at, timedelta())

    def staleness(self, now: datetime) -> Staleness:
        """The age as fresh, ageing or degraded."""
        age = self.age(now)
        if age <= self._fresh:
            return Staleness.FRESH
        return Staleness.AGEING if age <= self._degraded else Staleness.DEGRADED


def load_key_file(
    folder: Path, publisher_key: Path, fresh: timedelta, degraded: timedelta
) -> KeyFileStore:
    """Verify and load the key file in `folder`.

    Args:
        folder: holds `keys.json` and `keys.json.sig`.
        publisher_key: PEM file with the Ed25519 public key that must have signed it.
        fresh: up to this age the keys are fresh.
        degraded: beyond this age they are degraded.

    Raises:
        TrustError: a file is missing, too large, not signed by the publisher or not well-formed.
    """
    publisher = _load_publisher(publisher_key)
    path = folder / KEYS_NAME
    data = _read(path, MAX_KEYS_BYTES, _RENEW)
    _check_signature(publisher, folder / SIGNATURE_NAME, data)
    try:
        file = decode_json(data, KeyFile)
    except UndecodableError as error:
        raise TrustError(f"{path} is signed, but is no key file: {error}.", _RENEW) from error
    ring = KeyRing(_trusted(record, path, at) for at, record in enumerate(file.keys))
    return KeyFileStore(file.version, file.issued_at, ring, fresh, degraded)


def _read(path: Path, limit: int, remedy: str) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise TrustError(f"{path} cannot be read: {error.strerror}.", remedy) from error
    if len(data) > limit:
        raise TrustError(f"{path} is larger than {limit} bytes.", remedy)
    return data


def _load_publisher(path: Path) -> Ed25519PublicKey:
    remedy = "Install the publisher's PEM file there, or name another one in the settings."
    data = _read(path, _MAX_SMALL_FILE, remedy)
    try:
        key = load_pem_public_key(data)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise TrustError(f"{path} holds no public key in PEM form.", remedy) from error
    if not isinstance(key, Ed25519PublicKey):
        raise TrustError(f"{path} holds another kind of key than Ed25519.", remedy)
    return key


def _check_signature(publisher: Ed25519PublicKey, path: Path, data: bytes) -> None:
    text = _read(path, _MAX_SMALL_FILE, _RENEW).strip()
    try:
        publisher.verify(b64decode(text, validate=True), data)
    except ValueError as error:
        raise TrustError(f"{path} holds no base64 signature.", _RENEW) from error
    except InvalidSignature as error:
        raise TrustError(
            f"{path.with_suffix('')} is not signed by the publisher whose key is installed.",
            "Do not use it. " + _RENEW,
        ) from error


def _trusted(record: KeyRecord, path: Path, at: int) -> TrustedKey:
    """A record with its key loaded and checked for its algorithm."""
    try:
        public_key = load_der_public_key(record.spki)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise TrustError(f"{path}: keys[{at}].spki is no public key.", _RENEW) from error
    checked = fits(public_key, record.algorithm)
    if checked is None:
        raise TrustError(
            f"{path}: keys[{at}] is no key for {record.algorithm}, "
            f"which needs {SCHEMES[record.algorithm].key}.",
            _RENEW,
        )
    return TrustedKey(
        issuer=record.issuer,
        key_id=record.kid,
        algorithm=record.algorithm,
        public_key=checked,
        valid_from=record.valid_from,
        valid_until=record.valid_until,
        kinds=None if record.kinds is None else frozenset(record.kinds),
        division=record.division,
        revoked_at=record.revoked_at,
    )
