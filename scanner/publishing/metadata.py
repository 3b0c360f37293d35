"""What is done to metadata before they are signed. Pure: keys and the time are handed in."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final, TypeAlias, TypeVar

from securesystemslib.signer import Key, Signer
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Role,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)
from tuf.api.serialization import DeserializationError, SerializationError

from scanner.domain.errors import TrustError
from scanner.trust.bundle import delegated, layout
from scanner.trust.bundle.repository import SignedTarget
from scanner.trust.bundle.signed import ISSUED_AT, TIME_FORMAT

TOP_LEVEL: Final = ("root", "targets", "snapshot", "timestamp")
LIFETIMES: Final = {
    "root": timedelta(days=365),
    "targets": timedelta(days=365),
    "snapshot": timedelta(days=30),
    "timestamp": timedelta(days=7),
}
DELEGATED_LIFETIME: Final = timedelta(days=90)

RootMetadata: TypeAlias = Metadata[Root]
TimestampMetadata: TypeAlias = Metadata[Timestamp]
SnapshotMetadata: TypeAlias = Metadata[Snapshot]
TargetsMetadata: TypeAlias = Metadata[Targets]
AnyMetadata: TypeAlias = RootMetadata | TimestampMetadata | SnapshotMetadata | TargetsMetadata
Delegator: TypeAlias = Root | Targets

Kind = TypeVar("Kind", Root, Timestamp, Snapshot, Targets)


def lifetime(role: str) -> timedelta:
    """How long a signature of this role holds, unless its signers say otherwise."""
    return LIFETIMES.get(role, DELEGATED_LIFETIME)


def parsed(data: bytes, kind: type[Kind], name: str) -> Metadata[Kind]:
    """Metadata of the right type and of our layout's form, unverified: a copy may be hostile.

    Args:
        data: the file.
        kind: what it must be.
        name: what the message calls the file.

    Raises:
        TrustError: it is something else.
    """
    try:
        metadata: Metadata[Kind] = Metadata.from_bytes(data)
        metadata.signed_bytes  # noqa: B018 - what cannot be written canonically is refused here
    except (DeserializationError, SerializationError, RecursionError, ValueError) as error:
        raise _not_metadata(name, kind) from error
    if not isinstance(metadata.signed, kind):
        raise _not_metadata(name, kind)
    if isinstance(metadata.signed, Targets):
        for target in metadata.signed.targets.values():
            signed_target(name, target)
    return metadata


def new_root(threshold: int) -> Root:
    """A root of version 0, with a threshold and no keys yet."""
    root = Root(version=1, consistent_snapshot=True)
    root.roles["root"].threshold = threshold
    root.version = 0
    return root


def new_targets(*, delegating: bool = False) -> Targets:
    """Targets of version 0 that vouch for nothing; only the top-level role delegates."""
    targets = Targets(version=1, delegations=Delegations({}, {}) if delegating else None)
    targets.version = 0
    return targets


def new_snapshot() -> Snapshot:
    """A snapshot of version 0."""
    snapshot = Snapshot(version=1)
    snapshot.version = 0
    return snapshot


def new_timestamp() -> Timestamp:
    """A timestamp of version 0."""
    timestamp = Timestamp(version=1)
    timestamp.version = 0
    return timestamp


def delegations(targets: Targets) -> dict[str, DelegatedRole]:
    """The delegated roles by name; to be changed in place.

    Raises:
        TrustError: this role does not delegate.
    """
    if targets.delegations is None or targets.delegations.roles is None:
        raise TrustError("These targets delegate nothing.", "Only the role `targets` delegates.")
    return targets.delegations.roles


def delegate(targets: Targets, role: str, keys: Iterable[Key], threshold: int = 1) -> None:
    """Let `keys` sign for a role of the layout, and nobody else."""
    delegations(targets)[role] = DelegatedRole(
        name=role,
        keyids=[],
        threshold=threshold,
        terminating=True,
        paths=list(layout.delegated_patterns(role)),
    )
    for key in keys:
        targets.add_key(key, role)


def undelegate(targets: Targets, role: str) -> None:
    """Take a role's office away, and its keys with it."""
    for keyid in list(delegations(targets)[role].keyids):
        targets.revoke_key(keyid, role)
    del delegations(targets)[role]


def vouch(targets: Targets, path: str, data: bytes) -> str:
    """Vouch for `data` under `path`; returns the name of the file that must hold it."""
    digest = sha256(data).hexdigest()
    targets.targets[path] = TargetFile(len(data), {"sha256": digest}, path)
    return layout.target_file(path, digest)


def signed_target(role: str, target: TargetFile) -> SignedTarget:
    """A target as gates take it.

    Raises:
        TrustError: its path leads elsewhere, or it has no SHA-256, or is too large.
    """
    try:
        return delegated.signed_target(role, target.path, target)
    except TrustError as error:
        raise TrustError(error.found, "Do not sign it.") from error


def keys_of(delegator: Delegator, role: str) -> tuple[tuple[Key, ...], int]:
    """Who may sign for `role`, and how many must; nobody when it is not delegated."""
    try:
        given: Role = delegator.get_delegated_role(role)
    except ValueError:
        return (), 1
    held: dict[str, Key] = {}
    for keyid in given.keyids:
        with suppress(ValueError):  # named, and not listed: nobody can sign with it
            held[keyid] = delegator.get_key(keyid)
    return tuple(held.values()), given.threshold


def renew(metadata: AnyMetadata, now: datetime, lasts: timedelta) -> None:
    """Make it the next version, issued now; nobody has signed that."""
    signed = metadata.signed
    signed.version += 1
    issue(metadata, now, lasts)


def issue(metadata: AnyMetadata, now: datetime, lasts: timedelta) -> None:
    """Issue the same version anew: its signatures end."""
    signed = metadata.signed
    signed.expires = (now + lasts).replace(microsecond=0)
    signed.unrecognized_fields[ISSUED_AT] = now.strftime(TIME_FORMAT)
    metadata.signatures.clear()


def sign(metadata: AnyMetadata, signers: Iterable[Signer]) -> None:
    """Add signatures."""
    for signer in signers:
        metadata.sign(signer, append=True)


def issued_at(signed: Root | Timestamp | Snapshot | Targets) -> datetime | None:
    """When it was issued, as its signers say; None when they do not."""
    value = signed.unrecognized_fields.get(ISSUED_AT)
    if not isinstance(value, str):
        return None
    return datetime.strptime(value, TIME_FORMAT).replace(tzinfo=UTC)


def expires_at(signed: Root | Timestamp | Snapshot | Targets) -> datetime:
    """Until when its signers vouch for it."""
    return signed.expires.replace(tzinfo=UTC)


def meta_file(metadata: SnapshotMetadata | TargetsMetadata) -> MetaFile:
    """How snapshot and timestamp name a file."""
    data = metadata.to_bytes()
    return MetaFile(metadata.signed.version, len(data), {"sha256": sha256(data).hexdigest()})


def _not_metadata(name: str, kind: type[Kind]) -> TrustError:
    return TrustError(
        f"{name} holds no {kind.__name__.lower()} metadata.", "Take another copy of the file."
    )
