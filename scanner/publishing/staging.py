"""Changes of roles, staged: each makes the next version of a role, which nobody has signed yet.

A second change of a staged role changes that version; signatures that it had already end.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from fnmatch import fnmatch
from typing import Final

from securesystemslib.signer import Key
from tuf.api.metadata import Metadata, Root, Targets

from scanner.domain.errors import TrustError
from scanner.publishing import metadata as edits
from scanner.publishing.folder import RepositoryFolder
from scanner.publishing.key_files import owner_of
from scanner.publishing.metadata import Delegator, keys_of, lifetime
from scanner.trust.bundle import layout

_SHORTEST_ID: Final = 6


def begin(
    folder: RepositoryFolder,
    keys: Mapping[str, Iterable[Key]],
    thresholds: Mapping[str, int],
    now: datetime,
) -> None:
    """Stage the first root and the first targets.

    Args:
        folder: holds nothing yet.
        keys: for each of root, targets, snapshot and timestamp, who may sign.
        thresholds: how many must, for the same four.
        now: the time of issue.

    Raises:
        TrustError: there is a repository already, or a threshold cannot be met.
    """
    if folder.published() is not None or folder.staged_roles():
        raise TrustError(
            f"{folder.folder} holds a repository already.",
            "Take another folder, or change this one: checkpoint trust rotate.",
        )
    root = edits.new_root(1)
    for role in edits.TOP_LEVEL:
        for key in keys[role]:
            root.add_key(key, role)
        root.roles[role].threshold = thresholds[role]
        _check_threshold(root, role)
    _stage(folder, "root", Metadata(root), now, None, fresh=True)
    targets = Metadata(edits.new_targets(delegating=True))
    _stage(folder, "targets", targets, now, None, fresh=True)


def change_root(
    folder: RepositoryFolder,
    change: Callable[[Root], None],
    now: datetime,
    lasts: timedelta | None = None,
) -> None:
    """Stage a changed root."""
    staged = folder.staged_root()
    metadata = staged or folder.required().root()
    change(metadata.signed)
    _stage(folder, "root", metadata, now, lasts, fresh=staged is None)


def change_targets(
    folder: RepositoryFolder,
    role: str,
    change: Callable[[Targets], None],
    now: datetime,
    lasts: timedelta | None = None,
) -> None:
    """Stage changed targets of `targets` or of a delegated role.

    Raises:
        TrustError: nobody delegated this role.
    """
    staged = folder.staged_targets(role)
    metadata = staged or _published_targets(folder, role)
    change(metadata.signed)
    _stage(folder, role, metadata, now, lasts, fresh=staged is None)


def add_role(
    folder: RepositoryFolder, role: str, keys: Iterable[Key], threshold: int, now: datetime
) -> None:
    """Stage the delegation of a new role, and its first, empty version.

    Raises:
        TrustError: it is delegated already, or the threshold cannot be met.
    """

    def change(targets: Targets) -> None:
        if role in edits.delegations(targets):
            raise TrustError(
                f"{role} is delegated already.",
                f"To change its keys: checkpoint trust rotate {role}.",
            )
        edits.delegate(targets, role, keys, threshold)
        _check_threshold(targets, role)

    change_targets(folder, "targets", change, now)
    change_targets(folder, role, lambda targets: targets.targets.clear(), now)


def remove_role(folder: RepositoryFolder, role: str, now: datetime) -> None:
    """Stage the end of a delegation; what the role vouched for ends with it.

    The snapshot goes on naming the role's last version: a client refuses one that loses a role.

    Raises:
        TrustError: it is not delegated.
    """

    def change(targets: Targets) -> None:
        _check_delegated(targets, role)
        edits.undelegate(targets, role)

    change_targets(folder, "targets", change, now)
    folder.unstage(role)


def rotate(
    folder: RepositoryFolder,
    role: str,
    add: Iterable[Key],
    remove: Iterable[str],
    threshold: int | None,
    now: datetime,
) -> list[str]:
    """Stage other keys for a role.

    Args:
        folder: the operator's.
        role: any but an undelegated one.
        add: keys that may sign from now on.
        remove: owners, or first digits of key ids, that may no longer.
        threshold: how many must sign from now on; None leaves it.
        now: the time of issue.

    Returns:
        The roles that must be signed: the delegating one, and the role itself if what is published
        of it would no longer carry the signatures it needs.

    Raises:
        TrustError: the role is not delegated, a key is unknown or the threshold cannot be met.
    """
    added, removed = list(add), list(remove)

    def change(delegator: Delegator) -> None:
        if isinstance(delegator, Targets):
            _check_delegated(delegator, role)
        for text in removed:
            delegator.revoke_key(named_key(delegator, role, text).keyid, role)
        for key in added:
            delegator.add_key(key, role)
        if threshold is not None:
            delegator.get_delegated_role(role).threshold = threshold
        _check_threshold(delegator, role)

    if role in edits.TOP_LEVEL:
        change_root(folder, change, now)
        affected = ["root"]
    else:
        change_targets(folder, "targets", change, now)
        affected = ["targets"]
    if role in ("root", "snapshot", "timestamp") or _still_signed(folder, role):
        return affected
    if role not in affected:
        change_targets(folder, role, lambda _: None, now)
        affected.append(role)
    return affected


def put(folder: RepositoryFolder, role: str, path: str, data: bytes, now: datetime) -> None:
    """Stage a file that `role` vouches for.

    Raises:
        TrustError: the role may not publish this path, or the file is too large.
    """
    _check_path(folder, role, path)
    if len(data) > layout.max_length(path):
        raise TrustError(
            f"{path} would have {len(data)} bytes, at most {layout.max_length(path)} are taken.",
            "Split it or leave out what gates do not need.",
        )

    def change(targets: Targets) -> None:
        folder.stage_file(edits.vouch(targets, path, data), data)

    change_targets(folder, role, change, now)


def take_away(folder: RepositoryFolder, role: str, path: str, now: datetime) -> None:
    """Stage that `role` no longer vouches for `path`.

    Raises:
        TrustError: it does not now.
    """

    def change(targets: Targets) -> None:
        if path not in targets.targets:
            raise TrustError(
                f"{role} does not vouch for {path}.",
                f"It vouches for: {', '.join(sorted(targets.targets)) or 'nothing'}.",
            )
        del targets.targets[path]

    change_targets(folder, role, change, now)


def relabel(folder: RepositoryFolder, role: str, now: datetime, lasts: timedelta) -> None:
    """Stage a role unchanged but for its dates."""
    if role == "root":
        change_root(folder, lambda _: None, now, lasts)
    else:
        change_targets(folder, role, lambda _: None, now, lasts)


def named_key(delegator: Delegator, role: str, text: str) -> Key:
    """The one key of a role that somebody named by its owner or the first digits of its id.

    Raises:
        TrustError: there is none, or more than one.
    """
    keys, _ = keys_of(delegator, role)
    found = [
        key
        for key in keys
        if owner_of(key) == text or (len(text) >= _SHORTEST_ID and key.keyid.startswith(text))
    ]
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"{owner_of(key)} ({key.keyid[:8]})" for key in keys)
    what = "no key" if not found else f"{len(found)} keys"
    raise TrustError(f"{role} has {what} of {text!r}.", f"Name one of: {known or 'nobody'}.")


def check_role(folder: RepositoryFolder, role: str) -> None:
    """See that a role is in office after the next publication.

    Raises:
        TrustError: nobody delegated it.
    """
    targets = folder.targets("targets")
    if role != "targets" and targets is not None:
        _check_delegated(targets.signed, role)


def _published_targets(folder: RepositoryFolder, role: str) -> edits.TargetsMetadata:
    check_role(folder, role)
    published = folder.published()
    metadata = None if published is None else published.targets(role)
    if metadata is None:
        metadata = Metadata(edits.new_targets())
        metadata.signed.version = 0 if published is None else published.version(role)
    return metadata


def _stage(
    folder: RepositoryFolder,
    role: str,
    metadata: edits.RootMetadata | edits.TargetsMetadata,
    now: datetime,
    lasts: timedelta | None,
    *,
    fresh: bool,
) -> None:
    if fresh:
        metadata.signed.version += 1
    edits.issue(metadata, now, lifetime(role) if lasts is None else lasts)
    folder.stage(role, metadata)


def _still_signed(folder: RepositoryFolder, role: str) -> bool:
    metadata = folder.targets(role)
    if metadata is None:
        return True
    result = folder.delegator(role).get_verification_result(
        role, metadata.signed_bytes, metadata.signatures
    )
    return bool(result)


def _check_path(folder: RepositoryFolder, role: str, path: str) -> None:
    if not layout.is_path(path):
        raise TrustError(f"{path!r} is no path of a file.", "Use letters, digits, dot and dash.")
    patterns = ("*",) if role == "targets" else layout.delegated_patterns(role)
    if not any(fnmatch(path, pattern) for pattern in patterns):
        raise TrustError(
            f"{role} may not publish {path}.", f"It may publish {' and '.join(patterns)}."
        )
    check_role(folder, role)


def _check_delegated(targets: Targets, role: str) -> None:
    known = edits.delegations(targets)
    if role not in known:
        raise TrustError(
            f"There is no role {role}.",
            f"Roles: {', '.join(sorted(known)) or 'none yet'}. An issuer is added with "
            "`checkpoint trust add-issuer`, a layer with `add-layer`.",
        )


def _check_threshold(delegator: Delegator, role: str) -> None:
    keys, threshold = keys_of(delegator, role)
    if not 1 <= threshold <= len(keys):
        raise TrustError(
            f"{role} would need {threshold} signatures of {len(keys)} keys.",
            "Name more keys, or a threshold from 1 to their number.",
        )
