"""An issuer's key set as its publisher changes it: keys from files, added, limited, taken back."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_public_key,
)

from scanner.domain.errors import TrustError
from scanner.domain.passes import Algorithm, PassKind
from scanner.publishing.folder import RepositoryFolder
from scanner.publishing.staging import put
from scanner.trust.algorithms import SCHEMES, fits
from scanner.trust.bundle import layout
from scanner.trust.bundle.issuer_keys import (
    IssuerKeys,
    KeyRecord,
    decode_issuer_keys,
    encode_issuer_keys,
)
from scanner.trust.certificates import key_from_certificate
from scanner.trust.foreign_keys import keys_from_did_document, keys_from_jwks
from scanner.trust.keys import PublicKey, TrustedKey

_MAX_FILE: Final = 1 << 20
_KID: Final = 8
_SHORTEST: Final = 6


class Limits(msgspec.Struct, frozen=True):
    """What an issuer's new keys are good for.

    Attributes:
        valid_from, valid_until: between them gates verify with the key.
        kinds: the pass kinds that they may sign; None leaves what the file itself says.
        division: six digits when they belong to one city's back end.
        kid: instead of the one that follows from the key; for one key only.
    """

    valid_from: datetime | None = None
    valid_until: datetime | None = None
    kinds: tuple[PassKind, ...] | None = None
    division: str | None = None
    kid: bytes | None = None


def key_set(folder: RepositoryFolder, issuer: str) -> IssuerKeys:
    """An issuer's keys as they are going to be; an empty set when it has none yet.

    Raises:
        TrustError: the set is not here or is none.
    """
    path = layout.keys_path(issuer)
    metadata = folder.targets(layout.issuer_role(issuer))
    target = None if metadata is None else metadata.signed.targets.get(path)
    if target is None:
        return IssuerKeys(issuer, ())
    data = folder.content(target)
    if data is None:
        raise TrustError(f"{path} is not here.", "Take a complete copy of the repository.")
    return decode_issuer_keys(path, data)


def stage_keys(folder: RepositoryFolder, keys: IssuerKeys, now: datetime) -> None:
    """Stage an issuer's whole key set.

    Raises:
        TrustError: a key does not fit its algorithm, or the issuer is none.
    """
    data = encode_issuer_keys(keys)
    decode_issuer_keys(layout.keys_path(keys.issuer), data).check()
    put(folder, layout.issuer_role(keys.issuer), layout.keys_path(keys.issuer), data, now)


def with_keys(held: IssuerKeys, new: Iterable[KeyRecord]) -> IssuerKeys:
    """The set with more keys.

    Raises:
        TrustError: a key is there already.
    """
    keys = list(held.keys)
    for record in new:
        if any((key.kid, key.spki) == (record.kid, record.spki) for key in keys):
            raise TrustError(
                f"{held.issuer} has the key {record.kid.hex()} already.",
                "To change what it is good for, set all keys anew: checkpoint trust set-keys.",
            )
        keys.append(record)
    return IssuerKeys(held.issuer, tuple(keys))


def with_revoked(held: IssuerKeys, kid: str, now: datetime) -> IssuerKeys:
    """The set with one key taken back: nothing that it signed counts, whenever.

    Args:
        held: the set.
        kid: the key's id, or its first hexadecimal digits.
        now: when it was taken back.

    Raises:
        TrustError: no key or several have that id.
    """
    found = [key for key in held.keys if _is_named(key, kid)]
    if len(found) != 1:
        known = ", ".join(key.kid.hex() for key in held.keys) or "none"
        raise TrustError(
            f"{held.issuer} has {len(found) or 'no'} keys whose id begins with {kid}.",
            f"Its keys: {known}.",
        )
    keys = tuple(
        msgspec.structs.replace(key, revoked_at=now) if key is found[0] else key
        for key in held.keys
    )
    return IssuerKeys(held.issuer, keys)


def records_from_file(issuer: str, path: Path, limits: Limits) -> list[KeyRecord]:
    """The keys in a file: PEM or DER of a public key or certificate, JWKS, or DID document.

    Raises:
        TrustError: it holds no key that codes can be signed with.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_FILE + 1)
    except OSError as error:
        raise TrustError(f"{path} cannot be read: {error.strerror}.", "Name a file.") from error
    if len(data) > _MAX_FILE:
        raise TrustError(f"{path} is larger than {_MAX_FILE} bytes.", "Name a file of keys.")
    if b"PRIVATE KEY" in data:
        raise TrustError(
            f"{path} holds a private key, which belongs to its issuer alone.",
            "Take out the public half: openssl pkey -in FILE -pubout.",
        )
    keys = _from_json(issuer, data) if data.lstrip()[:1] == b"{" else _from_binary(issuer, data)
    if not keys:
        raise TrustError(
            f"{path} holds no key that a code can be signed with.",
            "Expected: a public key or certificate (PEM or DER), JWKS or DID document, with "
            f"{', '.join(scheme.key for scheme in SCHEMES.values())}.",
        )
    if limits.kid is not None and len(keys) > 1:
        raise TrustError(f"{path} holds {len(keys)} keys, --kid names one.", "Leave out --kid.")
    return [limited(record(key), limits) for key in keys]


