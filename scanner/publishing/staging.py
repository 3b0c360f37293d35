"""Changes of roles, staged: each makes the next version of a role, which nobody has signed yet.

A second change of a staged role changes that version; signatures that it had already end.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from fnmatch import fnmatch

from securesystemslib.signer import Key
from tuf.api.metadata import Metadata, Root, Targets

from scanner.domain.errors import TrustError
from scanner.publishing import metadata as edits
from scanner.publishing.folder import RepositoryFolder
from scanner.publishing.metadata import Delegator, keys_of, lifetime
from scanner.trust.bundle import layout


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
        check_threshold(root, role)
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


def check_role(folder: RepositoryFolder, role: str) -> None:
    """See that a role is in office after the next publication.

    Raises:
        TrustError: nobody delegated it.
    """
    targets = folder.targets("targets")
    if role != "targets" and targets is not None:
        check_delegated(targets.signed, role)


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


def _check_path(folder: RepositoryFolder, role: str, path: str) -> None:
    if not layout.is_path(path):
        raise TrustError(f"{path!r} is no path of a file.", "Use letters, digits, dot and dash.")
    patterns = ("*",) if role == "targets" else layout.delegated_patterns(role)
    if not any(fnmatch(path, pattern) for pattern in patterns):
        raise TrustError(
            f"{role} may not publish {path}.", f"It may publish {' and '.join(patterns)}."
        )
    check_role(folder, role)


def check_delegated(targets: Targets, role: str) -> None:
    """See that a role is delegated.

    Raises:
        TrustError: it is not.
    """
    known = edits.delegations(targets)
    if role not in known:
        raise TrustError(
            f"There is no role {role}.",
            f"Roles: {', '.join(sorted(known)) or 'none yet'}. An issuer is added with "
            "`checkpoint trust add-issuer`, a layer with `add-layer`.",
        )


def check_threshold(delegator: Delegator, role: str) -> None:
    """See that a role has as many keys as must sign for it.

    Raises:
        TrustError: it has not.
    """
    keys, threshold = keys_of(delegator, role)
    if not 1 <= threshold <= len(keys):
        raise TrustError(
            f"{role} would need {threshold} signatures of {len(keys)} keys.",
            "Name more keys, or a threshold from 1 to their number.",
        )
