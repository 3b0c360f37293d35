"""The keys that `checkpoint verify` trusts: the gate's, and those in files of foreign issuers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import typer

from config.settings import load_gate_settings
from scanner.domain.errors import TrustError
from scanner.trust.bundle.bundle import load_bundle
from scanner.trust.bundle.in_force import load_newest, read_root
from scanner.trust.bundle.layout import MAX_SMALL_TARGET, METADATA
from scanner.trust.bundle.store import BundleStore
from scanner.trust.foreign_keys import keys_from_did_document, keys_from_jwks
from scanner.trust.key_ring import JoinedKeys, KeyRing
from scanner.trust.keys import KeySource, TrustedKey

_ROOT: Final = "root.json"
_REPOSITORY: Final = "repository"


def configured_keys(settings: Path | None, keys: Path | None, root: Path | None) -> KeySource:
    """The bundle that the settings or the options name.

    Args:
        settings: the gate's settings file.
        keys: instead of its store: a repository, a folder with one named `repository`, or a store.
        root: instead of its root metadata; by default `root.json` in or beside `keys`.

    Raises:
        TrustError: it cannot be trusted.
        SettingsError: the settings cannot be read.
    """
    trust = load_gate_settings(settings).trust
    folder, pinned = keys or trust.folder, root or trust.root
    if keys is not None and root is None:
        pinned = next((path for path in _roots(keys) if path.is_file()), keys / _ROOT)
    for repository in (folder, folder / _REPOSITORY):
        if (repository / METADATA).is_dir():
            return load_bundle(repository, read_root(pinned))
    loaded = load_newest(BundleStore(folder), pinned)
    if loaded.bundle is not None:
        return loaded.bundle
    for error in loaded.refused:
        raise error
    raise TrustError(
        f"{folder} holds no bundle.", "Name a repository's folder, or the store of a gate."
    )


def _roots(keys: Path) -> tuple[Path, Path]:
    return keys / _ROOT, keys.parent / _ROOT


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
    return JoinedKeys(ring, configured) if foreign else configured


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_SMALL_TARGET + 1)
    except OSError as error:
        raise TrustError(f"{path} cannot be read: {error.strerror}.", "Check its name.") from error
    if len(data) > MAX_SMALL_TARGET:
        raise TrustError(f"{path} is larger than {MAX_SMALL_TARGET} bytes.", "Check its name.")
    return data


def _some(keys: list[TrustedKey], path: Path) -> list[TrustedKey]:
    if not keys:
        raise TrustError(
            f"{path} holds no signing key with a kid for P-256 or Ed25519.",
            "Take the file that the issuer publishes for verifiers.",
        )
    return keys
