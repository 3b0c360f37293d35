"""Attacks on a gate's trust, each run twice: against the defence, and with the defence taken out.

An attack that fails in both runs would prove nothing about the defence; the second run is what
shows that the first one can fail.
"""

import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, Snapshot, Targets, Timestamp

from scanner.domain.errors import TrustError
from scanner.issuing.keys import IssuerKey
from scanner.trust.bundle import layout
from scanner.trust.bundle.bundle import Bundle
from scanner.trust.bundle.in_force import load_newest
from scanner.trust.bundle.issuer_keys import IssuerKeys, encode_issuer_keys
from scanner.trust.bundle.sources import FolderSource, RepositorySource
from scanner.trust.bundle.store import BundleStore
from scanner.trust.bundle.update import update
from tests.trust_builders import NOW, a_record, a_repository

ZHEJIANG: Final = IssuerKey.generate("33")
GUANGDONG: Final = IssuerKey.generate("44")
THIEF: Final = IssuerKey.generate("44")
"""A key that claims to be Guangdong's."""


class World:
    """A publisher, what it publishes, and a gate that has taken it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stick = folder / "stick"
        self.publisher = a_repository(self.stick, {"33": [ZHEJIANG], "44": [GUANGDONG]})
        self.draft = self.publisher.draft
        self.root = folder / "root.json"
        self.root.write_bytes(self.publisher.pinned_root)
        self.store = BundleStore(folder / "gate")
        self.refusal: TrustError | None = None
        self.hours = 0
        assert self.take()

    @property
    def bundle(self) -> Bundle:
        """What the gate would load now."""
        bundle = load_newest(self.store, self.root).bundle
        assert bundle is not None
        return bundle

    def later(self) -> datetime:
        """An hour after the last one."""
        self.hours += 1
        return NOW + timedelta(hours=self.hours)

    def take(self, source: RepositorySource | None = None, latest: datetime | None = None) -> bool:
        """Let the gate update from the stick; True when another bundle came into force."""
        try:
            return update(
                self.store,
                source or FolderSource(self.stick),
                self.root.read_bytes(),
                latest=latest,
            ).is_news
        except TrustError as error:
            self.refusal = error
            return False

    def publish(self) -> None:
        """A new snapshot and timestamp over whatever was signed."""
        self.publisher.publish(self.stick, self.later())

    def copy(self) -> Path:
        """What is published now, set aside."""
        place = self.folder / f"copy-{self.hours}"
        shutil.copytree(self.stick, place)
        return place

    def trusts_thief(self) -> bool:
        """Whether codes of the thief would count as Guangdong's."""
        return bool(self.bundle.find("44", THIEF.key_id))

    def sign(
        self,
        metadata: "Metadata[Timestamp] | Metadata[Snapshot] | Metadata[Targets]",
        role: str,
        signers: Iterable[CryptoSigner] | None = None,
    ) -> None:
        """Sign with the role's own keys, as somebody who stole them can."""
        metadata.signatures.clear()
        for signer in self.publisher.signers[role] if signers is None else signers:
            metadata.sign(signer, append=True)

    def write(self, name: str, data: bytes) -> None:
        """Put a file on the stick."""
        (self.stick / name).write_bytes(data)

    def write_timestamp(self) -> None:
        """The timestamp as it is in the draft, signed by its key."""
        self.sign(self.draft.timestamp, "timestamp")
        self.write(layout.TIMESTAMP_FILE, self.draft.timestamp.to_bytes())


def thiefs_keys() -> bytes:
    """A key set of Guangdong's with the thief's key in it."""
    return encode_issuer_keys(IssuerKeys("44", (a_record(THIEF),)))


@dataclass(frozen=True)
class Attack:
    """One row of the table in docs/trust.md.

    Attributes:
        name: as the table has it.
        run: True when the attacker got what they wanted.
        without: what stands in the place of the defence when it is taken out.
    """

    name: str
    run: Callable[[World], bool]
    without: Mapping[str, object]


def nothing(*_: object, **__: object) -> None:
    """A check that checks nothing."""


def parametrised(attacks: Iterable[Attack]) -> pytest.MarkDecorator:
    """Each attack with and without its defence."""
    cases = [
        pytest.param(attack, defended, id=f"{attack.name}-{'defended' if defended else 'open'}")
        for attack in attacks
        for defended in (True, False)
    ]
    return pytest.mark.parametrize(("attack", "defended"), cases)


def judge(attack: Attack, folder: Path, patch: pytest.MonkeyPatch, *, defended: bool) -> None:
    """The attack fails, and succeeds where nobody defends."""
    world = World(folder)
    if not defended:
        for name, stand_in in attack.without.items():
            patch.setattr(name, stand_in)
    assert attack.run(world) is not defended, world.refusal
