"""Who may sign what, staged: roles are delegated and ended, and their keys replaced."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from securesystemslib.signer import Key
from tuf.api.metadata import Targets

from scanner.domain.errors import TrustError
from scanner.publishing import metadata as edits
from scanner.publishing.folder import RepositoryFolder
from scanner.publishing.key_files import owner_of
from scanner.publishing.metadata import Delegator, keys_of
from scanner.publishing.staging import (
    change_root,
    change_targets,
    check_delegated,
    check_threshold,
)

_SHORTEST_ID: Final = 6


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
        check_threshold(targets, role)

    change_targets(folder, "targets", change, now)
    change_targets(folder, role, lambda targets: targets.targets.clear(), now)


def remove_role(folder: RepositoryFolder, role: str, now: datetime) -> None:
    """Stage the end of a delegation; what the role vouched for ends with it.

    The snapshot goes on naming the role's last version: a client refuses one that loses a role.

    Raises:
        TrustError: it is not delegated.
    """

    def change(targets: Targets) -> None:
        check_delegated(targets, role)
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
            check_delegated(delegator, role)
        for text in removed:
            delegator.revoke_key(named_key(delegator, role, text).keyid, role)
        for key in added:
            delegator.add_key(key, role)
        if threshold is not None:
            delegator.get_delegated_role(role).threshold = threshold
        check_threshold(delegator, role)

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


def _still_signed(folder: RepositoryFolder, role: str) -> bool:
    metadata = folder.targets(role)
    if metadata is None:
        return True
    result = folder.delegator(role).get_verification_result(
        role, metadata.signed_bytes, metadata.signatures
    )
    return bool(result)
