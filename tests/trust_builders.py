"""Repositories for tests: a pilot's publisher, and issuers' keys as key sets have them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from scanner.domain.passes import Algorithm
from scanner.issuing.keys import IssuerKey
from scanner.issuing.pilot_repository import key_record as a_record
from scanner.publishing.pilot import PilotPublisher
from scanner.publishing.revocation import publish_list
from scanner.trust.revocation.hashes import RevokedHash
from scanner.trust.revocation.index import LIST_NAME

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


__all__ = ["NOW", "PROVINCES", "a_country", "a_list", "a_record", "a_repository"]


PROVINCES = 31


def a_country(keys: int, algorithm: Algorithm = Algorithm.EDDSA) -> dict[str, list[IssuerKey]]:
    """So many keys for each of 31 issuers, as many as the mainland has provinces."""
    issuers = [f"{number:02}" for number in range(11, 11 + PROVINCES)]
    return {
        issuer: [IssuerKey.generate(issuer, algorithm) for _ in range(keys)] for issuer in issuers
    }


def a_list(folder: Path, *revoked: int) -> bytes:
    """The bytes of a list of revoked hashes; made in `folder`."""
    folder.mkdir()
    publish_list(folder, map(RevokedHash, revoked))
    return (folder / LIST_NAME).read_bytes()


def a_repository(
    folder: Path, issuers: Mapping[str, Iterable[IssuerKey]], now: datetime = NOW
) -> PilotPublisher:
    """A published repository in `folder` with a key set for each issuer."""
    publisher = PilotPublisher.create(now)
    for issuer, keys in issuers.items():
        publisher.set_keys(issuer, map(a_record, keys), now)
    publisher.publish(folder, now)
    return publisher
