import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from tuf.api.metadata import Targets

from scanner.domain.errors import TrustError
from scanner.issuing.keys import IssuerKey
from scanner.publishing import metadata as edits
from scanner.publishing.comparing import staged_changes
from scanner.publishing.offices import add_role, remove_role, rotate
from scanner.publishing.publication import refresh
from scanner.publishing.serving import exchange, write_in_order
from scanner.publishing.signing import sign_staged, staged, standings
from scanner.publishing.staging import change_targets, put, relabel
from scanner.trust.bundle.bundle import load_bundle
from scanner.trust.bundle.issuer_keys import IssuerKeys, encode_issuer_keys
from scanner.trust.bundle.sources import FolderSource
from scanner.trust.bundle.store import BundleStore
from scanner.trust.bundle.update import update
from scanner.trust.bundle.verify import RollbackError
from tests.publishing_builders import NOW, ZHEJIANG, Operator, at_the_gate, served, stock_client
from tests.trust_builders import a_record

HAINAN = IssuerKey.generate("46")
LATER = NOW + timedelta(hours=1)


def everything(folder: Path) -> dict[str, bytes]:
    """What is served."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for top in ("metadata", "targets")
        for path in (folder / top).rglob("*")
        if path.is_file()
    }


def test_what_lacks_a_signature_is_not_published(operator: Operator) -> None:
    before = everything(operator.folder.folder)
    rotate(operator.folder, "root", [operator.key("D").public_key], ["C"], None, LATER)
    operator.sign("root", "A")
    with pytest.raises(TrustError, match="root 2 is signed by A: 1 of 2 needed in the eyes of"):
        operator.publish(LATER)
    assert everything(operator.folder.folder) == before


def test_a_new_root_must_convince_the_old_one_and_itself(operator: Operator) -> None:
    """A thief of one key who calls two of his own the new root convinces nobody."""
    added = [operator.key(owner).public_key for owner in "DE"]
    rotate(operator.folder, "root", added, ["B", "C"], None, LATER)
    operator.sign("root", "A", "D", "E")
    assert [found.missing for found in standings(operator.folder, "root")] == [1, 0]
    with pytest.raises(TrustError, match="1 of 2 needed in the eyes of root 1"):
        operator.publish(LATER)


def test_a_province_that_lists_keys_of_another_one_is_not_published(operator: Operator) -> None:
    data = encode_issuer_keys(IssuerKeys("46", (a_record(HAINAN),)))

    def trespass(targets: Targets) -> None:
        name = edits.vouch(targets, "keys/46/keys.json", data)
        operator.folder.stage_file(name, data)

    change_targets(operator.folder, "issuer-33", trespass, LATER)
    operator.sign("issuer-33", "issuer-33")
    with pytest.raises(TrustError, match=r"issuer-33 lists keys/46/keys[.]json, which it may not"):
        operator.publish(LATER)


def test_a_file_outside_a_roles_paths_is_not_even_staged(operator: Operator) -> None:
    with pytest.raises(TrustError, match=r"issuer-33 may not publish keys/46/keys[.]json"):
        put(operator.folder, "issuer-33", "keys/46/keys.json", b"{}", LATER)
    assert operator.folder.staged_roles() == []


def test_a_key_set_that_no_gate_could_read_is_not_published(operator: Operator) -> None:
    put(operator.folder, "issuer-33", "keys/33/keys.json", b'{"issuer": "33"}', LATER)
    operator.sign("issuer-33", "issuer-33")
    before = everything(operator.folder.folder)
    with pytest.raises(TrustError, match="is signed, but is no key set"):
        operator.publish(LATER)
    assert everything(operator.folder.folder) == before


def test_a_key_that_may_not_sign_is_refused(operator: Operator) -> None:
    relabel(operator.folder, "issuer-33", LATER, timedelta(days=30))
    with pytest.raises(TrustError, match=r"key of A \(\w{8}\) may not sign for issuer-33"):
        operator.sign("issuer-33", "A")


def test_what_was_shown_is_what_is_signed_whatever_the_medium_says_later(
    operator: Operator,
) -> None:
    add_role(operator.folder, "issuer-46", [operator.key("46").public_key], 1, NOW)
    shown = staged(operator.folder, "targets")
    words = staged_changes(operator.folder, "targets", shown)
    assert any("46" in line for line in words)
    operator.folder.unstage("targets")
    add_role(operator.folder, "issuer-44", [operator.key("44").public_key], 1, NOW)
    sign_staged(operator.folder, "targets", [operator.key("targets")], shown)
    signed = operator.folder.staged_targets("targets")
    assert signed is not None
    assert signed.signed_bytes == shown.signed_bytes


def test_a_change_ends_the_signatures_that_were_there(operator: Operator) -> None:
    relabel(operator.folder, "issuer-33", LATER, timedelta(days=30))
    operator.sign("issuer-33", "issuer-33")
    relabel(operator.folder, "issuer-33", LATER, timedelta(days=20))
    [standing] = standings(operator.folder, "issuer-33")
    assert (standing.version, standing.missing) == (2, 1)


def test_a_clock_that_went_back_publishes_nothing(operator: Operator) -> None:
    relabel(operator.folder, "targets", NOW, timedelta(days=30))
    operator.sign("targets", "targets")
    with pytest.raises(TrustError, match="clock says 2026-11-23 07:00"):
        operator.publish(NOW - timedelta(hours=1))


def test_an_issuer_that_was_removed_ends_and_its_versions_go_on(
    operator: Operator, tmp_path: Path
) -> None:
    assert at_the_gate(operator, tmp_path / "gate").knows("33")
    remove_role(operator.folder, "issuer-33", LATER)
    operator.sign("targets", "targets")
    operator.publish(LATER)
    bundle = at_the_gate(operator, tmp_path / "gate")
    assert not bundle.knows("33")
    assert bundle.repository.versions["issuer-33.json"] == 1
    operator.add_issuer("33", [ZHEJIANG], LATER)
    operator.publish(LATER)
    bundle = at_the_gate(operator, tmp_path / "gate")
    assert bundle.knows("33")
    assert bundle.repository.versions["issuer-33.json"] == 2


def test_the_standard_client_follows_from_the_beginning_over_rotation_and_removal(
    tmp_path: Path,
) -> None:
    operator = Operator.begin(tmp_path / "trust")
    with served(tmp_path / "trust") as address:
        client = stock_client(address, tmp_path)
        assert client() == []
        operator.add_issuer("33", [ZHEJIANG])
        operator.add_issuer("46", [HAINAN])
        operator.publish()
        assert client() == ["keys/33/keys.json", "keys/46/keys.json"]
        for role in ("root", "targets", "snapshot", "timestamp"):
            old, new = ("C", "D") if role == "root" else (role, f"{role} 2")
            rotate(operator.folder, role, [operator.key(new).public_key], [old], None, NOW)
            if role != "root":
                operator.keys[role] = operator.keys[new]
        operator.sign("root", "A", "B")
        operator.sign("targets", "targets")
        operator.publish()
        assert client() == ["keys/33/keys.json", "keys/46/keys.json"]
        remove_role(operator.folder, "issuer-46", NOW)
        operator.sign("targets", "targets")
        operator.publish()
        assert client() == ["keys/33/keys.json"]


def test_a_publication_that_is_cut_short_anywhere_leaves_the_old_state_or_the_new(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time the disk is asked to settle, the publisher dies; root and all keys change."""
    for role in ("targets", "snapshot", "timestamp"):
        operator.keys[f"old {role}"] = operator.keys.pop(role)
        added = [operator.key(role).public_key]
        removed = [operator.keys[f"old {role}"].public_key.keyid]
        rotate(operator.folder, role, added, removed, None, LATER)
    operator.sign("root", "A", "B")
    operator.sign("targets", "targets")
    shutil.copytree(operator.folder.folder, tmp_path / "before")
    real, versions = os.fsync, []
    for allowed in range(100):
        shutil.rmtree(operator.folder.folder)
        shutil.copytree(tmp_path / "before", operator.folder.folder)
        left = iter(range(allowed))

        def dying(descriptor: int, left: "object" = left) -> None:
            if next(left, None) is None:  # type: ignore[call-overload]
                raise KeyboardInterrupt
            real(descriptor)

        monkeypatch.setattr(os, "fsync", dying)
        try:
            operator.publish(LATER)
        except KeyboardInterrupt:
            finished = False
        else:
            finished = True
        finally:
            monkeypatch.setattr(os, "fsync", real)
        versions.append(load_bundle(operator.folder.folder, operator.pinned).version)
        if finished:
            break
        if versions[-1] == "1.2":
            operator.publish(LATER)
        else:
            with pytest.raises(TrustError, match="Nothing is staged"):
                operator.publish(LATER)
        assert load_bundle(operator.folder.folder, operator.pinned).version == "2.3"
        assert operator.folder.staged_roles() == []
    assert set(versions) == {"1.2", "2.3"}
    assert versions == sorted(versions)