def record(key: TrustedKey) -> KeyRecord:
    """A trusted key as a key set has it."""
    return KeyRecord(
        kid=key.key_id,
        algorithm=key.algorithm,
        spki=_spki(key.public_key),
        valid_from=key.valid_from,
        valid_until=key.valid_until,
        kinds=None if key.kinds is None else tuple(sorted(key.kinds)),
        division=key.division,
    )


def limited(key: KeyRecord, limits: Limits) -> KeyRecord:
    """A record with what its publisher says about it; what he leaves out stays."""
    return msgspec.structs.replace(
        key,
        kid=limits.kid or key.kid,
        valid_from=limits.valid_from or key.valid_from,
        valid_until=limits.valid_until or key.valid_until,
        kinds=limits.kinds or key.kinds,
        division=limits.division or key.division,
    )


def _from_json(issuer: str, data: bytes) -> list[TrustedKey]:
    if b'"verificationMethod"' in data:
        keys = keys_from_did_document(data)
        for key in keys:
            if key.issuer != issuer:
                raise TrustError(
                    f"The DID document is of {key.issuer}, not of {issuer}.", "Name its issuer."
                )
        return keys
    return keys_from_jwks(issuer, data)


def _from_binary(issuer: str, data: bytes) -> list[TrustedKey]:
    if b"-----BEGIN CERTIFICATE" in data:
        try:
            certificates = x509.load_pem_x509_certificates(data)
        except ValueError:
            return []
        ders = [certificate.public_bytes(Encoding.DER) for certificate in certificates]
        found = [key_from_certificate(der) for der in ders]
        return [_of(issuer, key) for key in found if key is not None]
    try:
        public_key = (
            load_pem_public_key(data)
            if data.startswith(b"-----BEGIN")
            else load_der_public_key(data)
        )
    except (ValueError, UnsupportedAlgorithm):
        certificate = key_from_certificate(data)
        return [] if certificate is None else [_of(issuer, certificate)]
    for algorithm in Algorithm:
        if checked := fits(public_key, algorithm):
            kid = sha256(_spki(checked)).digest()[:_KID]
            return [TrustedKey(issuer, kid, algorithm, checked)]
    return []


def _of(issuer: str, key: TrustedKey) -> TrustedKey:
    """A certificate's key under another issuer: only the EU's say with an usage what they sign."""
    return TrustedKey(
        issuer,
        key.key_id,
        key.algorithm,
        key.public_key,
        kinds=key.kinds if issuer == "EU" else None,
    )


def _spki(key: PublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _is_named(key: KeyRecord, kid: str) -> bool:
    text = kid.lower()
    return key.kid.hex() == text or (len(text) >= _SHORTEST and key.kid.hex().startswith(text))
