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
from scanner.trust.bundle import layout
from scanner.trust.bundle.issuer_keys import KeyRecord

REPOSITORY: Final = "repository"
ROOT: Final = "root.json"
PUBLISHER: Final = "private/publisher"
_READABLE: Final = 0o644
_PRIVATE_FOLDER: Final = 0o700


def publish_pilot(folder: Path, keys: Iterable[IssuerKey], now: datetime) -> PilotPublisher:
    """Make or extend `repository` and `root.json` in `folder`, so that gates know these keys.

    The publisher's own keys lie unsealed in `private/publisher`. The next call goes on from the
    same root: gates that were given `root.json` once follow. Issuers without a key here end.

    Raises:
        TrustError: what is there does not verify, or a key of the publisher is gone.
        OSError: the folder cannot be written.
    """
    publisher = _publisher(folder, now)
    by_issuer: defaultdict[str, list[KeyRecord]] = defaultdict(list)
    for key in keys:
        by_issuer[key.issuer].append(key_record(key))
    in_office = {layout.issuer_role(issuer) for issuer in by_issuer}
    for role in list(publisher.draft.delegated):
        if role.startswith("issuer-") and role not in in_office:
            publisher.remove(role, now)
    for issuer, records in by_issuer.items():
        publisher.set_keys(issuer, records, now)
    (folder / PUBLISHER).parent.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
    publisher.save_keys(folder / PUBLISHER)
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


def _publisher(folder: Path, now: datetime) -> PilotPublisher:
    """The publisher of before. `root.json` is written last: without it there was none."""
    if (folder / ROOT).exists():
        return PilotPublisher.open(folder / REPOSITORY, folder / PUBLISHER)
    for leftover in (folder / REPOSITORY, folder / PUBLISHER):
        shutil.rmtree(leftover, ignore_errors=True)
    return PilotPublisher.create(now)
