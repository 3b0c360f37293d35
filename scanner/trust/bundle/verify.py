"""The TUF client workflow (specification section 5.3 to 5.6) over `tuf.api`, without a network.

`tuf.ngclient` cannot verify without one: it stops at the first expired timestamp, judged by the
machine's clock. A gate has neither a network nor a clock that it may believe. So the same steps are
taken here over any source, and expiry refuses nothing by itself: what is older than its signers
wished is still the best that the gate has, and `staleness` turns its age into a decision of the
site. What the steps protect from, and the test of each, stands in docs/trust.md.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Final

from tuf.api.exceptions import LengthOrHashMismatchError
from tuf.api.metadata import MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp

from scanner.domain.errors import TrustError
from scanner.trust.bundle import layout
from scanner.trust.bundle.repository import Repository, RoleState, SignedTarget
from scanner.trust.bundle.signed import KEPT, verified
from scanner.trust.bundle.sources import RepositorySource, SourceError, read_whole

_MAX_ROOTS: Final = 1024
_MAX_ROLES: Final = 512
_MAX_FILES: Final = 4096
_TOP: Final = "targets"
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class RollbackError(TrustError):
    """What is offered is older than what is in force."""


def verify_repository(
    source: RepositorySource,
    pinned_root: bytes,
    before: Repository | None = None,
    latest: datetime | None = None,
) -> Repository:
    """Verify the metadata in `source`, from the pinned root to the last delegated role.

    Targets are not read; `targets` verifies each as it is read.

    Args:
        source: where the repository is.
        pinned_root: the root metadata that were installed with the gate, in any version.
        before: what is in force now: nothing older may replace it.
        latest: no metadata can have been signed later than this; None when nobody knows the time.

    Returns:
        The repository; `before` itself when the source offers nothing newer.

    Raises:
        SourceError: the source cannot be read, or lacks a file.
        RollbackError: the source is older than `before`.
        TrustError: something is not signed as it must be, or not well-formed.
    """
    return _Walk(source, before, latest).run(pinned_root)


@dataclass
class _Walk:
    """One pass through a repository, in the one legal order."""

    source: RepositorySource
    before: Repository | None
    latest: datetime | None
    used: dict[str, bytes] = field(default_factory=dict)

    def run(self, pinned_root: bytes) -> Repository:
        root, root_state = self._root(pinned_root)
        timestamp, timestamp_state, digest = self._timestamp(root)
        before = self.before
        known = (before.root.version, before.timestamp_digest) if before else None
        if before is not None and known == (root.version, digest):
            return before
        snapshot, snapshot_state = self._snapshot(root, timestamp)
        targets, targets_state = self._targets(root, snapshot, _TOP)
        roles: dict[str, RoleState] = {}
        listed: dict[str, Targets] = {_TOP: targets}
        for name in _delegations(targets):
            listed[name], roles[name] = self._targets(targets, snapshot, name)
        files, stray = _files(targets, listed)
        return Repository(
            root=root_state,
            timestamp=timestamp_state,
            snapshot=snapshot_state,
            targets=targets_state,
            roles=roles,
            files=files,
            stray=stray,
            versions={name: meta.version for name, meta in snapshot.meta.items()},
            timestamp_digest=digest,
            metadata=self.used,
        )

    def _root(self, pinned: bytes) -> tuple[Root, RoleState]:
        """The newest root that the pinned one leads to: each is signed by its predecessor, too."""
        root, state = verified(pinned, Root, "root", None)
        for _ in range(_MAX_ROOTS):
            name = layout.metadata_file("root", root.version + 1)
            data = read_whole(self.source, name, layout.MAX_ROOT)
            if data is None:
                break
            following, state = verified(data, Root, "root", root)
            if following.version != root.version + 1:
                raise TrustError(f"{name} holds version {following.version}.", KEPT)
            root = following
            self.used[name] = data
        else:
            raise TrustError(f"More than {_MAX_ROOTS} roots follow one another.", KEPT)
        if self.before is not None and root.version < self.before.root.version:
            raise RollbackError(
                f"The root has version {root.version}, {self.before.root.version} is in force.",
                KEPT,
            )
        return root, state

    def _timestamp(self, root: Root) -> tuple[Timestamp, RoleState, str]:
        data = self._read(layout.TIMESTAMP_FILE, layout.MAX_TIMESTAMP)
        timestamp, state = verified(data, Timestamp, "timestamp", root)
        digest = sha256(data).hexdigest()
        before = self.before
        if self.latest is not None and (state.issued_at or self.latest) > self.latest:
            raise TrustError(
                f"The timestamp says that it was signed at {state.issued_at}, which is to come.",
                KEPT,
            )
        # Specification 5.3.11: who changes the keys of a role may start its versions anew, so that
        # a thief's version 2**31 ends with the key that signed it.
        if before is not None and state.signing_keys == before.timestamp.signing_keys:
            _not_older("timestamp", state.version, before.timestamp.version)
            if state.version == before.timestamp.version and digest != before.timestamp_digest:
                raise RollbackError(
                    f"There are two different timestamps of version {state.version}.", KEPT
                )
        return timestamp, state, digest

    def _snapshot(self, root: Root, timestamp: Timestamp) -> tuple[Snapshot, RoleState]:
        meta = timestamp.snapshot_meta
        name = layout.metadata_file("snapshot", meta.version)
        data = self._read(name, layout.MAX_SNAPSHOT)
        _matches(meta, data, name)
        snapshot, state = verified(data, Snapshot, "snapshot", root)
        if state.version != meta.version:
            raise TrustError(f"{name} holds version {state.version}.", KEPT)
        before = self.before
        if before is not None and state.signing_keys == before.snapshot.signing_keys:
            _not_older("snapshot", state.version, before.snapshot.version)
            for file, version in before.versions.items():
                now = snapshot.meta.get(file)
                _not_older(file, 0 if now is None else now.version, version)
        return snapshot, state

    def _targets(
        self, delegator: Root | Targets, snapshot: Snapshot, role: str
    ) -> tuple[Targets, RoleState]:
        meta = snapshot.meta.get(f"{role}.json")
        if meta is None:
            raise TrustError(f"The snapshot does not name {role}.", KEPT)
        name = layout.metadata_file(role, meta.version)
        data = self._read(name, layout.MAX_TARGETS)
        _matches(meta, data, name)
        targets, state = verified(data, Targets, role, delegator)
        if state.version != meta.version:
            raise TrustError(f"{name} holds version {state.version}.", KEPT)
        if role != _TOP and targets.delegations is not None:
            raise TrustError(f"{role} passes its office on, which this layout does not know.", KEPT)
        return targets, state

    def _read(self, name: str, limit: int) -> bytes:
        data = read_whole(self.source, name, limit)
        if data is None:
            raise SourceError(f"{name} is missing.", "Take a complete copy of the repository.")
        self.used[name] = data
        return data


def _matches(meta: MetaFile, data: bytes, name: str) -> None:
    try:
        meta.verify_length_and_hashes(data)
    except LengthOrHashMismatchError as error:
        raise TrustError(f"{name} is not the file that was signed for.", KEPT) from error


def _not_older(what: str, version: int, known: int) -> None:
    if version < known:
        raise RollbackError(f"{what} has version {version}, {known} is in force.", KEPT)


def _delegations(targets: Targets) -> Iterator[str]:
    """Names of the delegated roles, each one with the paths that its name stands for, no more."""
    delegations = targets.delegations
    if delegations is None:
        return
    if delegations.roles is None or len(delegations.roles) > _MAX_ROLES:
        raise TrustError("The delegations have a form that this layout does not know.", KEPT)
    for name, role in delegations.roles.items():
        if not layout.is_role_name(name) or not role.terminating:
            raise TrustError("A delegated role is none of this layout.", KEPT)
        if set(role.paths or ()) - set(layout.delegated_patterns(name)):
            raise TrustError(f"{name} is given paths of somebody else.", KEPT)
        yield name


def _files(
    top: Targets, listed: Mapping[str, Targets]
) -> tuple[dict[str, SignedTarget], tuple[tuple[str, str], ...]]:
    """The targets that count: each from the first role that may publish it (section 5.6.7)."""
    files: dict[str, SignedTarget] = {}
    stray: list[tuple[str, str]] = []
    for role, targets in listed.items():
        for path, target in targets.targets.items():
            if path in files or _publisher(top, path, role) != role:
                stray.append((role, path))
                continue
            files[path] = _signed_target(role, path, target)
            if len(files) > _MAX_FILES:
                raise TrustError(f"The bundle has more than {_MAX_FILES} files.", KEPT)
    return files, tuple(stray)


def _publisher(top: Targets, path: str, role: str) -> str | None:
    """Who may publish `path`; the top-level role may publish everything."""
    if role == _TOP or top.delegations is None:
        return role
    return next((name for name, _ in top.delegations.get_roles_for_target(path)), None)


def _signed_target(role: str, path: str, target: TargetFile) -> SignedTarget:
    digest = target.hashes.get("sha256", "")
    if not layout.is_path(path) or not _SHA256.fullmatch(digest):
        raise TrustError(f"{role} lists a file in a form that this layout does not know.", KEPT)
    if target.length > layout.max_length(path):
        raise TrustError(f"{path} is larger than {layout.max_length(path)} bytes.", KEPT)
    return SignedTarget(path, role, target.length, digest)
