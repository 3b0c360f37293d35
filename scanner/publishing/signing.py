"""Who may sign a staged role, who has, and signing it, on whatever machine the key is."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from securesystemslib.signer import Key, Signer
from tuf.api.metadata import Root, TargetFile, Targets

from scanner.domain.errors import TrustError
from scanner.publishing.folder import STAGED, Published, RepositoryFolder
from scanner.publishing.key_files import owner_of
from scanner.publishing.metadata import (
    Delegator,
    RootMetadata,
    TargetsMetadata,
    keys_of,
    sign,
    signed_target,
)
from scanner.trust.bundle.repository import SignedTarget
from scanner.trust.bundle.sources import FolderSource
from scanner.trust.bundle.targets import read_target


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the signing of a role's version has got.

    Attributes:
        role: whose version it is.
        version: that is being signed.
        by: in whose eyes: "root 2", "targets 5". A new root must convince its predecessor, too.
        signed: whose signatures hold.
        unsigned: who else may sign.
        threshold: how many must.
    """

    role: str
    version: int
    by: str
    signed: tuple[Key, ...]
    unsigned: tuple[Key, ...]
    threshold: int

    @property
    def missing(self) -> int:
        """How many signatures are still needed."""
        return max(0, self.threshold - len(self.signed))

    def __str__(self) -> str:
        has = ", ".join(owner_of(key) for key in self.signed) or "nobody"
        text = f"{self.role} {self.version} is signed by {has}: {len(self.signed)} of "
        text += f"{self.threshold} needed in the eyes of {self.by}"
        if self.missing:
            text += f"; may sign: {', '.join(owner_of(key) for key in self.unsigned) or 'nobody'}"
        return text


def staged(folder: RepositoryFolder, role: str) -> RootMetadata | TargetsMetadata:
    """A role's staged version.

    Raises:
        TrustError: there is none, or its number is published already.
    """
    metadata = _staged(folder, role)
    if metadata is None:
        waiting = ", ".join(folder.staged_roles()) or "nothing"
        raise TrustError(f"Nothing is staged for {role}.", f"Staged: {waiting}.")
    published = folder.published()
    if published is not None and metadata.signed.version != published.version(role) + 1:
        raise TrustError(
            f"{role} {metadata.signed.version} is staged, but {role} {published.version(role)} is "
            "published.",
            f"Drop it and make the change again: checkpoint trust unstage {role}.",
        )
    return metadata


def standings(folder: RepositoryFolder, role: str) -> list[Standing]:
    """How far a staged role is; for a root that follows another, in the eyes of both.

    Raises:
        TrustError: nothing is staged for it.
    """
    metadata = staged(folder, role)
    return [
        _standing(delegator, name, role, metadata)
        for delegator, name in _judges(folder, role, metadata)
    ]


def may_sign(folder: RepositoryFolder, role: str) -> dict[str, Key]:
    """Who may sign a staged role, by the ids of their keys.

    Raises:
        TrustError: nothing is staged for it.
    """
    judges = _judges(folder, role, staged(folder, role))
    return {key.keyid: key for judge, _ in judges for key in keys_of(judge, role)[0]}


def sign_staged(
    folder: RepositoryFolder,
    role: str,
    signers: Iterable[Signer],
    metadata: RootMetadata | TargetsMetadata | None = None,
) -> list[Standing]:
    """Add signatures to a staged role.

    Args:
        folder: where the signed version is staged.
        role: whose version it is.
        signers: every one of them signs.
        metadata: the version as it was read when it was shown: a medium that tells something else
            the second time gets no signature for that.

    Raises:
        TrustError: nothing is staged, or a key may not sign for this role.
    """
    metadata = metadata or staged(folder, role)
    allowed = may_sign(folder, role)
    for signer in signers:
        if signer.public_key.keyid not in allowed:
            names = ", ".join(f"{owner_of(key)} ({id_[:8]})" for id_, key in allowed.items())
            raise TrustError(
                f"The key of {owner_of(signer.public_key)} ({signer.public_key.keyid[:8]}) may not "
                f"sign for {role}.",
                f"These may: {names}.",
            )
        sign(metadata, [signer])
    folder.stage(role, metadata)
    return standings(folder, role)


