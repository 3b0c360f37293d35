"""Revocation files for tests, by the publisher's own functions, and what a gate makes of them."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from scanner.publishing.revocation import publish_list
from scanner.trust.revocation.hashes import RevokedHash
from scanner.trust.revocation.index import IssuerFiles, RevocationIndex, load_revocation
from tests.builders import NOW


def files_in(folder: Path) -> IssuerFiles:
    """What a loader hands over of a publisher's folder, signed an hour ago."""
    paths = {path.name: path for path in folder.glob("*.bin")}
    return IssuerFiles(paths, NOW - timedelta(hours=1))


def index_of(folder: Path, issuer: str = "33") -> RevocationIndex:
    """The lists of one issuer as a gate has them."""
    return load_revocation({issuer: files_in(folder)})


def a_list(folder: Path, hashes: Iterable[int] = ()) -> Path:
    """A folder with one list."""
    publish_list(folder, map(RevokedHash, hashes))
    return folder
