"""Compares what is staged with what is published, and two repositories with one another."""

from collections.abc import Iterator

from tuf.api.metadata import Root

from scanner.publishing.changes import root_changes, targets_changes
from scanner.publishing.folder import Published, RepositoryFolder
from scanner.publishing.metadata import RootMetadata, TargetsMetadata
from scanner.publishing.signing import staged


def staged_changes(
    folder: RepositoryFolder, role: str, metadata: RootMetadata | TargetsMetadata | None = None
) -> list[str]:
    """What a staged role changes, in words: what its signers put their names to.

    Args:
        folder: has what is published.
        role: whose version is staged.
        metadata: the staged version, where it was read already and is to be signed as it was.

    Raises:
        TrustError: nothing is staged for it.
    """
    metadata = metadata or staged(folder, role)
    published = folder.published()
    signed = metadata.signed
    if isinstance(signed, Root):
        return root_changes(published.root().signed if published else None, signed)
    before = published.targets(role) if published else None
    return targets_changes(
        role, before.signed if before else None, signed, folder.content, folder.content
    )


def differences(old: RepositoryFolder, new: RepositoryFolder) -> Iterator[str]:
    """What changed between two published repositories, and who signed it.

    Args:
        old: verified from its own oldest root on, or from the one that was pinned.
        new: must follow from the same root.

    Raises:
        TrustError: one of them holds none or does not verify.
    """
    before, after = old.required(), new.required()
    yield (
        f"version {before.repository.version} -> {after.repository.version}, published "
        f"{after.repository.timestamp.issued_at:%Y-%m-%d %H:%M} UTC"
    )
    if before.repository.root.version != after.repository.root.version:
        yield from root_changes(before.root().signed, after.root().signed)
        yield _signers(after, "root")
    roles = ["targets", *after.repository.roles]
    for role in roles:
        had, has = before.targets(role), after.targets(role)
        if has is None or (had is not None and had.signed_bytes == has.signed_bytes):
            continue
        yield from targets_changes(
            role, had.signed if had else None, has.signed, old.content, new.content
        )
        yield _signers(after, role)
    for role in before.repository.roles:
        if role not in after.repository.roles:
            yield f"{role}: no longer in office; nothing that it vouched for counts"


def _signers(published: Published, role: str) -> str:
    repository = published.repository
    states = {"root": repository.root, "targets": repository.targets, **repository.roles}
    return f"  signed by {', '.join(states[role].signers)}"
