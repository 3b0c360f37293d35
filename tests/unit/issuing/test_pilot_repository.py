from datetime import timedelta
from pathlib import Path

import pytest

from scanner.domain.errors import TrustError
from scanner.issuing.keys import IssuerKey
from scanner.issuing.pilot_repository import PUBLISHER, publish_pilot
from scanner.trust.bundle.bundle import Bundle, load_bundle
from scanner.trust.bundle.sources import FolderSource
from scanner.trust.bundle.store import BundleStore
from scanner.trust.bundle.update import update
from tests.trust_builders import NOW

ZHEJIANG = IssuerKey.generate("33")
HAINAN = IssuerKey.generate("46")
LATER = NOW + timedelta(hours=1)


def at_the_gate(folder: Path, pinned: bytes) -> Bundle:
    store = BundleStore(folder / "gate")
    update(store, FolderSource(folder / "repository"), pinned)
    return load_bundle(store.candidates()[0], pinned)


def test_a_gate_follows_the_pilot_from_its_first_root(tmp_path: Path) -> None:
    publish_pilot(tmp_path, [ZHEJIANG], NOW)
    pinned = (tmp_path / "root.json").read_bytes()
    assert at_the_gate(tmp_path, pinned).knows("33")
    publish_pilot(tmp_path, [ZHEJIANG, HAINAN], LATER)
    assert (tmp_path / "root.json").read_bytes() == pinned
    assert at_the_gate(tmp_path, pinned).knows("46")


def test_an_issuer_without_keys_ends_and_may_come_back(tmp_path: Path) -> None:
    publish_pilot(tmp_path, [ZHEJIANG, HAINAN], NOW)
    pinned = (tmp_path / "root.json").read_bytes()
    at_the_gate(tmp_path, pinned)
    publish_pilot(tmp_path, [ZHEJIANG], LATER)
    assert not at_the_gate(tmp_path, pinned).knows("46")
    publish_pilot(tmp_path, [ZHEJIANG, HAINAN], LATER + timedelta(hours=1))
    assert at_the_gate(tmp_path, pinned).knows("46")


def test_the_publishers_keys_say_that_they_are_unsealed_and_are_the_owners_only(
    tmp_path: Path,
) -> None:
    publish_pilot(tmp_path, [ZHEJIANG], NOW)
    files = sorted((tmp_path / PUBLISHER).glob("*.key"))
    assert {path.name for path in files} >= {"root.1.unsealed.key", "issuer-33.1.unsealed.key"}
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert (tmp_path / "private").stat().st_mode & 0o077 == 0


def test_a_beginning_that_was_cut_short_is_begun_again(tmp_path: Path) -> None:
    publish_pilot(tmp_path, [ZHEJIANG], NOW)
    (tmp_path / "root.json").unlink()
    publish_pilot(tmp_path, [ZHEJIANG], LATER)
    assert at_the_gate(tmp_path, (tmp_path / "root.json").read_bytes()).version == "1.1"


def test_without_a_key_the_pilot_says_which_one_is_gone(tmp_path: Path) -> None:
    publish_pilot(tmp_path, [ZHEJIANG], NOW)
    (tmp_path / PUBLISHER / "snapshot.1.unsealed.key").unlink()
    with pytest.raises(TrustError, match=r"holds no key of snapshot\."):
        publish_pilot(tmp_path, [ZHEJIANG], LATER)
