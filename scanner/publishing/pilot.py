"""A publisher with every key in one hand: for the demo, for tests, for a first afternoon's pilot.

Whoever runs gates for other people keeps the keys apart: docs/trust.md tells the ceremony.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from securesystemslib.signer import CryptoSigner

from scanner.publishing.repository import DraftRepository, new_signer
from scanner.trust.bundle import layout
from scanner.trust.bundle.issuer_keys import IssuerKeys, KeyRecord, encode_issuer_keys


@dataclass
class PilotPublisher:
    """A draft repository and every key that signs for it.

    Attributes:
        signers: by role.
    """

    draft: DraftRepository
    signers: dict[str, list[CryptoSigner]]

    @classmethod
    def create(cls, now: datetime) -> "PilotPublisher":
        """New keys, two of them for the root, and an empty repository."""
        signers = {
            "root": [new_signer("Root A"), new_signer("Root B")],
            **{role: [new_signer(role.title())] for role in ("targets", "snapshot", "timestamp")},
        }
        keys = {role: [signer.public_key for signer in held] for role, held in signers.items()}
        draft = DraftRepository.create(keys, root_threshold=2)
        draft.sign_root(signers["root"], now)
        draft.sign_targets("targets", signers["targets"], now)
        return cls(draft, signers)

    @property
    def pinned_root(self) -> bytes:
        """The root metadata as they are now."""
        return self.draft.root.to_bytes()

    def delegate(self, role: str, owner: str, now: datetime) -> None:
        """Let a new key sign for a role of the layout."""
        self.signers[role] = [new_signer(owner)]
        self.draft.delegate(role, [self.signers[role][0].public_key])
        self.draft.sign_targets("targets", self.signers["targets"], now)

    def set_keys(self, issuer: str, keys: Iterable[KeyRecord], now: datetime) -> None:
        """Sign an issuer's key set, with a key of the issuer's own."""
        role = layout.issuer_role(issuer)
        data = encode_issuer_keys(IssuerKeys(issuer, tuple(keys)))
        self.put(role, layout.keys_path(issuer), data, now)

    def put(self, role: str, path: str, data: bytes, now: datetime) -> None:
        """Sign for one file; the role is delegated at the first time."""
        if role not in self.signers:
            self.delegate(role, role, now)
        self.draft.put(role, path, data)
        self.draft.sign_targets(role, self.signers[role], now)

    def publish(self, folder: Path, now: datetime) -> None:
        """Sign snapshot and timestamp, and write everything to `folder`."""
        self.draft.publish(self.signers["snapshot"], self.signers["timestamp"], now)
        self.draft.write(folder)
