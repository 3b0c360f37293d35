"""Repositories for tests: a pilot's publisher, and issuers' keys as key sets have them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from scanner.issuing.keys import IssuerKey
from scanner.issuing.pilot_repository import key_record as a_record
from scanner.publishing.pilot import PilotPublisher

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


__all__ = ["NOW", "a_record", "a_repository"]


def a_repository(
    folder: Path, issuers: Mapping[str, Iterable[IssuerKey]], now: datetime = NOW
) -> PilotPublisher:
    """A published repository in `folder` with a key set for each issuer."""
    publisher = PilotPublisher.create(now)
    for issuer, keys in issuers.items():
        publisher.set_keys(issuer, map(a_record, keys), now)
    publisher.publish(folder, now)
    return publisher
