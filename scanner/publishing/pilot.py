"""A publisher with every key in one hand: for the demo, for tests, for a first afternoon's pilot.

Its keys lie unsealed in one folder, and every file of them says so in its name. Whoever runs gates
for other people keeps the keys apart: docs/trust-ceremony.md tells how.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from securesystemslib.signer import CryptoSigner

from scanner.domain.errors import TrustError
from scanner.publishing.folder import RepositoryFolder
from scanner.publishing.key_files import KEY_SUFFIX, new_signer, owner_of, read_key, write_key
from scanner.publishing.repository import DraftRepository
from scanner.trust.bundle import layout
from scanner.trust.bundle.issuer_keys import IssuerKeys, KeyRecord, encode_issuer_keys

UNSEALED: Final = f".unsealed{KEY_SUFFIX}"
_PRIVATE_FOLDER: Final = 0o700
_COUNTED: Final = 2


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
        draft = DraftRepository.create(keys, root_threshold=_COUNTED)
        draft.sign_root(signers["root"], now)
        draft.sign_targets("targets", signers["targets"], now)
        return cls(draft, signers)

    @classmethod
    def open(cls, repository: Path, keys: Path) -> "PilotPublisher":
        """Go on from a repository that `publish` wrote and keys that `save_keys` wrote.

        Raises:
            TrustError: one of them is missing, or does not verify.
        """
        published = RepositoryFolder(repository).required()
        draft = DraftRepository.of_published(published.newest_root, published.repository)
        signers: dict[str, list[CryptoSigner]] = {}
        for path in sorted(keys.glob(f"*{UNSEALED}")):
            role = path.name.removesuffix(UNSEALED).rpartition(".")[0]
            signers.setdefault(role, []).append(read_key(path, _no_passphrase))
        missing = {"root", "targets", "snapshot", "timestamp", *draft.delegated} - set(signers)
        if missing:
            raise TrustError(
                f"{keys} holds no key of {', '.join(sorted(missing))}.",
                "Begin again in a new folder; gates must then be given its root.json.",
            )
        return cls(draft, signers)

    def save_keys(self, keys: Path) -> None:
        """Write every key to `keys`, unsealed; what is there already stays.

        Raises:
            TrustError: the folder cannot be written.
        """
        keys.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
        for role, signers in self.signers.items():
            for number, signer in enumerate(signers, start=1):
                path = keys / f"{role}.{number}{UNSEALED}"
                if not path.exists():
                    write_key(signer, owner_of(signer.public_key), path, None)

    @property
    def pinned_root(self) -> bytes:
        """The root metadata as they are now."""
        return self.draft.root.to_bytes()

    def delegate(self, role: str, owner: str, now: datetime) -> None:
        """Let a key sign for a role of the layout: a new one, or the one that it had before."""
        if role not in self.signers:
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
        if role != "targets" and role not in self.draft.delegated:
            self.delegate(role, role, now)
        self.draft.put(role, path, data)
        self.draft.sign_targets(role, self.signers[role], now)

    def remove(self, role: str, now: datetime) -> None:
        """Let a role's office end; what it signed ends with it."""
        self.draft.undelegate(role)
        self.draft.sign_targets("targets", self.signers["targets"], now)

    def publish(self, folder: Path, now: datetime) -> None:
        """Sign snapshot and timestamp, and write everything to `folder`."""
        self.draft.publish(self.signers["snapshot"], self.signers["timestamp"], now)
        self.draft.write(folder)


def _no_passphrase(path: Path) -> str:
    raise TrustError(f"{path} is sealed with a passphrase.", "A pilot's keys are not.")
