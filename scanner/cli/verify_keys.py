"""The keys that `checkpoint verify` trusts: the gate's, and those in files of foreign issuers."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import typer

from config.settings import load_gate_settings
from scanner.domain.errors import TrustError
from scanner.trust.foreign_keys import keys_from_did_document, keys_from_jwks
from scanner.trust.key_file import MAX_KEYS_BYTES, load_key_file
from scanner.trust.key_ring import KeyRing, LayeredKeys
from scanner.trust.keys import KeySource, TrustedKey


def configured_keys(
    settings: Path | None, keys: Path | None, publisher_key: Path | None
) -> KeySource:
    """The signed key file that the settings or the options name.

    Raises:
        TrustError: it cannot be trusted.
        SettingsError: the settings cannot be read.
    """
    trust = load_gate_settings(settings).trust
    folder, publisher = keys or trust.folder, publisher_key or trust.publisher_key
    if keys is not None and publisher_key is None:
        publisher = keys / "publisher.pem"
    return load_key_file(
        folder, publisher, timedelta(hours=trust.fresh_hours), timedelta(days=trust.degraded_days)
    )


def foreign_keys(key_sets: Sequence[str], documents: Sequence[Path]) -> list[TrustedKey]:
    """The keys in files as foreign issuers publish them.

    Args:
        key_sets: `ISSUER=FILE`, a JSON Web Key Set each.
        documents: DID documents; each names its issuer itself.

    Raises:
        BadParameter: a key set without its issuer.
        TrustError: a file cannot be read, is none of them, or holds no key that we can use.
    """
    keys: list[TrustedKey] = []
    for key_set in key_sets:
        issuer, _, name = key_set.partition("=")
        if not issuer or not name:
            raise typer.BadParameter("--jwks is given as ISSUER=FILE")
        path = Path(name)
        keys += _some(keys_from_jwks(issuer, _read(path)), path)
    for path in documents:
        keys += _some(keys_from_did_document(_read(path)), path)
    return keys


def key_source(configured: KeySource | None, foreign: Sequence[TrustedKey]) -> KeySource:
    """Foreign keys beside the configured ones; either alone when there is only one of them."""
    ring = KeyRing(foreign)
    if configured is None:
        return ring
    return LayeredKeys(ring, configured) if foreign else configured


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_KEYS_BYTES + 1)
    except OSError as error:
        raise TrustError(f"{path} cannot be read: {error.strerror}.", "Check its name.") from error
    if len(data) > MAX_KEYS_BYTES:
        raise TrustError(f"{path} is larger than {MAX_KEYS_BYTES} bytes.", "Check its name.")
    return data


def _some(keys: list[TrustedKey], path: Path) -> list[TrustedKey]:
    if not keys:
        raise TrustError(
            f"{path} holds no signing key with a kid for P-256 or Ed25519.",
            "Take the file that the issuer publishes for verifiers.",
        )
    return keys
