"""The repository as an operator has it: what is served, and what is being prepared beside it.

    DIR/metadata, DIR/targets   served; the layout of `scanner.trust.bundle.layout`
    DIR/staged/ROLE.json        the next version of a role, with the signatures it has got so far
    DIR/staged/targets/…        files that it vouches for and that are not served yet
    DIR/lock                    held while somebody changes anything

The whole folder may be copied to another machine, signed there, and its `staged` brought back.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tuf.api.metadata import Root, Snapshot, TargetFile, Targets, Timestamp

from scanner.domain.errors import TrustError
from scanner.durable_files import replace_file, sync_folder
from scanner.file_lock import take_lock
from scanner.publishing.metadata import (
    Delegator,
    RootMetadata,
    SnapshotMetadata,
    TargetsMetadata,
    TimestampMetadata,
    parsed,
    signed_target,
)
from scanner.trust.bundle import layout
from scanner.trust.bundle.repository import Repository
from scanner.trust.bundle.sources import FolderSource, read_whole
from scanner.trust.bundle.targets import read_target
from scanner.trust.bundle.verify import verify_repository

STAGED: Final = "staged"
READABLE: Final = 0o644
_LOCK: Final = "lock"
_ROOT_NAME: Final = re.compile(r"([1-9][0-9]{0,6})\.root\.json")
_MAX_STAGED: Final = {"root": layout.MAX_ROOT}


@dataclass(frozen=True, slots=True)
class Published:
    """What is served now, verified. Metadata come parsed anew at each call: they may be edited.

    Attributes:
        repository: the verified state.
        pinned_root: the oldest root here, or the one that the caller pinned.
        newest_root: the root's bytes that this leads to.
    """

    repository: Repository
    pinned_root: bytes
    newest_root: bytes

    def root(self) -> RootMetadata:
        """The newest root."""
        return parsed(self.newest_root, Root, "root")

    def timestamp(self) -> TimestampMetadata:
        """The timestamp."""
        return parsed(self.repository.metadata[layout.TIMESTAMP_FILE], Timestamp, "timestamp")

    def snapshot(self) -> SnapshotMetadata:
        """The snapshot."""
        version = self.repository.snapshot.version
        return parsed(self._of("snapshot", version), Snapshot, "snapshot")

    def targets(self, role: str) -> TargetsMetadata | None:
        """The metadata of `targets` or of a delegated role; None when there is none in office."""
        states = {"targets": self.repository.targets, **self.repository.roles}
        if role not in states:
            return None
        return parsed(self._of(role, states[role].version), Targets, role)

    def version(self, role: str) -> int:
        """A role's version, also of one that is no longer in office; 0 when it never was."""
        if role == "root":
            return self.repository.root.version
        return self.repository.versions.get(f"{role}.json", 0)

    def _of(self, role: str, version: int) -> bytes:
        return self.repository.metadata[layout.metadata_file(role, version)]


