"""Publishing: what is staged and signed is served, once the gate's own verifier accepts it.

Snapshot and timestamp are signed here, with keys that are online; everything else has been signed
elsewhere. The caller holds the folder's lock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from securesystemslib.signer import Signer
from tuf.api.metadata import Metadata, Root

from scanner.domain.errors import TrustError
from scanner.publishing.folder import Published, RepositoryFolder
from scanner.publishing.key_files import owner_of
from scanner.publishing.metadata import (
    RootMetadata,
    SnapshotMetadata,
    TargetsMetadata,
    TimestampMetadata,
    delegations,
    expires_at,
    issued_at,
    keys_of,
    lifetime,
    meta_file,
    new_snapshot,
    new_timestamp,
    renew,
    sign,
)
from scanner.publishing.revocation_files import check_revocations
from scanner.publishing.serving import candidate, link_files, serve
from scanner.publishing.signing import staged, standings
from scanner.trust.bundle import layout
from scanner.trust.bundle.bundle import load_bundle
from scanner.trust.bundle.repository import Repository
from scanner.trust.bundle.sources import FolderSource
from scanner.trust.bundle.verify import verify_repository

_FIRST: Final = ("root", "targets")


@dataclass(frozen=True, slots=True)
class Publication:
    """What was served and what is served now."""

    before: Repository | None
    after: Repository


def publish(folder: RepositoryFolder, signers: Sequence[Signer], now: datetime) -> Publication:
    """Serve everything that is staged.

    Args:
        folder: the operator's.
        signers: the keys of snapshot and timestamp.
        now: must not be before the last publication.

    Raises:
        TrustError: nothing is staged, a signature is missing, or the gate would refuse it. What is
            served stays as it is.
    """
    before = folder.published()
    roles = _waiting(folder, before)
    _check_clock(before, now)
    for role in roles:
        for standing in standings(folder, role):
            if standing.missing:
                raise TrustError(
                    f"{standing}.", f"Have it signed: checkpoint trust sign {role} --key FILE."
                )
    root, targets = folder.root(), _targets(folder)
    snapshot = before.snapshot() if before else Metadata(new_snapshot())
    for role, metadata in targets.items():
        snapshot.signed.meta[f"{role}.json"] = meta_file(metadata)
    renew(snapshot, now, lifetime("snapshot"))
    _sign(snapshot, "snapshot", root.signed, signers)
    pages = dict(_page(folder, role, now) for role in roles)
    pages |= _vouched(before, root.signed, snapshot, signers, now)
    after = _replace(folder, before, pages)
    for role in roles:
        folder.unstage(role)
    return Publication(before.repository if before else None, after)


def refresh(folder: RepositoryFolder, signers: Sequence[Signer], now: datetime) -> Publication:
    """Vouch anew that nothing newer exists: the next timestamp, and in time the next snapshot.

    Raises:
        TrustError: nothing is published yet, or the keys are others.
    """
    before = folder.required()
    _check_clock(before, now)
    root = before.root().signed
    snapshot = before.snapshot()
    if expires_at(snapshot.signed) - now < lifetime("snapshot") / 2:
        renew(snapshot, now, lifetime("snapshot"))
        _sign(snapshot, "snapshot", root, signers)
    pages = _vouched(before, root, snapshot, signers, now)
    return Publication(before.repository, _replace(folder, before, pages))


def _waiting(folder: RepositoryFolder, before: Published | None) -> list[str]:
    """The staged roles, without what a publication that was cut short has served already."""
    for role in folder.staged_roles() if before else ():
        if before and _is_served(folder, before, role):
            folder.unstage(role)
    roles = folder.staged_roles()
    if not roles:
        raise TrustError(
            "Nothing is staged.", "To vouch anew for what is published: checkpoint trust refresh."
        )
    if before is None and not set(_FIRST) <= set(roles):
        raise TrustError(
            f"Nothing is published yet, and only {', '.join(roles)} is staged.",
            "Begin with `checkpoint trust init`.",
        )
    return roles


def _is_served(folder: RepositoryFolder, before: Published, role: str) -> bool:
    if role == "root":
        staged: RootMetadata | TargetsMetadata | None = folder.staged_root()
        served: RootMetadata | TargetsMetadata | None = before.root()
    else:
        staged, served = folder.staged_targets(role), before.targets(role)
    return staged is not None and served is not None and staged.signed_bytes == served.signed_bytes


def _check_clock(before: Published | None, now: datetime) -> None:
    last = issued_at(before.timestamp().signed) if before else None
    if last is not None and now < last:
        raise TrustError(
            f"This machine's clock says {now:%Y-%m-%d %H:%M} UTC, the last publication was "
            f"{last:%Y-%m-%d %H:%M} UTC.",
            "Set the clock: gates count the age of everything from it.",
        )


def _targets(folder: RepositoryFolder) -> dict[str, TargetsMetadata]:
    """`targets` and every delegated role as they are going to be."""
    top = folder.targets("targets")
    if top is None:
        raise TrustError("There are no targets.", "Begin with `checkpoint trust init`.")
    targets = {"targets": top}
    for role in delegations(top.signed):
        metadata = folder.targets(role)
        if metadata is None:
            raise TrustError(
                f"{role} is delegated and has no metadata.",
                f"Stage them, or take it away: checkpoint trust remove-role {role}.",
            )
        targets[role] = metadata
    return targets


def _page(folder: RepositoryFolder, role: str, now: datetime) -> tuple[str, bytes]:
    """A staged role's file, by its name in the repository."""
    metadata = staged(folder, role)
    if expires_at(metadata.signed) <= now:
        raise TrustError(
            f"{role} expired on {expires_at(metadata.signed):%Y-%m-%d}, before it was published.",
            f"Issue it anew and have it signed: checkpoint trust expire {role} --in 90d.",
        )
    return layout.metadata_file(role, metadata.signed.version), metadata.to_bytes()


