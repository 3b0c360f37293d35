"""A TUF repository that is being written: the metadata in memory, every version of them on disk.

Pure but for `write`: keys and the time are handed in. Which role is signed by whom is the caller's
matter, so that each key may lie on another machine.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Key,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from scanner.durable_files import replace_file
from scanner.trust.bundle import layout
from scanner.trust.bundle.signed import ISSUED_AT, OWNER, TIME_FORMAT

LIFETIMES: Final = {
    "root": timedelta(days=365),
    "targets": timedelta(days=365),
    "snapshot": timedelta(days=30),
    "timestamp": timedelta(days=7),
}
_DELEGATED_LIFETIME: Final = timedelta(days=90)
_READABLE: Final = 0o644
_NEVER_SIGNED: Final = 0


def new_signer(owner: str) -> CryptoSigner:
    """A new Ed25519 key whose public half says whose it is."""
    signer = CryptoSigner.generate_ed25519()
    signer.public_key.unrecognized_fields[OWNER] = owner
    return signer


@dataclass
class DraftRepository:
    """Metadata under construction.

    Attributes:
        files: contents of new targets, by their names in the repository.
    """

    root: "Metadata[Root]"
    timestamp: "Metadata[Timestamp]"
    snapshot: "Metadata[Snapshot]"
    targets: "Metadata[Targets]"
    delegated: dict[str, "Metadata[Targets]"]
    files: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def create(cls, keys: Mapping[str, Iterable[Key]], root_threshold: int) -> "DraftRepository":
        """An empty repository: versions 0, nothing signed.

        Args:
            keys: for each of root, timestamp, snapshot and targets, who may sign.
            root_threshold: how many of the root's keys must.
        """
        root = Root(consistent_snapshot=True)
        for role, holders in keys.items():
            for key in holders:
                root.add_key(key, role)
        root.roles["root"].threshold = root_threshold
        targets = Targets(delegations=Delegations({}, {}))
        draft = cls(
            Metadata(root), Metadata(Timestamp()), Metadata(Snapshot()), Metadata(targets), {}
        )
        for metadata in (draft.root, draft.timestamp, draft.snapshot, draft.targets):
            metadata.signed.version = _NEVER_SIGNED
        return draft

    def delegate(self, role: str, keys: Iterable[Key], threshold: int = 1) -> None:
        """Let `keys` sign for a role of the layout, from the next signed targets on."""
        delegations = self.targets.signed.delegations
        assert delegations is not None and delegations.roles is not None  # noqa: S101, PT018
        delegations.roles[role] = DelegatedRole(
            name=role,
            keyids=[],
            threshold=threshold,
            terminating=True,
            paths=list(layout.delegated_patterns(role)),
        )
        for key in keys:
            self.targets.signed.add_key(key, role)
        if role not in self.delegated:
            self.delegated[role] = Metadata(Targets())
            self.delegated[role].signed.version = _NEVER_SIGNED

    def put(self, role: str, path: str, data: bytes) -> None:
        """Let `role` vouch for `data` under `path`, from its next signature on."""
        digest = sha256(data).hexdigest()
        target = TargetFile(len(data), {"sha256": digest}, path)
        self.of(role).signed.targets[path] = target
        self.files[layout.target_file(path, digest)] = data

    def of(self, role: str) -> "Metadata[Targets]":
        """The metadata of "targets" or of a delegated role."""
        return self.targets if role == "targets" else self.delegated[role]

    def sign_root(self, signers: Iterable[CryptoSigner], now: datetime) -> None:
        """The next version of the root."""
        _sign(self.root, signers, now, LIFETIMES["root"])

    def sign_targets(self, role: str, signers: Iterable[CryptoSigner], now: datetime) -> None:
        """The next version of "targets" or of a delegated role."""
        _sign(self.of(role), signers, now, LIFETIMES.get(role, _DELEGATED_LIFETIME))

    def publish(
        self, snapshot: Iterable[CryptoSigner], timestamp: Iterable[CryptoSigner], now: datetime
    ) -> None:
        """The next snapshot over what was signed, and the next timestamp over it."""
        for role, metadata in {"targets": self.targets, **self.delegated}.items():
            self.snapshot.signed.meta[f"{role}.json"] = _meta(metadata)
        _sign(self.snapshot, snapshot, now, LIFETIMES["snapshot"])
        self.timestamp.signed.snapshot_meta = _meta(self.snapshot)
        _sign(self.timestamp, timestamp, now, LIFETIMES["timestamp"])

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


def _sign(
    metadata: "Metadata[Root] | Metadata[Timestamp] | Metadata[Snapshot] | Metadata[Targets]",
    signers: Iterable[CryptoSigner],
    now: datetime,
    lifetime: timedelta,
) -> None:
    signed = metadata.signed
    signed.version += 1
    signed.expires = (now + lifetime).replace(microsecond=0)
    signed.unrecognized_fields[ISSUED_AT] = now.strftime(TIME_FORMAT)
    metadata.signatures.clear()
    for signer in signers:
        metadata.sign(signer, append=True)


def _meta(metadata: "Metadata[Snapshot] | Metadata[Targets]") -> MetaFile:
    data = metadata.to_bytes()
    return MetaFile(metadata.signed.version, len(data), {"sha256": sha256(data).hexdigest()})