class RepositoryFolder:
    """An operator's folder, or a copy of it on a signer's machine.

    Args:
        folder: where it is.
        pinned_root: a root that the caller has kept apart; without it, the oldest root in the
            folder is believed, which is right on the operator's own machine only.
    """

    def __init__(self, folder: Path, pinned_root: bytes | None = None) -> None:
        self.folder = folder
        self.staging = folder / STAGED
        self._pinned = pinned_root
        self._known: tuple[bytes, Published] | None = None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else changes this folder meanwhile.

        Raises:
            TrustError: somebody does at this moment, or the folder cannot be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = take_lock(self.folder / _LOCK)
        except BlockingIOError as error:
            raise TrustError(
                f"Somebody else is changing {self.folder}.", "Wait until that is done."
            ) from error
        except OSError as error:
            raise TrustError(
                f"{self.folder} cannot be written: {error.strerror}.", "Check owner and space."
            ) from error
        try:
            yield
        finally:
            os.close(lock)

    def published(self) -> Published | None:
        """What is served, verified from the pinned root on; None before the first publication.

        Raises:
            TrustError: it does not verify: somebody changed it without signing.
        """
        source = FolderSource(self.folder)
        timestamp = read_whole(source, layout.TIMESTAMP_FILE, layout.MAX_TIMESTAMP)
        if timestamp is None:
            return None
        if self._known is None or self._known[0] != timestamp:
            pinned = self._pinned or self._root(min(self._root_versions()))
            repository = verify_repository(source, pinned)
            newest = self._root(repository.root.version)
            self._known = timestamp, Published(repository, pinned, newest)
        return self._known[1]

    def required(self) -> Published:
        """What is served.

        Raises:
            TrustError: nothing is, or it does not verify.
        """
        published = self.published()
        if published is None:
            raise TrustError(
                f"{self.folder} holds no published repository.",
                "Name its folder with --repository; a new one begins with `checkpoint trust init`.",
            )
        return published

    def staged_roles(self) -> list[str]:
        """Roles with a staged version: the root first, then targets, then the others by name."""
        names = [path.name.removesuffix(".json") for path in self.staging.glob("*.json")]
        known = [name for name in names if name in ("root", "targets") or layout.is_role_name(name)]
        return sorted(known, key=lambda name: (name != "root", name != "targets", name))

    def staged_root(self) -> RootMetadata | None:
        """The staged root; None without one."""
        data = self._staged("root")
        return None if data is None else parsed(data, Root, "staged/root.json")

    def staged_targets(self, role: str) -> TargetsMetadata | None:
        """The staged metadata of `targets` or of a delegated role; None without them."""
        data = self._staged(role)
        return None if data is None else parsed(data, Targets, f"staged/{role}.json")

    def stage(self, role: str, metadata: RootMetadata | TargetsMetadata) -> None:
        """Keep a role's next version.

        Raises:
            TrustError: it cannot be written.
        """
        self._write(self.staging / f"{role}.json", metadata.to_bytes())

    def stage_file(self, name: str, data: bytes) -> None:
        """Keep a file that a staged role vouches for, under its name in the repository."""
        self._write(self.staging / name, data)

    def unstage(self, role: str) -> None:
        """Drop a role's staged version; files that nobody vouches for any more go with it."""
        (self.staging / f"{role}.json").unlink(missing_ok=True)
        named = {
            signed_target(other, target).file
            for other in self.staged_roles()
            if other != "root" and (metadata := self.staged_targets(other)) is not None
            for target in metadata.signed.targets.values()
        }
        for path in list((self.staging / layout.TARGETS).rglob("*")):
            if path.is_file() and str(path.relative_to(self.staging)) not in named:
                path.unlink()
        if not self.staged_roles():
            shutil.rmtree(self.staging, ignore_errors=True)
        sync_folder(self.folder)

    def root(self) -> RootMetadata:
        """The root as it is going to be: the staged one, or else the published one."""
        return self.staged_root() or self.required().root()

    def targets(self, role: str) -> TargetsMetadata | None:
        """A role's metadata as they are going to be; None for a role without any."""
        staged = self.staged_targets(role)
        if staged is not None:
            return staged
        published = self.published()
        return None if published is None else published.targets(role)

    def delegator(self, role: str) -> Delegator:
        """Who says, after the next publication, who signs for `role`."""
        if role in ("root", "targets", "snapshot", "timestamp"):
            return self.root().signed
        targets = self.targets("targets")
        if targets is None:
            raise TrustError(f"{self.folder} holds no targets.", "Begin: checkpoint trust init.")
        return targets.signed

    def content(self, target: TargetFile) -> bytes | None:
        """The verified bytes of a staged or served file; None when it is not here."""
        signed = signed_target(target.path, target)
        for folder in (self.staging, self.folder):
            if (folder / signed.file).is_file():
                return read_target(FolderSource(folder), signed)
        return None

    def _staged(self, role: str) -> bytes | None:
        limit = _MAX_STAGED.get(role, layout.MAX_TARGETS)
        return read_whole(FolderSource(self.staging), f"{role}.json", limit)

    def _root_versions(self) -> list[int]:
        names = (path.name for path in (self.folder / layout.METADATA).glob("*.root.json"))
        versions = [int(match[1]) for name in names if (match := _ROOT_NAME.fullmatch(name))]
        if not versions:
            raise TrustError(f"{self.folder} holds no root.", "Take a complete copy of it.")
        return versions

    def _root(self, version: int) -> bytes:
        name = layout.metadata_file("root", version)
        data = read_whole(FolderSource(self.folder), name, layout.MAX_ROOT)
        if data is None:
            raise TrustError(f"{name} is missing.", "Take a complete copy of the repository.")
        return data

    def _write(self, path: Path, data: bytes) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, data, READABLE)
        except OSError as error:
            raise TrustError(
                f"{path} cannot be written: {error.strerror}.", "Check owner and space."
            ) from error
