"""Older things that somebody offers anew, and versions that somebody ran up."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from tuf.api.metadata import MetaFile

from scanner.publishing.key_files import new_signer
from scanner.trust.bundle import layout
from scanner.trust.bundle.sources import FolderSource
from tests.faults.trust.attacks import Attack, World, judge, nothing, parametrised
from tests.faults.trust.oracle import Oracle

VERIFY = "scanner.trust.bundle.verify"
FAR = 2**31


def older_timestamp(world: World) -> bool:
    old = world.copy()
    world.publish()
    world.take()
    return world.take(FolderSource(old))


def older_snapshot(world: World) -> bool:
    """The timestamp's key was stolen: it can say which snapshot is the newest."""
    old = world.draft.timestamp.signed.snapshot_meta
    world.publish()
    world.take()
    world.draft.timestamp.signed.version += 1
    world.draft.timestamp.signed.snapshot_meta = old
    world.write_timestamp()
    return world.take()


def older_role(world: World) -> bool:
    """The keys of snapshot and timestamp were stolen: an issuer's revoked key is to come back."""
    old = world.draft.snapshot.signed.meta["issuer-33.json"]
    world.publisher.set_keys("33", [], world.later())
    world.publish()
    world.take()
    world.draft.snapshot.signed.meta["issuer-33.json"] = old
    _forged_snapshot(world)
    return world.take()


def missing_role(world: World) -> bool:
    """The same keys: a whole issuer is to disappear, with what it took back."""
    del world.draft.snapshot.signed.meta["issuer-33.json"]
    _forged_snapshot(world)
    return world.take()


def _forged_snapshot(world: World) -> None:
    snapshot, timestamp = world.draft.snapshot, world.draft.timestamp
    snapshot.signed.version += 1
    world.sign(snapshot, "snapshot")
    data = snapshot.to_bytes()
    world.write(layout.metadata_file("snapshot", snapshot.signed.version), data)
    timestamp.signed.version += 1
    timestamp.signed.snapshot_meta = MetaFile.from_data(snapshot.signed.version, data, ["sha256"])
    world.write_timestamp()


def two_timestamps(world: World) -> bool:
    """Two gates are told two truths under one version."""
    world.publish()
    world.take()
    world.draft.timestamp.signed.expires += timedelta(days=300)
    world.write_timestamp()
    return world.take()


def key_added(world: World) -> bool:
    """A second key for the timestamp is no reason to forget what the first one has signed."""
    old = world.copy()
    world.publish()
    world.take()
    world.draft.root.signed.add_key(new_signer("Second").public_key, "timestamp")
    world.draft.sign_root(world.publisher.signers["root"], world.later())
    name = layout.metadata_file("root", world.draft.root.signed.version)
    (old / name).write_bytes(world.draft.root.to_bytes())
    return world.take(FolderSource(old))


def run_up_version(world: World) -> bool:
    """A thief runs the timestamp's version up; True when the gate is stuck there for ever."""
    world.draft.timestamp.signed.version = FAR
    world.write_timestamp()
    assert world.take()
    root, signers = world.draft.root.signed, world.publisher.signers
    root.revoke_key(root.roles["timestamp"].keyids[0], "timestamp")
    signers["timestamp"] = [new_signer("Timestamp again")]
    root.add_key(signers["timestamp"][0].public_key, "timestamp")
    world.draft.sign_root(signers["root"], world.later())
    world.draft.timestamp.signed.version = 1
    world.publish()
    return not world.take()


def endless_version(world: World) -> bool:
    """A thief's version is longer than the store's names; True when every look brings it again."""
    world.draft.timestamp.signed.version = 10**100
    world.write_timestamp()
    world.take()
    return world.take()


ATTACKS = (
    Attack("rollback of the timestamp", older_timestamp, {f"{VERIFY}._not_older": nothing}),
    Attack("rollback of the snapshot", older_snapshot, {f"{VERIFY}._not_older": nothing}),
    Attack("rollback of one role", older_role, {f"{VERIFY}._not_older": nothing}),
    Attack("a role that disappears", missing_role, {f"{VERIFY}._not_older": nothing}),
    Attack("two timestamps of one version", two_timestamps, {f"{VERIFY}._the_same": nothing}),
    Attack(
        "rollback behind an added key",
        key_added,
        {f"{VERIFY}._Walk._still_holds": lambda *_: False},
    ),
    Attack(
        "version 2**31 by a stolen timestamp key",
        run_up_version,
        {f"{VERIFY}._Walk._still_holds": lambda *_: True},
    ),
    Attack("a version of a hundred digits", endless_version, {f"{VERIFY}._is_nameable": nothing}),
)


@parametrised(ATTACKS)
def test_nothing_older_comes_back(
    attack: Attack, defended: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge(attack, tmp_path, monkeypatch, defended=defended)


@pytest.mark.parametrize(
    "attack", [older_timestamp, older_snapshot, older_role, missing_role], ids=lambda f: f.__name__
)
def test_the_stock_client_refuses_these_too(
    attack: Callable[[World], bool], tmp_path: Path
) -> None:
    world = World(tmp_path)
    oracle = Oracle(world.root.read_bytes(), tmp_path)
    good = [shutil.copytree(world.stick, tmp_path / "offered")]

    def take(source: FolderSource | None = None) -> bool:
        """The gate's updates, watched: all but the last one are good ones."""
        offered = source.folder if source else world.stick
        good.append(shutil.copytree(offered, tmp_path / f"offered-{len(good)}"))
        return True

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world, "take", take)
        attack(world)
    assert all(oracle.accepts(folder, "keys/44/keys.json") for folder in good[:-1])
    assert not oracle.accepts(good[-1], "keys/44/keys.json")
