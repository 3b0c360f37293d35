"""Repositories for tests: a pilot's publisher, and issuers' keys as key sets have them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from scanner.issuing.keys import IssuerKey, spki
from scanner.publishing.pilot import PilotPublisher
from scanner.trust.bundle.issuer_keys import KeyRecord

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


def a_record(key: IssuerKey) -> KeyRecord:
    """The public half of an issuer's key as a key set has it."""
    return KeyRecord(
        kid=key.key_id,
        algorithm=key.algorithm,
        spki=spki(key.private_key.public_key()),
        kinds=None if key.kinds is None else tuple(sorted(key.kinds)),
        division=key.division,
    )


def a_repository(
    folder: Path, issuers: Mapping[str, Iterable[IssuerKey]], now: datetime = NOW
) -> PilotPublisher:
    """A published repository in `folder` with a key set for each issuer."""
    publisher = PilotPublisher.create(now)
    for issuer, keys in issuers.items():
        publisher.set_keys(issuer, map(a_record, keys), now)
    publisher.publish(folder, now)
    return publisher