def test_without_an_exchange_of_folders_every_file_leaves_a_state_that_holds(
    operator: Operator, tmp_path: Path
) -> None:
    older, newer = tmp_path / "older", operator.folder.folder
    shutil.copytree(newer, older)
    operator.add_issuer("46", [HAINAN], LATER)
    operator.publish(LATER)
    shutil.copytree(newer / "targets", older / "targets", dirs_exist_ok=True)
    had = everything(older)
    pages = {name: data for name, data in everything(newer).items() if had.get(name) != data}
    pages = {name: data for name, data in pages.items() if name.startswith("metadata/")}
    versions = []
    for count in range(len(pages) + 1):
        state = tmp_path / str(count)
        shutil.copytree(older, state)

        class Stopping(dict[str, bytes]):
            left = count

            def __getitem__(self, name: str) -> bytes:
                self.left -= 1
                if self.left < 0:
                    raise KeyboardInterrupt
                return super().__getitem__(name)

        try:
            write_in_order(state, Stopping(pages))
        except KeyboardInterrupt:
            assert count < len(pages)
        versions.append(load_bundle(state, operator.pinned).version)
    assert versions == ["1.2"] * len(pages) + ["1.3"]


def test_two_folders_are_exchanged_at_once(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    if not exchange(tmp_path / "one", tmp_path / "other"):
        pytest.skip("this file system cannot exchange folders")
    assert (tmp_path / "one/other").exists()
    assert (tmp_path / "other/one").exists()


def test_a_refresh_vouches_anew_and_leaves_staged_work_alone(operator: Operator) -> None:
    relabel(operator.folder, "targets", LATER, timedelta(days=30))
    hub = [operator.key("snapshot"), operator.key("timestamp")]
    after = refresh(operator.folder, hub, LATER).after
    assert (after.timestamp.version, after.timestamp.issued_at) == (3, LATER)
    assert after.snapshot.version == 2
    assert operator.folder.staged_roles() == ["targets"]


def test_a_refresh_renews_the_snapshot_when_half_its_time_is_over(operator: Operator) -> None:
    hub = [operator.key("snapshot"), operator.key("timestamp")]
    after = refresh(operator.folder, hub, NOW + timedelta(days=16)).after
    assert after.snapshot.version == 3


def test_the_hubs_keys_are_asked_for_by_their_owners(operator: Operator) -> None:
    with pytest.raises(TrustError, match="0 of the 1 keys that timestamp needs are at hand"):
        refresh(operator.folder, [operator.key("A")], LATER)


def test_a_thiefs_version_ends_with_his_keys(operator: Operator, tmp_path: Path) -> None:
    """Specification 5.3.11: a stolen timestamp key signs version 2**31 for one gate."""
    gate = tmp_path / "gate"
    at_the_gate(operator, gate)
    shutil.copytree(operator.folder.folder, tmp_path / "stick")
    timestamp = operator.folder.required().timestamp()
    timestamp.signed.version = 2**31
    edits.issue(timestamp, LATER, timedelta(days=7))
    edits.sign(timestamp, [operator.key("timestamp")])
    timestamp.to_file(str(tmp_path / "stick/metadata/timestamp.json"))
    update(BundleStore(gate), FolderSource(tmp_path / "stick"), operator.pinned)

    operator.add_issuer("46", [HAINAN], LATER)
    operator.publish(LATER)
    with pytest.raises(RollbackError):
        at_the_gate(operator, gate)
    for role in ("snapshot", "timestamp"):
        new = operator.key(f"{role} 2")
        rotate(operator.folder, role, [new.public_key], [role], None, LATER)
        operator.keys[role] = new
    operator.sign("root", "A", "C")
    operator.publish(LATER)
    assert at_the_gate(operator, gate).knows("46")
