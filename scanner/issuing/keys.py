"""An issuer's private keys: made, kept in a folder, and turned into what gates trust."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import (
    generate_private_key as generate_rsa_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from scanner.domain.decoding import decode_json
from scanner.domain.errors import TrustError
from scanner.domain.passes import Algorithm, PassKind
from scanner.trust.algorithms import fits
from scanner.trust.keys import PublicKey, TrustedKey

PrivateKey = EllipticCurvePrivateKey | Ed25519PrivateKey | RSAPrivateKey

_RSA_BITS: Final = 2048
_RSA_EXPONENT: Final = 65537
_KEY_ID_LENGTH: Final = 8
_NO_FILE_NAME: Final = re.compile(r"[^0-9A-Za-z]+")
_MAX_FILE_NAME: Final = 64


class _Card(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What stands beside a key's PEM file."""

    issuer: str
    kid: bytes
    algorithm: Algorithm
    kinds: tuple[PassKind, ...] | None = None
    division: str | None = None


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """One signing key of one issuer.

    Attributes:
        key_id: by default the first 8 bytes of the SHA-256 over the public key's
            SubjectPublicKeyInfo; some formats have a rule of their own.
        kinds: the pass kinds that gates let it sign; None is every kind.
        division: six digits when it belongs to one city's back end.
    """

    issuer: str
    key_id: bytes
    algorithm: Algorithm
    private_key: PrivateKey
    kinds: frozenset[PassKind] | None = None
    division: str | None = None

    @classmethod
    def generate(
        cls,
        issuer: str,
        algorithm: Algorithm = Algorithm.EDDSA,
        division: str | None = None,
        kinds: Iterable[PassKind] | None = None,
    ) -> "IssuerKey":
        """A new key for `issuer`."""
        private_key = _generate(algorithm)
        return cls(
            issuer=issuer,
            key_id=key_id_of(private_key.public_key()),
            algorithm=algorithm,
            private_key=private_key,
            kinds=None if kinds is None else frozenset(kinds),
            division=division,
        )

    def trusted(self) -> TrustedKey:
        """The public half, as gates hold it."""
        return TrustedKey(
            issuer=self.issuer,
            key_id=self.key_id,
            algorithm=self.algorithm,
            public_key=self.private_key.public_key(),
            kinds=self.kinds,
            division=self.division,
        )

    def save(self, folder: Path) -> Path:
        """Write the key as a PEM file that only its owner can read, and its card beside it.

        Raises:
            FileExistsError: this key is already there.
        """
        name = _NO_FILE_NAME.sub("-", self.issuer)[:_MAX_FILE_NAME]
        path = folder / f"{name}-{self.key_id[:_KEY_ID_LENGTH].hex()}.pem"
        save_private_key(self.private_key, path)
        kinds = None if self.kinds is None else tuple(sorted(self.kinds))
        card = _Card(self.issuer, self.key_id, self.algorithm, kinds, self.division)
        path.with_suffix(".json").write_bytes(msgspec.json.encode(card))
        return path

    @classmethod
    def load(cls, path: Path) -> "IssuerKey":
        """Read what `save` wrote.

        Raises:
            TrustError: the files do not hold a key for their algorithm.
        """
        try:
            card = decode_json(path.with_suffix(".json").read_bytes(), _Card)
            private_key = load_pem_private_key(path.read_bytes(), password=None)
        except (OSError, ValueError) as error:
            raise TrustError(
                f"{path} cannot be read as an issuer's key.", "Make keys again in a new folder."
            ) from error
        if not isinstance(private_key, PrivateKey) or not fits(
            private_key.public_key(), card.algorithm
        ):
            raise TrustError(f"{path} holds no key for {card.algorithm}.")
        kinds = None if card.kinds is None else frozenset(card.kinds)
        return cls(card.issuer, card.kid, card.algorithm, private_key, kinds, card.division)


def load_issuer_keys(folder: Path) -> list[IssuerKey]:
    """Every key that was saved in `folder`, by issuer.

    Raises:
        TrustError: one of them cannot be read.
    """
    return [IssuerKey.load(path) for path in sorted(folder.glob("*.pem"))]


def save_private_key(private_key: PrivateKey, path: Path) -> None:
    """Write an unencrypted PKCS #8 PEM file with mode 0600.

    Raises:
        FileExistsError: `path` exists; a private key is never overwritten.
    """
    pem = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)


def key_id_of(public_key: PublicKey) -> bytes:
    """The kid that this issuer gives a key."""
    return sha256(spki(public_key)).digest()[:_KEY_ID_LENGTH]


def spki(public_key: PublicKey) -> bytes:
    """DER SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7)."""
    return public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _generate(algorithm: Algorithm) -> PrivateKey:
    match algorithm:
        case Algorithm.ES256:
            return generate_private_key(SECP256R1())
        case Algorithm.EDDSA:
            return Ed25519PrivateKey.generate()
        case Algorithm.PS256:
            return generate_rsa_private_key(_RSA_EXPONENT, _RSA_BITS)
