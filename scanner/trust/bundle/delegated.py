"""What delegated roles may do: which of them count, and which of their files. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from tuf.api.metadata import TargetFile, Targets

from scanner.domain.errors import TrustError
from scanner.trust.bundle import layout
from scanner.trust.bundle.repository import RoleFault, SignedTarget
from scanner.trust.bundle.signed import KEPT

TOP: Final = "targets"
_MAX_ROLES: Final = 512
_MAX_FILES: Final = 4096
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


def delegated_roles(top: Targets) -> Iterator[str]:
    """Names of the delegated roles, each one with the paths that its name stands for, no more.

    Raises:
        TrustError: the top-level role gives away what this layout does not know.
    """
    delegations = top.delegations
    if delegations is None:
        return
    if delegations.roles is None or len(delegations.roles) > _MAX_ROLES:
        raise TrustError("The delegations have a form that this layout does not know.", KEPT)
    for name, role in delegations.roles.items():
        if not layout.is_role_name(str(name)) or not role.terminating:
            raise TrustError("A delegated role is none of this layout.", KEPT)
        by_hash = role.path_hash_prefixes is not None
        if by_hash or set(role.paths or ()) - set(layout.delegated_patterns(name)):
            raise TrustError(f"{name} is given paths of somebody else.", KEPT)
        yield name


class Counted:
    """The targets that count: each from the first role that may publish it (section 5.6.7).

    Args:
        top: the top-level role's metadata.
        broken: delegated roles that are out of order: what is theirs to publish nobody else
            publishes instead, or a key set would go on without the revocations beside it.
    """

    def __init__(self, top: Targets, broken: Mapping[str, RoleFault]) -> None:
        self._top = top
        self._broken = dict(broken)
        self._taken: dict[str, SignedTarget] = {}
        self.stray: list[tuple[str, str]] = []

    def add(self, role: str, targets: Targets) -> None:
        """Take one role's targets, the top-level role's first."""
        taken: dict[str, SignedTarget] = {}
        stray: list[tuple[str, str]] = []
        try:
            for path, target in targets.targets.items():
                if path in self._taken or not self._may_publish(role, path):
                    stray.append((role, path))
                else:
                    taken[path] = signed_target(role, path, target)
            _limit(role, taken)
        except TrustError as error:
            if role == TOP:
                raise
            self._broken[role] = RoleFault(role, error.found)
            return
        self._taken |= taken
        self.stray += stray

    @property
    def files(self) -> dict[str, SignedTarget]:
        """What counts in the end.

        Raises:
            TrustError: it is more than a gate has room for.
        """
        files = {
            path: target
            for path, target in self._taken.items()
            if layout.owner(path) not in self._broken
        }
        size = sum(target.length for target in files.values())
        if len(files) > _MAX_FILES or size > layout.MAX_BUNDLE_BYTES:
            raise TrustError(f"The bundle has {len(files)} files of {size} bytes: too much.", KEPT)
        return files

    @property
    def faults(self) -> tuple[RoleFault, ...]:
        """Every role that is out of order."""
        return tuple(self._broken.values())

    def _may_publish(self, role: str, path: str) -> bool:
        """The top-level role may publish everything, any other what its delegation names."""
        if role == TOP:
            return True
        delegations = self._top.delegations
        if delegations is None or delegations.roles is None or layout.owner(path) != role:
            return False
        return delegations.roles[role].is_delegated_path(path)


def _limit(role: str, files: Mapping[str, SignedTarget]) -> None:
    if role == TOP:
        return
    size = sum(target.length for target in files.values())
    small = sum(target.length for path, target in files.items() if layout.is_small(path))
    is_too_large = size > layout.MAX_ROLE_BYTES or small > layout.MAX_ROLE_SMALL_BYTES
    if is_too_large or len(files) > layout.MAX_ROLE_FILES:
        raise TrustError(f"{role} lists {len(files)} files of {size} bytes: too much.", KEPT)


def signed_target(role: str, path: str, target: TargetFile) -> SignedTarget:
    """One target as a role lists it.

    Raises:
        TrustError: its path leads elsewhere, or it has no SHA-256, or is too large.
    """
    digest = target.hashes.get("sha256", "")
    if not layout.is_path(path) or not _SHA256.fullmatch(digest):
        raise TrustError(f"{role} lists a file in a form that no gate takes.", KEPT)
    if target.length > layout.max_length(path):
        raise TrustError(f"{path} is larger than {layout.max_length(path)} bytes.", KEPT)
    return SignedTarget(path, role, target.length, digest)
