"""Freeze, false dates and a card that was set back: what looks fresh and is not."""

from datetime import timedelta
from pathlib import Path
from shutil import copytree, rmtree
from typing import Final

import pytest

from scanner.gate.trust_watch import TrustWatch, newest_recorded
from scanner.trust.aged_bundle import AgedBundle
from scanner.trust.bundle.in_force import BundleVersion, newest_named
from scanner.trust.staleness import Limits, Staleness
from tests.faults.trust.attacks import ZHEJIANG, Attack, World, judge, nothing, parametrised
from tests.ledger_builders import an_entry
from tests.trust_builders import NOW, a_list, a_record

DAY: Final = timedelta(days=1)
_LIST: Final = "revocation/33/base.bin"


def _watch(world: World, recorded: str | None = None) -> TrustWatch:
    """The gate's, after a start; `recorded` is the version that the ledger's last entry names."""
    floor = newest_recorded([an_entry(1, trust=recorded)])
    return TrustWatch(world.store.folder, world.root, Limits(), floor)


def freeze(world: World) -> bool:
    """The same bundle, genuine and complete, is served for ever."""
    watch = _watch(world)
    for _ in range(30):
        world.take()
        watch.refresh()
    return watch.store.staleness(NOW + 30 * DAY) is not Staleness.DEGRADED


def from_the_future(world: World) -> bool:
    """A thief with the timestamp's key signs ahead, so that nothing ever ages."""
    world.hours = 24 * 365
    world.publish()
    return world.take(latest=NOW + DAY)


def list_dated_ahead(world: World) -> bool:
    """A province dates its revocations ahead of the timestamp that names them."""
    role = "issuer-33"
    world.draft.put(role, _LIST, a_list(world.folder / "list", 7))
    world.draft.sign_targets(role, world.publisher.signers[role], NOW + 80 * DAY)
    world.publish()
    assert world.take()
    store = _watch(world).store
    return store.revocation_staleness("33", NOW + 60 * DAY) is not Staleness.DEGRADED


def list_dropped(world: World) -> bool:
    """A province's next key set comes without the list of what it took back; True when unseen."""
    role = "issuer-33"
    world.publisher.put(role, _LIST, a_list(world.folder / "list", 7), world.later())
    world.publish()
    assert world.take()
    watch = _watch(world)
    del world.draft.of(role).signed.targets[_LIST]
    world.draft.sign_targets(role, world.publisher.signers[role], world.later())
    world.publish()
    assert world.take()
    _until_news(watch)
    assert watch.store.knows("33")
    return watch.store.revocation_staleness("33", NOW) is Staleness.FRESH


def card_set_back(world: World) -> bool:
    """The gate is off while somebody puts yesterday's folder back: keys that were revoked since."""
    old = copytree(world.store.folder, world.folder / "old")
    world.publisher.set_keys("33", [], world.later())
    world.publish()
    world.take()
    recorded = _watch(world).store.version
    rmtree(world.store.folder)
    old.rename(world.store.folder)
    store = _watch(world, recorded).store
    assert store.find("33", ZHEJIANG.key_id), "the gate is not wedged: what there is serves"
    return store.staleness(NOW) is not Staleness.DEGRADED


ATTACKS: Final = (
    Attack(
        "freeze",
        freeze,
        {"scanner.trust.staleness.age_since": lambda *_: timedelta(0)},
    ),
    Attack(
        "a bundle from the future",
        from_the_future,
        {"scanner.trust.bundle.verify._not_ahead": nothing},
    ),
    Attack(
        "revocations that disappear",
        list_dropped,
        {"scanner.gate.trust_watch._without_list": lambda *_: frozenset()},
    ),
    Attack(
        "revocations dated ahead",
        list_dated_ahead,
        {"scanner.trust.staleness.signed_before": lambda term, _: term.issued_at},
    ),
    Attack(
        "the card set back",
        card_set_back,
        {"scanner.gate.trust_watch.newest_named": lambda _: None},
    ),
)


