"""Key files of those who sign: the private half sealed with a passphrase, the public half apart.

`NAME.key` stays where it was made; `NAME.pub` is carried to whoever delegates to it. Both are one
JSON object. The private half is PKCS #8 (RFC 5958), sealed with ChaCha20-Poly1305 (RFC 8439) under
a key that scrypt (RFC 7914) makes of the passphrase. PKCS #8's own encryption is not used: what
`cryptography` writes is PBKDF2 with 2048 rounds, less than a millisecond a guess on any processor
and next to no memory, and its rounds cannot be set.
"""

import os
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, TypeVar

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
)
from securesystemslib.signer import CryptoSigner, Key, SSlibKey

from scanner.domain.decoding import UndecodableError, decode_json
from scanner.domain.errors import TrustError
from scanner.durable_files import sync_folder
from scanner.trust.bundle.signed import OWNER

KEY_SUFFIX: Final = ".key"
PUBLIC_SUFFIX: Final = ".pub"
MIN_PASSPHRASE: Final = 12
MAX_OWNER: Final = 80

_FORMAT: Final = "checkpoint-key-1"
_PUBLIC_FORMAT: Final = "checkpoint-public-key-1"
_MAX_FILE: Final = 16 << 10
_SALT: Final = 16
_NONCE: Final = 12
_KEY: Final = 32
_PRIVATE_MODE: Final = 0o600
_PUBLIC_MODE: Final = 0o644

Passphrase = Callable[[Path], str]
"""Asked for the passphrase of a key file, when it has one."""

Owner = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_OWNER)]


