"""Which codes are revoked, by issuer: what a gate asks after it has proven a code."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from scanner.domain.errors import TrustError
from scanner.trust.keys import Revoked
from scanner.trust.revocation.deltas import Changes, merge, read_delta
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
        exact: the list; None where a gate has only its filter.
        filter: asked first where it is there, because most codes are on no list.
        changes: since list and filter were made; exact, and stronger than either.
    """

    exact: ExactList | None
    filter: FuseFilter | None
    changes: Changes
    issued_at: datetime

    @property
    def list_id(self) -> bytes:
        """Of the list that changes follow."""
        base = self.exact if self.exact is not None else self.filter
        if base is None:
            raise ValueError("neither list nor filter")
        return base.list_id

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
    """All issuers' lists. Never changed: an update makes another index, and the maps of this one
    end with the last reference to it.

    Args:
        by_issuer: each issuer's own; it answers for no other.
    """

    def __init__(self, by_issuer: Mapping[str, IssuerRevocation]) -> None:
        self._by_issuer = dict(by_issuer)

    def __len__(self) -> int:
        return len(self._by_issuer)

    def check(self, issuer: str, code_id: bytes | None, identity: bytes) -> Revoked:
        """Whether a proven code is revoked; `Revocations.check`."""
        own = self._by_issuer.get(issuer)
        if own is None:
            return Revoked.NO_LIST
        return own.check(revoked_hash(issuer, code_id, identity))

    def age(self, issuer: str, now: datetime) -> timedelta | None:
        """Time since an issuer's revocations were signed, never negative; None without any."""
        own = self._by_issuer.get(issuer)
        return None if own is None else max(now - own.issued_at, timedelta())


def load_revocation(issuers: Mapping[str, IssuerFiles]) -> RevocationIndex:
    """Open every issuer's files, reading as little of them as will do.

    The files were verified as targets; `verify_revocation` has looked at each hash in them once.

    Args:
        issuers: by the code that passes name them by.

    Raises:
        TrustError: one cannot be read, is not what its name says, or does not belong to the others.
    """
    return RevocationIndex({issuer: load_issuer(files) for issuer, files in issuers.items()})


def verify_revocation(issuers: Mapping[str, IssuerFiles]) -> RevocationIndex:
    """The same, with every hash looked at: once for files that are new here, a second for 10^7.

    Raises:
        TrustError: as `load_revocation`, or a list is not what its id is the digest of.
    """
    index = load_revocation(issuers)
    for files in issuers.values():
        if path := files.files.get(LIST_NAME):
            ExactList(path).verify()
    return index


def load_issuer(given: IssuerFiles) -> IssuerRevocation:
    """One issuer's files.

    Raises:
        TrustError: as `load_revocation`.
    """
    paths = dict(given.files)
    list_path, filter_path = paths.pop(LIST_NAME, None), paths.pop(FILTER_NAME, None)
    exact = None if list_path is None else ExactList(list_path)
    fuse = None if filter_path is None else FuseFilter(filter_path)
    if exact is None and fuse is None:
        raise TrustError(f"Neither {LIST_NAME} nor {FILTER_NAME} is among them.", REMEDY)
    if exact is not None and fuse is not None and exact.list_id != fuse.list_id:
        raise TrustError(f"{filter_path} was not made of {list_path}.", REMEDY)
    bare = IssuerRevocation(exact, fuse, Changes(), given.issued_at)
    deltas = []
    for name, path in paths.items():
        match = _DELTA_NAME.fullmatch(name)
        if match is None:
            raise TrustError(f"{path}: no revocation file is called {name}.", REMEDY)
        delta = read_delta(path)
        if delta.sequence != int(match[1]):
            raise TrustError(f"{path} holds delta {delta.sequence} under another's name.", REMEDY)
        deltas.append(delta)
    return msgspec.structs.replace(bare, changes=merge(bare.list_id, deltas))
