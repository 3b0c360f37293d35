"""A whole repository in memory whose keys are all at hand: what the pilot's publisher writes.

An operator's repository, whose keys lie on several machines, is `scanner.publishing.folder`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from securesystemslib.signer import Key, Signer
from tuf.api.metadata import Metadata, Root, Snapshot, Targets, Timestamp

from scanner.durable_files import replace_file
from scanner.publishing import metadata as edits
from scanner.publishing.metadata import (
    RootMetadata,
    SnapshotMetadata,
    TargetsMetadata,
    TimestampMetadata,
)
from scanner.trust.bundle import layout
from scanner.trust.bundle.repository import Repository

_READABLE: Final = 0o644


@dataclass
class DraftRepository:
    """Metadata under construction.

    Attributes:
        files: contents of new targets, by their names in the repository.
    """

    root: RootMetadata
    timestamp: TimestampMetadata
    snapshot: SnapshotMetadata
    targets: TargetsMetadata
    delegated: dict[str, TargetsMetadata]
    files: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def create(cls, keys: Mapping[str, Iterable[Key]], root_threshold: int) -> "DraftRepository":
        """An empty repository: versions 0, nothing signed.

        Args:
            keys: for each of root, timestamp, snapshot and targets, who may sign.
            root_threshold: how many of the root's keys must.
        """
        root = edits.new_root(root_threshold)
        for role, holders in keys.items():
            for key in holders:
                root.add_key(key, role)
        return cls(
            Metadata(root),
            Metadata(edits.new_timestamp()),
            Metadata(edits.new_snapshot()),
            Metadata(edits.new_targets(delegating=True)),
            {},
        )

    @classmethod
    def of_published(cls, root: bytes, published: Repository) -> "DraftRepository":
        """Go on from what was published.

        Args:
            root: the newest root's bytes.
            published: the verified repository.
        """

        def read(role: str, version: int) -> bytes:
            return published.metadata[layout.metadata_file(role, version)]

        return cls(
            edits.parsed(root, Root, "root"),
            edits.parsed(published.metadata[layout.TIMESTAMP_FILE], Timestamp, "timestamp"),
            edits.parsed(read("snapshot", published.snapshot.version), Snapshot, "snapshot"),
            edits.parsed(read("targets", published.targets.version), Targets, "targets"),
            {
                role: edits.parsed(read(role, state.version), Targets, role)
                for role, state in published.roles.items()
            },
        )

    def delegate(self, role: str, keys: Iterable[Key], threshold: int = 1) -> None:
        """Let `keys` sign for a role of the layout, from the next signed targets on."""
        edits.delegate(self.targets.signed, role, keys, threshold)
        if role not in self.delegated:
            self.delegated[role] = Metadata(edits.new_targets())
            last = self.snapshot.signed.meta.get(f"{role}.json")
            self.delegated[role].signed.version = 0 if last is None else last.version

    def undelegate(self, role: str) -> None:
        """Take a role's office away, from the next signed targets on.

        The snapshot goes on naming its last version: a client refuses one that loses a role.
        """
        edits.undelegate(self.targets.signed, role)
        del self.delegated[role]

    def put(self, role: str, path: str, data: bytes) -> None:
        """Let `role` vouch for `data` under `path`, from its next signature on."""
        self.files[edits.vouch(self.of(role).signed, path, data)] = data

    def of(self, role: str) -> TargetsMetadata:
        """The metadata of "targets" or of a delegated role."""
        return self.targets if role == "targets" else self.delegated[role]

    def sign_root(self, signers: Iterable[Signer], now: datetime) -> None:
        """The next version of the root."""
        edits.renew(self.root, now, edits.lifetime("root"))
        edits.sign(self.root, signers)

    def sign_targets(self, role: str, signers: Iterable[Signer], now: datetime) -> None:
        """The next version of "targets" or of a delegated role."""
        edits.renew(self.of(role), now, edits.lifetime(role))
        edits.sign(self.of(role), signers)

    def publish(
        self, snapshot: Iterable[Signer], timestamp: Iterable[Signer], now: datetime
    ) -> None:
        """The next snapshot over what was signed, and the next timestamp over it."""
        for role, metadata in {"targets": self.targets, **self.delegated}.items():
            self.snapshot.signed.meta[f"{role}.json"] = edits.meta_file(metadata)
        edits.renew(self.snapshot, now, edits.lifetime("snapshot"))
        edits.sign(self.snapshot, snapshot)
        self.timestamp.signed.snapshot_meta = edits.meta_file(self.snapshot)
        edits.renew(self.timestamp, now, edits.lifetime("timestamp"))
        edits.sign(self.timestamp, timestamp)

    def write(self, folder: Path) -> None:
        """Write everything below `folder`, the timestamp last."""
        pages = {
            layout.metadata_file("root", self.root.signed.version): self.root.to_bytes(),
            layout.metadata_file("snapshot", self.snapshot.signed.version): (
                self.snapshot.to_bytes()
            ),
            layout.metadata_file("targets", self.targets.signed.version): self.targets.to_bytes(),
            **{
                layout.metadata_file(role, metadata.signed.version): metadata.to_bytes()
                for role, metadata in self.delegated.items()
            },
        }
        for name, data in {
            **self.files,
            **pages,
            layout.TIMESTAMP_FILE: self.timestamp.to_bytes(),
        }.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists() or path.read_bytes() != data:
                replace_file(path, data, _READABLE)
