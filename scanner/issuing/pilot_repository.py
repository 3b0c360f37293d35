"""The reference issuer's public keys as a repository, signed by a pilot's publisher."""

import shutil
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

from scanner.durable_files import replace_file
from scanner.issuing.keys import IssuerKey, spki
from scanner.publishing.pilot import PilotPublisher
from scanner.trust.bundle.issuer_keys import KeyRecord

REPOSITORY: Final = "repository"
ROOT: Final = "root.json"
_READABLE: Final = 0o644


def publish_pilot(folder: Path, keys: Iterable[IssuerKey], now: datetime) -> PilotPublisher:
    """Write `repository` and `root.json` into `folder`, in the place of what is there.

    Raises:
        OSError: the folder cannot be written.
    """
    publisher = PilotPublisher.create(now)
    by_issuer: defaultdict[str, list[KeyRecord]] = defaultdict(list)
    for key in keys:
        by_issuer[key.issuer].append(key_record(key))
    for issuer, records in by_issuer.items():
        publisher.set_keys(issuer, records, now)
    shutil.rmtree(folder / REPOSITORY, ignore_errors=True)
    publisher.publish(folder / REPOSITORY, now)
    replace_file(folder / ROOT, publisher.pinned_root, _READABLE)
    return publisher


def key_record(key: IssuerKey) -> KeyRecord:
    """The public half of an issuer's key as a key set has it."""
    return KeyRecord(
        kid=key.key_id,
        algorithm=key.algorithm,
        spki=spki(key.private_key.public_key()),
        kinds=None if key.kinds is None else tuple(sorted(key.kinds)),
        division=key.division,
    )
