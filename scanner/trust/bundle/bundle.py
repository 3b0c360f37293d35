"""A whole bundle from disk: verified metadata, verified files, and what they say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scanner.domain.errors import TrustError
from scanner.trust.bundle.issuer_keys import IssuerKeyRing, IssuerKeys, decode_issuer_keys
from scanner.trust.bundle.repository import Repository, RoleFault
from scanner.trust.bundle.sources import FolderSource
from scanner.trust.bundle.targets import check_target, read_target
from scanner.trust.bundle.verify import verify_repository
from scanner.trust.keys import TrustedKey
from scanner.trust.staleness import LONG_AGO


@dataclass(frozen=True, slots=True)
class Bundle:
    """What the gate believes until a newer bundle comes.

    Attributes:
        folder: where it lies.
        repository: its verified metadata.
        issuers: every issuer's key set.
        small: the verified bytes of everything that is neither keys nor revocation, by path.
        faults: what is signed and yet no good: it costs its publisher's own files only.
    """

    folder: Path
    repository: Repository
    issuers: tuple[IssuerKeys, ...]
    small: Mapping[str, bytes]
    ring: IssuerKeyRing
    faults: tuple[RoleFault, ...] = ()

    @property
    def version(self) -> str:
        """Names this bundle in the ledger."""
        return self.repository.version

    @property
    def issued_at(self) -> datetime:
        """When the hub last vouched that nothing newer exists: the timestamp's time."""
        return self.repository.timestamp.issued_at or LONG_AGO

    def find(self, issuer: str, key_id: bytes) -> Sequence[TrustedKey]:
        """Every trusted key of `issuer` under `key_id`; empty when there is none."""
        return self.ring.find(issuer, key_id)

    def knows(self, issuer: str) -> bool:
        """True when at least one key of `issuer` is trusted here."""
        return self.ring.knows(issuer)

    def check(self) -> None:
        """Understand everything, down to the last key, as a publisher does before it goes out.

        Raises:
            TrustError: something is signed and yet not well-formed. A gate goes on without it.
        """
        for fault in self.faults:
            raise TrustError(fault.why)
        for issuer in self.issuers:
            issuer.check()


def load_bundle(folder: Path, pinned_root: bytes) -> Bundle:
    """Verify the bundle in `folder`, metadata and every file, and read it.

    Raises:
        TrustError: a file is missing or is not the one that was signed for, or one of the four
            top-level roles is out of order.
    """
    source = FolderSource(folder)
    repository = verify_repository(source, pinned_root)
    issuers: list[IssuerKeys] = []
    faults = list(repository.faults)
    small: dict[str, bytes] = {}
    for path, target in repository.files.items():
        room = path.partition("/")[0]
        if room == "revocation":
            check_target(source, target)
        elif room == "keys":
            data = read_target(source, target)
            try:
                issuers.append(decode_issuer_keys(path, data))
            except TrustError as error:
                faults.append(RoleFault(target.role, error.found))
        else:
            small[path] = read_target(source, target)
    ring = IssuerKeyRing(issuers)
    return Bundle(folder, repository, tuple(issuers), small, ring, tuple(faults))