def _vouched(
    before: Published | None,
    root: Root,
    snapshot: SnapshotMetadata,
    signers: Sequence[Signer],
    now: datetime,
) -> dict[str, bytes]:
    """Snapshot and the next timestamp over it, by their names."""
    timestamp = before.timestamp() if before else Metadata(new_timestamp())
    timestamp.signed.snapshot_meta = meta_file(snapshot)
    renew(timestamp, now, lifetime("timestamp"))
    _sign(timestamp, "timestamp", root, signers)
    return {
        layout.metadata_file("snapshot", snapshot.signed.version): snapshot.to_bytes(),
        layout.TIMESTAMP_FILE: timestamp.to_bytes(),
    }


def _sign(
    metadata: SnapshotMetadata | TimestampMetadata,
    role: str,
    root: Root,
    signers: Sequence[Signer],
) -> None:
    keys, threshold = keys_of(root, role)
    ids = {key.keyid for key in keys}
    fitting = [signer for signer in signers if signer.public_key.keyid in ids]
    if len(fitting) < threshold:
        raise TrustError(
            f"{len(fitting)} of the {threshold} keys that {role} needs are at hand.",
            f"Name them with --key; may sign: {', '.join(map(owner_of, keys))}.",
        )
    sign(metadata, fitting)


def _replace(
    folder: RepositoryFolder, before: Published | None, pages: Mapping[str, bytes]
) -> Repository:
    """Have the gate's own verifier accept the new state, then serve it."""
    with candidate(folder.folder, pages) as place:
        pinned = before.pinned_root if before else pages[layout.metadata_file("root", 1)]
        after = verify_repository(
            FolderSource(place), pinned, before.repository if before else None
        )
        for role, path in after.stray:
            raise TrustError(
                f"{role} lists {path}, which it may not publish; gates would not look at it.",
                f"Take it out: checkpoint trust remove {path} --role {role}.",
            )
        names = [target.file for target in after.files.values()]
        link_files(place, names, (folder.folder, folder.staging))
        load_bundle(place, pinned).check()
        check_revocations(place, after)
        link_files(folder.folder, names, (folder.staging,))
        serve(folder.folder, place, pages)
    return after
