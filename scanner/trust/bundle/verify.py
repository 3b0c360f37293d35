"""The TUF client workflow (specification section 5.3 to 5.6) over `tuf.api`, without a network.

`tuf.ngclient` cannot verify without one: it stops at the first expired timestamp, judged by the
machine's clock. A gate has neither a network nor a clock that it may believe. So the same steps are
taken here over any source, and expiry refuses nothing by itself: what is older than its signers
wished is still the best that the gate has, and `staleness` turns its age into a decision of the
site. What the steps protect from, and the test of each, stands in docs/trust.md.

A delegated role that is out of order costs its own files and nothing else: what the snapshot names
is there, and yet is not signed or formed as it must be. Otherwise any single province could keep
the whole country from ever getting another bundle.
"""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Final

from tuf.api.exceptions import LengthOrHashMismatchError
from tuf.api.metadata import MetaFile, Root, Snapshot, Targets, Timestamp

from scanner.domain.errors import TrustError
from scanner.trust.bundle import layout
from scanner.trust.bundle.delegated import TOP, Counted, delegated_roles
from scanner.trust.bundle.repository import Repository, RoleFault, RoleState
from scanner.trust.bundle.signed import KEPT, Kind, verified
from scanner.trust.bundle.sources import RepositorySource, SourceError, read_whole

_MAX_ROOTS: Final = 1024
_MAX_VERSION: Final = 2**53


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
        targets, targets_state = self._targets(root, snapshot)
        listed, roles, broken = self._delegated(targets, snapshot)
        counted = Counted(targets, broken)
        for name, metadata in {TOP: targets, **listed}.items():
            counted.add(name, metadata)
        return Repository(
            root=root_state,
            timestamp=timestamp_state,
            snapshot=snapshot_state,
            targets=targets_state,
            roles=roles,
            files=counted.files,
            stray=tuple(counted.stray),
            faults=counted.faults,
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
        _is_nameable(state.version)
        digest = sha256(data).hexdigest()
        _not_ahead(state, self.latest)
        before = self.before
        if before is not None and self._still_holds(layout.TIMESTAMP_FILE, Timestamp, root):
            _not_older("timestamp", state.version, before.timestamp.version)
            if state.version == before.timestamp.version:
                _the_same(digest, before)
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
        if before is not None:
            held = layout.metadata_file("snapshot", before.snapshot.version)
            if self._still_holds(held, Snapshot, root):
                _not_older("snapshot", state.version, before.snapshot.version)
                for file, version in before.versions.items():
                    now = snapshot.meta.get(file)
                    _not_older(file, 0 if now is None else now.version, version)
        return snapshot, state

    def _still_holds(self, name: str, kind: type[Kind], root: Root) -> bool:
        """Whether the keys of today still vouch for what is in force, and with it for its version.

        Specification 5.3.11: when they do not, what is in force sets no floor, so that a thief's
        version 2**31 ends with the key that signed it. A key that is added ends nothing.
        """
        data = self.before.metadata.get(name) if self.before else None
        if data is None:
            return False
        try:
            verified(data, kind, kind.type, root)
        except TrustError:
            return False
        return True

    def _targets(self, root: Root, snapshot: Snapshot) -> tuple[Targets, RoleState]:
        name, data, version = self._named(snapshot, TOP)
        targets, state = verified(data, Targets, TOP, root)
        if state.version != version:
            raise TrustError(f"{name} holds version {state.version}.", KEPT)
        return targets, state

    def _delegated(
        self, top: Targets, snapshot: Snapshot
    ) -> tuple[dict[str, Targets], dict[str, RoleState], dict[str, RoleFault]]:
        """Each delegated role's metadata, in the order of delegation, and those out of order."""
        listed: dict[str, Targets] = {}
        states: dict[str, RoleState] = {}
        broken: dict[str, RoleFault] = {}
        for role in delegated_roles(top):
            meta = snapshot.meta.get(f"{role}.json")
            if meta is None:
                continue  # it was given its office and has not published anything yet
            if (meta.length or 0) > layout.MAX_TARGETS:
                broken[role] = RoleFault(role, f"{role} has metadata of {meta.length} bytes.")
                continue
            name, data, version = self._named(snapshot, role)
            try:
                targets, state = verified(data, Targets, role, top)
                if state.version != version:
                    raise TrustError(f"{name} holds version {state.version}.", KEPT)
                if targets.delegations is not None:
                    raise TrustError(f"{role} passes its office on.", KEPT)
            except TrustError as error:
                broken[role] = RoleFault(role, error.found)
            else:
                listed[role], states[role] = targets, state
        return listed, states, broken

    def _named(self, snapshot: Snapshot, role: str) -> tuple[str, bytes, int]:
        """The file that the snapshot names for a role, and the version that it must hold."""
        meta = snapshot.meta.get(f"{role}.json")
        if meta is None:
            raise TrustError(f"The snapshot does not name {role}.", KEPT)
        name = layout.metadata_file(role, meta.version)
        data = self._read(name, layout.MAX_TARGETS)
        _matches(meta, data, name)
        return name, data, meta.version

    def _read(self, name: str, limit: int) -> bytes:
        data = read_whole(self.source, name, limit)
        if data is None:
            raise SourceError(f"{name} is missing.", "Take a complete copy of the repository.")
        self.used[name] = data
        return data


def _matches(meta: MetaFile, data: bytes, name: str) -> None:
    """The specification leaves hashes to the publisher; without them versions could mix."""
    if not meta.hashes or "sha256" not in meta.hashes:
        raise TrustError(f"{name} is named without its SHA-256.", KEPT)
    try:
        meta.verify_length_and_hashes(data)
    except LengthOrHashMismatchError as error:
        raise TrustError(f"{name} is not the file that was signed for.", KEPT) from error


def _is_nameable(version: int) -> None:
    """The timestamp's version names folders and stands in entries; TUF itself sets it no end."""
    if version > _MAX_VERSION:
        raise TrustError(f"The timestamp's version is over {_MAX_VERSION}.", KEPT)


def _not_ahead(state: RoleState, latest: datetime | None) -> None:
    if latest is not None and state.issued_at is not None and state.issued_at > latest:
        raise TrustError(
            f"The timestamp says that it was signed at {state.issued_at}, which is to come.", KEPT
        )


def _the_same(digest: str, before: Repository) -> None:
    if digest != before.timestamp_digest:
        raise RollbackError(
            f"There are two different timestamps of version {before.timestamp.version}.", KEPT
        )


def _not_older(what: str, version: int, known: int) -> None:
    if version < known:
        raise RollbackError(f"{what} has version {version}, {known} is in force.", KEPT)
