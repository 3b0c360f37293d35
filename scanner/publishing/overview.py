"""A repository at a glance: roles, people, ages, issuers, keys and files, as `show` prints them."""

from collections.abc import Iterator
from datetime import datetime

import msgspec
from securesystemslib.signer import Key

from scanner.domain.issuers import issuer_names
from scanner.publishing.folder import Published, RepositoryFolder
from scanner.publishing.key_files import owner_of
from scanner.publishing.metadata import TOP_LEVEL, keys_of
from scanner.publishing.shown_keys import ShownKey, shown_key
from scanner.publishing.signing import standings
from scanner.trust.bundle.bundle import load_bundle
from scanner.trust.bundle.issuer_keys import IssuerKeys
from scanner.trust.bundle.repository import RoleState


class Holder(msgspec.Struct, frozen=True):
    """Somebody who may sign for a role; `key` is the key's id."""

    owner: str
    key: str


class Office(msgspec.Struct, frozen=True):
    """A role.

    Attributes:
        signers: whose signatures its published version carries.
        may_sign: who may sign the next one, of whom `threshold` must.
    """

    role: str
    version: int
    issued_at: datetime | None
    expires_at: datetime
    signers: tuple[str, ...]
    may_sign: tuple[Holder, ...]
    threshold: int


class ShownIssuer(msgspec.Struct, frozen=True):
    """An issuer and its keys."""

    issuer: str
    name: str
    keys: tuple[ShownKey, ...]


class ShownFile(msgspec.Struct, frozen=True):
    """A file that counts, and who vouches for it."""

    path: str
    role: str
    length: int
    sha256: str


class Waiting(msgspec.Struct, frozen=True):
    """A staged role.

    Attributes:
        missing: signatures that it needs yet.
        standing: who has signed and who may, in words.
    """

    role: str
    version: int
    missing: int
    standing: tuple[str, ...]


class Overview(msgspec.Struct, frozen=True):
    """Everything; empty lists where nothing is published yet."""

    version: str | None
    offices: tuple[Office, ...]
    issuers: tuple[ShownIssuer, ...]
    files: tuple[ShownFile, ...]
    staged: tuple[Waiting, ...]


def overview(folder: RepositoryFolder) -> Overview:
    """What is published and what is staged.

    Raises:
        TrustError: it does not verify.
    """
    published = folder.published()
    staged = tuple(_waiting(folder, role) for role in folder.staged_roles())
    if published is None:
        return Overview(None, (), (), (), staged)
    repository = published.repository
    bundle = load_bundle(folder.folder, published.pinned_root)
    return Overview(
        version=repository.version,
        offices=tuple(offices(published)),
        issuers=tuple(map(_issuer, bundle.issuers)),
        files=tuple(
            ShownFile(file.path, file.role, file.length, file.sha256)
            for file in repository.files.values()
        ),
        staged=staged,
    )


def offices(published: Published) -> Iterator[Office]:
    """Every role in office, the top-level ones first."""
    repository = published.repository
    root = published.root().signed
    for role in TOP_LEVEL:
        state: RoleState = getattr(repository, role)
        holders, threshold = keys_of(root, role)
        yield _office(state, holders, threshold)
    top = published.targets("targets")
    for role, state in repository.roles.items():
        holders, threshold = keys_of(top.signed, role) if top else ((), 1)
        yield _office(state, holders, threshold)


def _office(state: RoleState, holders: tuple[Key, ...], threshold: int) -> Office:
    return Office(
        role=state.name,
        version=state.version,
        issued_at=state.issued_at,
        expires_at=state.expires_at,
        signers=state.signers,
        may_sign=tuple(Holder(owner_of(key), key.keyid) for key in holders),
        threshold=threshold,
    )


def _issuer(keys: IssuerKeys) -> ShownIssuer:
    return ShownIssuer(
        issuer=keys.issuer,
        name=issuer_names(keys.issuer)[0],
        keys=tuple(map(shown_key, keys.keys)),
    )


def _waiting(folder: RepositoryFolder, role: str) -> Waiting:
    found = standings(folder, role)
    return Waiting(
        role, found[0].version, max(standing.missing for standing in found), tuple(map(str, found))
    )
