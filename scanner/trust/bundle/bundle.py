"""A whole bundle from disk: verified metadata, verified files, and what they say."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from scanner.domain.errors import TrustError
from scanner.trust.bundle import layout
from scanner.trust.bundle.issuer_keys import IssuerKeyRing, IssuerKeys, decode_issuer_keys
from scanner.trust.bundle.repository import Repository, RoleFault, SignedTarget
from scanner.trust.bundle.sources import FolderSource
from scanner.trust.bundle.targets import check_target, read_target
from scanner.trust.bundle.verify import verify_repository
from scanner.trust.keys import TrustedKey
from scanner.trust.revocation.index import IssuerRevocation, RevocationIndex, load_issuer
from scanner.trust.staleness import LONG_AGO


class Bundle(Struct, frozen=True):
    """What the gate believes until a newer bundle comes.

    Attributes:
        folder: where it lies.
        repository: its verified metadata.
        issuers: every issuer's key set.
        ring: their keys, by issuer and kid.
        revocations: the codes that issuers took back, over files of this very folder.
        small: the verified bytes of everything that is neither keys nor revocation, by path.
        faults: what is signed and yet no good: it costs its publisher's own files only.
    """

    folder: Path
    repository: Repository
    issuers: tuple[IssuerKeys, ...]
    small: Mapping[str, bytes]
    ring: IssuerKeyRing
    revocations: RevocationIndex
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
        self.revocations.verify()


def load_bundle(folder: Path, pinned_root: bytes) -> Bundle:
    """Verify the bundle in `folder`, metadata and every file, and read it.

    An issuer whose key set or whose revocations are no good has neither: keys never count without
    the list of what was taken back.

    Raises:
        TrustError: a file is missing or is not the one that was signed for, or one of the four
            top-level roles is out of order.
    """
    source = FolderSource(folder)
    repository = verify_repository(source, pinned_root)
    sets: list[tuple[SignedTarget, bytes]] = []
    small: dict[str, bytes] = {}
    lists: defaultdict[str, dict[str, SignedTarget]] = defaultdict(dict)
    for path, target in repository.files.items():
        room = path.partition("/")[0]
        if room == "revocation":
            check_target(source, target)
            where, _, name = path.rpartition("/")
            lists[where][name] = target
        elif room == "keys":
            sets.append((target, read_target(source, target)))
        else:
            small[path] = read_target(source, target)
    issuers: list[IssuerKeys] = []
    revoked: dict[str, IssuerRevocation] = {}
    signed_at: dict[str, datetime] = {}
    faults = list(repository.faults)
    for target, data in sets:
        try:
            keys = decode_issuer_keys(target.path, data)
            if files := lists.get(layout.revocation_folder(keys.issuer)):
                paths = {name: folder / listed.file for name, listed in files.items()}
                own = load_issuer(paths)
                if own.exact is not None:
                    own.exact.expect_order()
                revoked[keys.issuer] = own
                signer = next(iter(files.values())).role
                role = repository.roles.get(signer, repository.targets)
                signed_at[keys.issuer] = role.issued_at or LONG_AGO
        except TrustError as error:
            faults.append(RoleFault(target.role, error.found))
        else:
            issuers.append(keys)
    return Bundle(
        folder=folder,
        repository=repository,
        issuers=tuple(issuers),
        small=small,
        ring=IssuerKeyRing(issuers),
        revocations=RevocationIndex(revoked, signed_at),
        faults=tuple(faults),
    )
