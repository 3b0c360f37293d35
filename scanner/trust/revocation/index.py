"""Which codes are revoked, by issuer: what a gate asks after it has proven a code."""

import re
from collections.abc import Mapping, Set
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from scanner.domain.errors import TrustError
from scanner.trust.keys import Revoked
from scanner.trust.revocation.deltas import Changes, Delta, expect_room, merge, read_delta
from scanner.trust.revocation.exact import ExactList
from scanner.trust.revocation.fuse import FuseFilter
from scanner.trust.revocation.hashes import RevokedHash, revoked_hash
from scanner.trust.revocation.layout import REMEDY

LIST_NAME: Final = "base.bin"
FILTER_NAME: Final = "filter.bin"
_DELTA_NAME: Final = re.compile(r"delta-([0-9]{4})\.bin", re.ASCII)


def delta_name(sequence: int) -> str:
    """The name of the delta in this place, 1 for the first."""
    return f"delta-{sequence:04}.bin"


class IssuerFiles(msgspec.Struct, frozen=True):
    """The verified files of one issuer.

    Attributes:
        files: `base.bin`, `filter.bin` or both, and any `delta-NNNN.bin`, each with its path.
        issued_at: when their publisher last signed them, aware.
    """

    files: Mapping[str, Path]
    issued_at: datetime


class IssuerRevocation(msgspec.Struct, frozen=True):
    """One issuer's list, filter and changes.

    Attributes:
        list_id: of the list that the other parts belong to.
        exact: the list; None where a gate has only its filter.
        filter: asked first where it is there, because most codes are on no list.
        changes: since the list was made; exact, and stronger than list and filter.
    """

    list_id: bytes
    exact: ExactList | None
    filter: FuseFilter | None
    changes: Changes

    def check(self, revoked: RevokedHash) -> Revoked:
        """What this issuer says about one hash."""
        if revoked in self.changes.added:
            return Revoked.YES
        if revoked in self.changes.removed:
            return Revoked.NO
        if self.filter is not None and revoked not in self.filter:
            return Revoked.NO
        if self.exact is None:
            return Revoked.PROBABLY
        return Revoked.YES if revoked in self.exact else Revoked.NO


class RevocationIndex:
    """All issuers' lists; a `Revocations`.

    It never changes: an update makes another index, and the maps of this one end with the last
    reference to it.

    Args:
        by_issuer: each issuer's own; it answers for no other.
        issued_at: when each was signed last.
    """

    def __init__(
        self, by_issuer: Mapping[str, IssuerRevocation], issued_at: Mapping[str, datetime]
    ) -> None:
        self._by_issuer = dict(by_issuer)
        self._issued_at = dict(issued_at)

    def __len__(self) -> int:
        return len(self._by_issuer)

    @property
    def issuers(self) -> Set[str]:
        """Who has a list here, also an empty one."""
        return self._by_issuer.keys()

    def check(self, issuer: str, code_id: bytes | None, identity: bytes) -> Revoked:
        """Whether a proven code is revoked; `Revocations.check`."""
        own = self._by_issuer.get(issuer)
        if own is None:
            return Revoked.NO_LIST
        return own.check(revoked_hash(issuer, code_id, identity))

    def verify(self) -> None:
        """Look at every hash of every list.

        Raises:
            TrustError: as `ExactList.verify`.
        """
        for own in self._by_issuer.values():
            if own.exact is not None:
                own.exact.verify()

    def age(self, issuer: str, now: datetime) -> timedelta | None:
        """Time since an issuer's revocations were signed, never negative; None without any."""
        issued_at = self._issued_at.get(issuer)
        return None if issued_at is None else max(now - issued_at, timedelta())


def load_revocation(issuers: Mapping[str, IssuerFiles]) -> RevocationIndex:
    """Open every issuer's files, reading as little of them as will do.

    The files were verified as targets; `verify_revocation` has looked at each hash in them once.

    Args:
        issuers: by the code that passes name them by.

    Raises:
        TrustError: one cannot be read, is not what its name says, or does not belong to the others.
    """
    return RevocationIndex(
        {issuer: load_issuer(given.files) for issuer, given in issuers.items()},
        {issuer: given.issued_at for issuer, given in issuers.items()},
    )


def verify_revocation(issuers: Mapping[str, IssuerFiles]) -> RevocationIndex:
    """The same, with every hash looked at: once for files that are new here, a second for 10^7.

    Raises:
        TrustError: as `load_revocation`, or a list is not what its id is the digest of.
    """
    index = load_revocation(issuers)
    index.verify()
    return index


def load_issuer(files: Mapping[str, Path]) -> IssuerRevocation:
    """One issuer's files, by their names.

    Raises:
        TrustError: as `load_revocation`.
    """
    paths = dict(files)
    list_path, filter_path = paths.pop(LIST_NAME, None), paths.pop(FILTER_NAME, None)
    exact = None if list_path is None else ExactList(list_path)
    fuse = None if filter_path is None else FuseFilter(filter_path)
    base = fuse if exact is None else exact
    if base is None:
        raise TrustError(f"Neither {LIST_NAME} nor {FILTER_NAME} is among an issuer's.", REMEDY)
    if fuse is not None and fuse.list_id != base.list_id:
        raise TrustError(f"{filter_path} was not made of {list_path}.", REMEDY)
    expect_room(paths.values())
    deltas = [_named_delta(name, path) for name, path in paths.items()]
    return IssuerRevocation(base.list_id, exact, fuse, merge(base.list_id, deltas))


def _named_delta(name: str, path: Path) -> Delta:
    match = _DELTA_NAME.fullmatch(name)
    if match is None:
        raise TrustError(f"{path}: no revocation file is called {name}.", REMEDY)
    delta = read_delta(path)
    if delta.sequence != int(match[1]):
        raise TrustError(f"{path} holds delta {delta.sequence} under another's name.", REMEDY)
    return delta