@parametrised(ATTACKS)
def test_nothing_stays_fresh_by_pretending(
    attack: Attack, defended: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge(attack, tmp_path, monkeypatch, defended=defended)


def test_a_second_start_does_not_forget_that_the_card_was_set_back(tmp_path: Path) -> None:
    world = World(tmp_path)
    first = _watch(world, "1.9").store
    assert first.version == "1.1<1.9"
    second = _watch(world, first.version).store
    assert (second.version, second.is_rolled_back) == ("1.1<1.9", True)
    world.draft.timestamp.signed.version = 9
    world.publish()
    world.take()
    assert _watch(world, second.version).store.staleness(NOW) is Staleness.FRESH


@pytest.mark.parametrize(
    ("recorded", "version"),
    [
        ("1.9", BundleVersion(1, 9)),
        ("1.5<1.9", BundleVersion(1, 9)),
        ("2.1<1.2147483648", BundleVersion(2, 1)),
        ("none", None),
        ("none<1.9", BundleVersion(1, 9)),
        ("2026-11-23", None),
        ("", None),
        ("1.9<<", BundleVersion(1, 9)),
        ("9" * 100 + ".1", None),
    ],
)
def test_what_entries_name(recorded: str, version: BundleVersion | None) -> None:
    assert newest_named(recorded) == version


def test_a_gate_whose_card_lost_every_bundle_still_knows_what_it_has_had(tmp_path: Path) -> None:
    """A hundred people by hand fill the ledger's tail; then somebody brings an old stick."""
    world = World(tmp_path)
    rmtree(world.store.folder)
    recorded = _watch(world, "1.9").store.version
    assert recorded == "none<1.9"
    world.take()
    store = _watch(world, recorded).store
    assert (store.version, store.staleness(NOW)) == ("1.1<1.9", Staleness.DEGRADED)


def _until_news(watch: TrustWatch) -> None:
    for _ in range(2000):
        if watch.refresh():
            return
        if watch._loading is not None:
            watch._loading.join(10)
    raise AssertionError("nothing was loaded")


def test_a_newer_bundle_comes_into_force_without_a_restart(tmp_path: Path) -> None:
    world = World(tmp_path)
    watch = _watch(world)
    assert watch.store.version == "1.1"
    assert not watch.refresh()
    world.publisher.set_keys("46", [a_record(ZHEJIANG)], world.later())
    world.publish()
    world.take()
    _until_news(watch)
    assert watch.store.version == "1.2"
    assert watch.store.knows("46")
    assert watch.is_healthy


def test_a_root_that_is_installed_later_counts_without_a_restart(tmp_path: Path) -> None:
    world = World(tmp_path)
    data = world.root.read_bytes()
    world.root.unlink()
    watch = _watch(world)
    assert (watch.store.version, watch.store.staleness(NOW)) == ("none", Staleness.DEGRADED)
    world.root.write_bytes(data)
    _until_news(watch)
    assert watch.store.version == "1.1"


def test_a_bundle_that_is_spoilt_on_the_card_leaves_the_one_in_memory(tmp_path: Path) -> None:
    world = World(tmp_path)
    watch = _watch(world)
    world.publish()
    world.take()
    for folder in world.store.candidates():
        (folder / "metadata/timestamp.json").write_bytes(b"{}")
    assert not watch.refresh()
    assert watch._loading is not None
    watch._loading.join(10)
    assert not watch.refresh()
    assert isinstance(watch.store, AgedBundle)
    assert (watch.store.version, watch.is_healthy) == ("1.1", False)


def test_a_province_out_of_order_is_a_warning(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.publisher.put("issuer-33", "keys/33/keys.json", b"{", world.later())
    world.publish()
    world.take()
    watch = _watch(world)
    assert watch.is_troubled(NOW)
    assert watch.store.staleness(NOW) is Staleness.FRESH
