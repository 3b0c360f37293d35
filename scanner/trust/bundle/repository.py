"""What a verified repository says, and which of two may follow the other. Plain values."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from scanner.trust.bundle import layout


class RoleState(Struct, frozen=True):
    """One role's metadata, verified.

    Attributes:
        issued_at: when it was signed, as the signers say in the signed part; None when they do not.
        expires_at: until when its signers vouch for it.
        signers: whose signatures hold, by the name that the delegating role gives each key.
    """

    name: str
    version: int
    issued_at: datetime | None
    expires_at: datetime
    signers: tuple[str, ...]


class RoleFault(Struct, frozen=True):
    """A delegated role whose own metadata do not hold: none of its files counts.

    Attributes:
        why: what is wrong, in the words of the error.
    """

    role: str
    why: str


class SignedTarget(Struct, frozen=True):
    """One file that a role vouches for.

    Attributes:
        path: "keys/33/keys.json".
        role: who vouches.
        length: in bytes.
        sha256: hexadecimal.
    """

    path: str
    role: str
    length: int
    sha256: str

    @property
    def file(self) -> str:
        """Where it lies in the repository."""
        return layout.target_file(self.path, self.sha256)


class Repository(Struct, frozen=True):
    """A whole repository whose metadata were verified from the pinned root on.

    Attributes:
        root, timestamp, snapshot, targets: the top-level roles.
        roles: the delegated roles, in the order of delegation.
        files: every target that counts, by path.
        stray: (role, path) of targets that were listed by a role which may not publish them; they
            do not count.
        faults: the delegated roles that are out of order. The others go on without them.
        versions: of every role's metadata in the snapshot, also of roles that ended.
        timestamp_digest: SHA-256 of the timestamp's bytes, hexadecimal.
        metadata: every metadata file that verifying needed, its bytes by its name.
    """

    root: RoleState
    timestamp: RoleState
    snapshot: RoleState
    targets: RoleState
    roles: Mapping[str, RoleState]
    files: Mapping[str, SignedTarget]
    stray: tuple[tuple[str, str], ...]
    faults: tuple[RoleFault, ...]
    versions: Mapping[str, int]
    timestamp_digest: str
    metadata: Mapping[str, bytes]

    @property
    def version(self) -> str:
        """Names this state of the repository: the root's version, dot, the timestamp's."""
        return f"{self.root.version}.{self.timestamp.version}"

    @property
    def signers(self) -> tuple[str, ...]:
        """Who signed the list of who may publish what: the people behind this bundle."""
        return self.targets.signers