class Cost(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one guess costs: 128 · n · r bytes of memory, p times.

    The bounds keep a key file from somebody else from taking all memory.
    """

    n: Annotated[int, msgspec.Meta(ge=1 << 10, le=1 << 20)]
    r: Annotated[int, msgspec.Meta(ge=8, le=8)] = 8
    p: Annotated[int, msgspec.Meta(ge=1, le=4)] = 1


COST: Final = Cost(n=1 << 17)
"""128 MiB a guess: memory is what graphics cards have least of."""


class _Sealed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    cost: Cost
    salt: Annotated[bytes, msgspec.Meta(min_length=_SALT, max_length=_SALT)]
    nonce: Annotated[bytes, msgspec.Meta(min_length=_NONCE, max_length=_NONCE)]


class _KeyFile(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """`private` is sealed, or plain PKCS #8 when `sealed` is absent."""

    format: str
    owner: Owner
    public: Annotated[bytes, msgspec.Meta(min_length=_KEY, max_length=_KEY)]
    private: Annotated[bytes, msgspec.Meta(max_length=1024)]
    sealed: _Sealed | None = None


class _PublicFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    owner: Owner
    public: Annotated[bytes, msgspec.Meta(min_length=_KEY, max_length=_KEY)]


T = TypeVar("T", _KeyFile, _PublicFile)


@dataclass(frozen=True, slots=True)
class WrittenKey:
    """A new key: its two files, and the public half."""

    private: Path
    public: Path
    key: SSlibKey


def new_signer(owner: str) -> CryptoSigner:
    """A new Ed25519 key whose public half says whose it is."""
    private_key = Ed25519PrivateKey.generate()
    return CryptoSigner(private_key, public_key(private_key.public_key(), owner))


def public_key(key: Ed25519PublicKey, owner: str) -> SSlibKey:
    """A key as metadata name it; the owner is no part of its id."""
    made = SSlibKey.from_crypto(key)
    made.unrecognized_fields[OWNER] = owner
    return made


def owner_of(key: Key) -> str:
    """Whose key it is, as the delegating role says."""
    name = key.unrecognized_fields.get(OWNER)
    if isinstance(name, str) and name.isprintable() and 0 < len(name) <= MAX_OWNER:
        return name
    return key.keyid[:8]


def check_passphrase(passphrase: str) -> None:
    """See that a new passphrase is long enough to be worth its scrypt.

    Raises:
        TrustError: it is shorter than 12 characters.
    """
    if len(passphrase) < MIN_PASSPHRASE:
        raise TrustError(
            f"The passphrase has {len(passphrase)} characters, at least {MIN_PASSPHRASE} are "
            "expected.",
            "Take five words from a list, drawn by dice.",
        )


def write_key(signer: CryptoSigner, owner: str, path: Path, passphrase: str | None) -> WrittenKey:
    """Write both halves: `path`, mode 0600, and the same name with `.pub`.

    Args:
        signer: the key.
        owner: whose it is; shown wherever its signature is shown.
        path: of the private half; ends in `.key`.
        passphrase: None writes it unsealed, for pilots and tests.

    Raises:
        TrustError: a file is there already, or cannot be written; nothing is ever overwritten.
    """
    public = path.with_suffix(PUBLIC_SUFFIX)
    if path.suffix != KEY_SUFFIX:
        raise TrustError(f"{path.name} does not end in {KEY_SUFFIX}.", f"Name it NAME{KEY_SUFFIX}.")
    for present in (path, public):
        if present.exists():
            raise _present(present)
    der = _pkcs8(signer)
    private_key = load_der_private_key(der, None)
    if not isinstance(private_key, Ed25519PrivateKey):
        raise TypeError("Only Ed25519 keys have key files.")
    raw = private_key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    data = _sealed(owner, raw, der, passphrase)
    # The public half first: a key that exists without it could not be named to anybody.
    _create(public, _json(_PublicFile(_PUBLIC_FORMAT, owner, raw)), _PUBLIC_MODE)
    _create(path, data, _PRIVATE_MODE)
    return WrittenKey(path, public, public_key(private_key.public_key(), owner))


def read_key(path: Path, passphrase: Passphrase) -> CryptoSigner:
    """The private key in a file that `write_key` wrote.

    Raises:
        TrustError: the file is none, or the passphrase is another one.
    """
    file = _read(path, _KeyFile, _FORMAT)
    der = file.private
    if file.sealed is not None:
        key = _stretched(passphrase(path), file.sealed)
        try:
            der = ChaCha20Poly1305(key).decrypt(
                file.sealed.nonce, file.private, _bound(file.owner, file.public)
            )
        except InvalidTag as error:
            raise TrustError(
                f"The passphrase does not open {path}.", "Type it again; or the file is damaged."
            ) from error
    private_key = load_der_private_key(der, None)
    if not isinstance(private_key, Ed25519PrivateKey):
        raise TrustError(f"{path} holds no Ed25519 key.", "Make a key: checkpoint trust key.")
    return CryptoSigner(private_key, public_key(private_key.public_key(), file.owner))


def read_public_key(path: Path) -> SSlibKey:
    """The public half from `NAME.pub`; `NAME.key` is refused, so that it is never carried about.

    Raises:
        TrustError: the file is none.
    """
    file = _read(path, _PublicFile, _PUBLIC_FORMAT)
    return public_key(Ed25519PublicKey.from_public_bytes(file.public), file.owner)


def _read(path: Path, kind: type[T], name: str) -> T:
    try:
        with path.open("rb") as stream:
            data = stream.read(_MAX_FILE + 1)
    except OSError as error:
        raise TrustError(
            f"{path} cannot be read: {error.strerror}.",
            "Name a file that `checkpoint trust key` wrote.",
        ) from error
    half, suffix = ("private", KEY_SUFFIX) if name == _FORMAT else ("public", PUBLIC_SUFFIX)
    refusal = TrustError(
        f"{path} does not hold the {half} half of a key.",
        f"Name a file that `checkpoint trust key` wrote and that ends in {suffix}.",
    )
    try:
        file = decode_json(data, kind)
    except UndecodableError as error:
        raise refusal from error
    if file.format != name:
        raise refusal
    return file


def _sealed(owner: str, raw: bytes, der: bytes, passphrase: str | None) -> bytes:
    if passphrase is None:
        return _json(_KeyFile(_FORMAT, owner, raw, der))
    sealed = _Sealed(COST, os.urandom(_SALT), os.urandom(_NONCE))
    key = _stretched(passphrase, sealed)
    private = ChaCha20Poly1305(key).encrypt(sealed.nonce, der, _bound(owner, raw))
    return _json(_KeyFile(_FORMAT, owner, raw, private, sealed))


def _stretched(passphrase: str, sealed: _Sealed) -> bytes:
    cost = sealed.cost
    scrypt = Scrypt(salt=sealed.salt, length=_KEY, n=cost.n, r=cost.r, p=cost.p)
    return scrypt.derive(unicodedata.normalize("NFC", passphrase).encode())


def _bound(owner: str, raw: bytes) -> bytes:
    """Owner and public half are sealed with the key: nobody relabels a key file."""
    return raw + owner.encode()


def _pkcs8(signer: CryptoSigner) -> bytes:
    private_key = load_pem_private_key(signer.private_bytes, None)
    return private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def _json(file: msgspec.Struct) -> bytes:
    return msgspec.json.format(msgspec.json.encode(file), indent=1) + b"\n"


def _create(path: Path, data: bytes, mode: int) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    except FileExistsError as error:
        raise _present(path) from error
    except OSError as error:
        raise TrustError(
            f"{path} cannot be written: {error.strerror}.", "Check folder, owner and space."
        ) from error
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, mode)
        file.write(data)
        file.flush()
        os.fsync(descriptor)
    sync_folder(path.parent)


def _present(path: Path) -> TrustError:
    return TrustError(f"{path} is there already; keys are never overwritten.", "Take another name.")