def collect(folder: RepositoryFolder, source: Path) -> list[str]:
    """Take staged versions and signatures from a copy that was signed elsewhere.

    Args:
        folder: ours.
        source: the copy, or its `staged` folder.

    Returns:
        The roles that got anything new.

    Raises:
        TrustError: the copy was made from another version, or differs from what is staged here.
    """
    theirs = RepositoryFolder(source.parent if source.name == STAGED else source)
    roles = theirs.staged_roles()
    if not roles:
        raise TrustError(
            f"{source} holds nothing staged.", "Name the copy's folder, with `staged` in it."
        )
    return [role for role in roles if _take(folder, theirs, role)]


def _take(folder: RepositoryFolder, theirs: RepositoryFolder, role: str) -> bool:
    metadata, ours = _staged(theirs, role), _staged(folder, role)
    if metadata is None:
        return False
    if ours is None or (not ours.signatures and ours.signed_bytes != metadata.signed_bytes):
        _take_over(folder, theirs, role, metadata, ours)
        return True
    if ours.signed_bytes != metadata.signed_bytes:
        raise _unlike(theirs, role)
    news = set(metadata.signatures) - set(ours.signatures)
    for keyid in news:
        ours.signatures[keyid] = metadata.signatures[keyid]
    if news:
        folder.stage(role, ours)
    return bool(news)


def _take_over(
    folder: RepositoryFolder,
    theirs: RepositoryFolder,
    role: str,
    metadata: RootMetadata | TargetsMetadata,
    ours: RootMetadata | TargetsMetadata | None,
) -> None:
    """Stage what is staged there; instead of ours, which nobody signed, only what is complete."""
    _take_files(folder, theirs, metadata)
    folder.stage(role, metadata)
    try:
        missing = any(standing.missing for standing in standings(folder, role))
        if ours is not None and missing:
            raise _unlike(theirs, role)
    except TrustError:
        if ours is None:
            folder.unstage(role)
        else:
            folder.stage(role, ours)
        raise


def _unlike(theirs: RepositoryFolder, role: str) -> TrustError:
    return TrustError(
        f"{role} is staged here and in {theirs.folder}, but not the same.",
        f"Drop the wrong one: checkpoint trust unstage {role}.",
    )


def _staged(folder: RepositoryFolder, role: str) -> RootMetadata | TargetsMetadata | None:
    return folder.staged_root() if role == "root" else folder.staged_targets(role)


def _take_files(
    folder: RepositoryFolder, theirs: RepositoryFolder, metadata: RootMetadata | TargetsMetadata
) -> None:
    if not isinstance(metadata.signed, Targets):
        return
    for target in metadata.signed.targets.values():
        signed = signed_target(target.path, target)
        if folder.content(target) is None:
            folder.stage_file(signed.file, _content(theirs, target, signed))


def _content(theirs: RepositoryFolder, target: TargetFile, signed: SignedTarget) -> bytes:
    data = theirs.content(target)
    return read_target(FolderSource(theirs.staging), signed) if data is None else data


def _judges(
    folder: RepositoryFolder, role: str, metadata: RootMetadata | TargetsMetadata
) -> list[tuple[Delegator, str]]:
    """Who must be convinced by a role's signatures, by name."""
    published: Published | None = folder.published()
    if isinstance(metadata.signed, Root):
        judges: list[tuple[Delegator, str]] = [(metadata.signed, f"root {metadata.signed.version}")]
        if published is not None:
            before = published.root().signed
            judges.insert(0, (before, f"root {before.version}"))
        return judges
    delegator = folder.delegator(role)
    kind = "root" if isinstance(delegator, Root) else "targets"
    return [(delegator, f"{kind} {delegator.version}")]


def _standing(
    delegator: Delegator, name: str, role: str, metadata: RootMetadata | TargetsMetadata
) -> Standing:
    keys, threshold = keys_of(delegator, role)
    if not keys:
        raise TrustError(f"{role} is delegated no more.", f"checkpoint trust unstage {role}.")
    result = delegator.get_verification_result(role, metadata.signed_bytes, metadata.signatures)
    signed = tuple(result.signed.values())
    unsigned = tuple(key for key in keys if key.keyid not in result.signed)
    return Standing(role, metadata.signed.version, name, signed, unsigned, threshold)
