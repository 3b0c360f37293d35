from datetime import timedelta
from pathlib import Path

from scanner.issuing.keys import IssuerKey
from scanner.trust.bundle.bundle import load_bundle
from scanner.trust.bundle.sources import FolderSource
from scanner.trust.bundle.store import BundleStore
from scanner.trust.bundle.update import update
from tests.trust_builders import NOW, a_record, a_repository

ZHEJIANG = IssuerKey.generate("33")
HAINAN = IssuerKey.generate("46")


def test_a_bundle_comes_from_a_folder_and_is_in_force(tmp_path: Path) -> None:
    publisher = a_repository(tmp_path / "stick", {"33": [ZHEJIANG]})
    store = BundleStore(tmp_path / "gate")
    done = update(store, FolderSource(tmp_path / "stick"), publisher.pinned_root)
    bundle = load_bundle(store.candidates()[0], publisher.pinned_root)
    assert done.is_news
    assert done.before is None
    assert bundle.version == "1.1"
    assert bundle.issued_at == NOW
    assert [key.public_key for key in bundle.find("33", ZHEJIANG.key_id)] == [
        ZHEJIANG.private_key.public_key()
    ]
    assert not bundle.knows("46")


def test_the_same_bundle_again_is_no_news(tmp_path: Path) -> None:
    publisher = a_repository(tmp_path / "stick", {"33": [ZHEJIANG]})
    store = BundleStore(tmp_path / "gate")
    source = FolderSource(tmp_path / "stick")
    update(store, source, publisher.pinned_root)
    stamp = store.stamp()
    assert not update(store, source, publisher.pinned_root).is_news
    assert store.stamp() == stamp


def test_a_new_issuer_comes_with_the_next_bundle_and_the_last_good_one_stays(
    tmp_path: Path,
) -> None:
    publisher = a_repository(tmp_path / "stick", {"33": [ZHEJIANG]})
    store = BundleStore(tmp_path / "gate")
    source = FolderSource(tmp_path / "stick")
    update(store, source, publisher.pinned_root)
    later = NOW + timedelta(hours=1)
    publisher.set_keys("46", [a_record(HAINAN)], later)
    publisher.publish(tmp_path / "stick", later)
    assert update(store, source, publisher.pinned_root).is_news
    versions = [load_bundle(folder, publisher.pinned_root).version for folder in store.candidates()]
    assert versions == ["1.2", "1.1"]
    assert load_bundle(store.candidates()[0], publisher.pinned_root).knows("46")
