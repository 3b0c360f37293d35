from datetime import timedelta
from pathlib import Path

from scanner.issuing.keys import IssuerKey
from scanner.trust.bundle.changes import Changes, Topic, changes
from scanner.trust.bundle.sources import FolderSource
from scanner.trust.bundle.verify import verify_repository
from tests.trust_builders import NOW, a_record, a_repository

LATER = NOW + timedelta(hours=1)


def test_what_a_newer_bundle_changes_is_named(tmp_path: Path) -> None:
    keys = {issuer: [IssuerKey.generate(issuer)] for issuer in ("33", "46")}
    publisher = a_repository(tmp_path, keys)
    before = verify_repository(FolderSource(tmp_path), publisher.pinned_root)
    publisher.set_keys("44", [a_record(IssuerKey.generate("44"))], LATER)
    publisher.set_keys("33", [a_record(IssuerKey.generate("33"))], LATER)
    publisher.put("policy-33", "policy/33/rules.toml", b"", LATER)
    publisher.put("issuer-33", "revocation/33/base.bin", b"", LATER)
    publisher.publish(tmp_path, LATER)
    after = verify_repository(FolderSource(tmp_path), publisher.pinned_root)
    found = changes(before, after)
    assert found == Changes(added=("44",), renewed=("33",), topics=(Topic.REVOCATIONS, Topic.RULES))
    assert changes(after, before).removed == ("44",)
    assert changes(None, before).added == ("33", "46")


def test_a_mere_new_signature_changes_nothing(tmp_path: Path) -> None:
    publisher = a_repository(tmp_path, {"33": []})
    before = verify_repository(FolderSource(tmp_path), publisher.pinned_root)
    publisher.publish(tmp_path, LATER)
    after = verify_repository(FolderSource(tmp_path), publisher.pinned_root)
    assert after.version != before.version
    assert not changes(before, after).are_any
