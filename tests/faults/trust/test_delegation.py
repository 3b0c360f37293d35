"""One province against the others: what its key can do, and what it cannot."""

from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec
import pytest
from tuf.api.metadata import DelegatedRole, Delegations

from scanner.issuing.keys import IssuerKey
from scanner.trust.bundle import layout
from scanner.trust.bundle.issuer_keys import KeyRecord
from scanner.trust.keys import Revoked
from scanner.trust.revocation.hashes import HASH_BYTES, revoked_hash
from scanner.trust.revocation.layout import FileKind, Header
from tests.faults.trust.attacks import (
    THIEF,
    ZHEJIANG,
    Attack,
    World,
    judge,
    nothing,
    parametrised,
    thiefs_keys,
)
from tests.faults.trust.oracle import Oracle
from tests.trust_builders import NOW, a_list, a_record

DELEGATED: Final = "scanner.trust.bundle.delegated"
GUANGDONGS: Final = layout.keys_path("44")
HAINAN: Final = IssuerKey.generate("46")


def _without_guangdongs_own(world: World) -> None:
    """A repository in which nobody else publishes the path."""
    del world.draft.delegated["issuer-44"].signed.targets[GUANGDONGS]
    world.draft.sign_targets("issuer-44", world.publisher.signers["issuer-44"], world.later())


def keys_of_another(world: World) -> bool:
    """Zhejiang's role lists Guangdong's keys."""
    _without_guangdongs_own(world)
    world.publisher.put("issuer-33", GUANGDONGS, thiefs_keys(), world.later())
    world.publish()
    world.take()
    return world.trusts_thief()


def another_inside(world: World) -> bool:
    """Zhejiang's own file says that it holds Guangdong's keys."""
    world.publisher.put("issuer-33", layout.keys_path("33"), thiefs_keys(), world.later())
    world.publish()
    world.take()
    return world.trusts_thief()


def _given(world: World, paths: list[str] | None = None, prefixes: list[str] | None = None) -> None:
    delegations = world.draft.targets.signed.delegations
    assert delegations is not None
    assert delegations.roles is not None
    held = delegations.roles["issuer-33"]
    delegations.roles["issuer-33"] = DelegatedRole(
        "issuer-33", held.keyids, 1, True, paths=paths, path_hash_prefixes=prefixes
    )
    world.draft.sign_targets("targets", world.publisher.signers["targets"], world.later())


def given_paths_of_another(world: World) -> bool:
    """Somebody with the targets' key gives Zhejiang Guangdong's folder."""
    _given(world, paths=["keys/33/*", "keys/44/*"])
    return keys_of_another(world)


def given_every_path_by_hash(world: World) -> bool:
    """The same by prefixes of hashes, which name no folder that anybody could read."""
    _given(world, prefixes=[f"{digit:x}" for digit in range(16)])
    return keys_of_another(world)


def garbage(world: World) -> bool:
    """Zhejiang publishes what is no key set; True when nobody gets anything new any more."""
    world.publisher.put("issuer-33", layout.keys_path("33"), b"{", world.later())
    world.publisher.set_keys("46", [a_record(HAINAN)], world.later())
    world.publish()
    world.take()
    return not world.bundle.knows("46")


def flood(world: World) -> bool:
    """Zhejiang lists so much that no card has room for it."""
    role = world.draft.of("issuer-33").signed
    for number in range(8):
        path = f"revocation/33/{number}"
        world.draft.put("issuer-33", path, b"")
        role.targets[path].length = layout.MAX_REVOCATION
    world.draft.sign_targets("issuer-33", world.publisher.signers["issuer-33"], world.later())
    world.publisher.set_keys("46", [a_record(HAINAN)], world.later())
    world.publish()
    world.take()
    return not world.bundle.knows("46")


def fills_memory(world: World) -> bool:
    """Zhejiang lists small files, each within its cap, until a gate that holds them has no room."""
    role = world.draft.of("issuer-33").signed
    for number in range(9):
        path = f"keys/33/{number}.json"
        world.draft.put("issuer-33", path, bytes(layout.MAX_SMALL_TARGET))
    assert len(role.targets) < layout.MAX_ROLE_FILES
    world.draft.sign_targets("issuer-33", world.publisher.signers["issuer-33"], world.later())
    world.publish()
    assert world.take()
    return "issuer-33" in world.bundle.repository.roles and not any(
        "too much" in fault.why for fault in world.bundle.faults
    )


def unsorted_list(world: World) -> bool:
    """Zhejiang's own tool writes a list out of order: a code in it is not found by bisection."""
    numbers = [5, 1000, *range(7, 30)]
    hashes = b"".join(number.to_bytes(HASH_BYTES, "little") for number in numbers)
    header = Header(FileKind.LIST, len(numbers), sha256(hashes).digest())
    path = "revocation/33/base.bin"
    world.publisher.put("issuer-33", path, header.encode() + hashes, world.later())
    world.publish()
    assert world.take()
    return world.bundle.knows("33")


def _owned_by_whoever(path: str) -> str:
    del path
    return "issuer-33"


def _names(top: object) -> list[str]:
    return list(getattr(getattr(top, "delegations", None), "roles", {}))


_PATHS: Final = {
    "scanner.trust.bundle.verify.delegated_roles": _names,
    "scanner.trust.bundle.layout.owner": _owned_by_whoever,
}
ATTACKS: Final = (
    Attack(
        "a province publishing for another",
        keys_of_another,
        {f"{DELEGATED}.Counted._may_publish": lambda *_: True},
    ),
    Attack(
        "another's keys inside its own file",
        another_inside,
        {"scanner.trust.bundle.issuer_keys._are_its_own": nothing},
    ),
    Attack("given the paths of another", given_paths_of_another, _PATHS),
    Attack("given every path by hash prefixes", given_every_path_by_hash, _PATHS),
    Attack(
        "a province's garbage",
        garbage,
        {"scanner.trust.bundle.bundle.TrustError": ZeroDivisionError},
    ),
    Attack("a province's flood", flood, {f"{DELEGATED}._limit": nothing}),
    Attack("a province's flood of small files", fills_memory, {f"{DELEGATED}._limit": nothing}),
    Attack(
        "a list that is not sorted",
        unsorted_list,
        {"scanner.trust.revocation.exact.ExactList.expect_order": nothing},
    ),
)


@parametrised(ATTACKS)
def test_one_province_answers_for_itself_only(
    attack: Attack, defended: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge(attack, tmp_path, monkeypatch, defended=defended)


def test_the_stock_client_finds_nothing_of_another_either(tmp_path: Path) -> None:
    world = World(tmp_path)
    keys_of_another(world)
    assert not Oracle(world.root.read_bytes(), tmp_path).accepts(world.stick, GUANGDONGS)


def test_a_role_that_passes_its_office_on_does_not_count(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.draft.of("issuer-33").signed.delegations = Delegations({}, {})
    world.draft.sign_targets("issuer-33", world.publisher.signers["issuer-33"], world.later())
    world.publish()
    assert world.take()
    assert not world.bundle.knows("33")
    assert world.bundle.knows("44")
    assert [fault.role for fault in world.bundle.faults] == ["issuer-33"]


def test_a_province_whose_key_was_taken_away_loses_its_codes_and_nobody_elses(
    tmp_path: Path,
) -> None:
    """The targets' key alone does that; it waits for nobody in the province."""
    world = World(tmp_path)
    delegations = world.draft.targets.signed.delegations
    assert delegations is not None
    assert delegations.roles is not None
    world.draft.targets.signed.revoke_key(delegations.roles["issuer-33"].keyids[0], "issuer-33")
    other = world.publisher.signers["issuer-44"][0]
    world.draft.targets.signed.add_key(other.public_key, "issuer-33")
    world.draft.sign_targets("targets", world.publisher.signers["targets"], world.later())
    world.publish()
    assert world.take()
    assert not world.bundle.find("33", ZHEJIANG.key_id)
    assert world.bundle.knows("44")


def test_a_key_that_is_none_costs_its_own_codes_only(tmp_path: Path) -> None:
    world = World(tmp_path)
    good = a_record(ZHEJIANG)
    bad = KeyRecord(kid=b"bad", algorithm=good.algorithm, spki=b"no key")
    world.publisher.set_keys("33", [bad, good], world.later())
    world.publish()
    assert world.take()
    assert not world.bundle.find("33", b"bad")
    assert world.bundle.find("33", ZHEJIANG.key_id)


def test_a_thief_of_one_province_signs_for_that_one(tmp_path: Path) -> None:
    """What the delegation does not defend from: its own key."""
    world = World(tmp_path)
    world.publisher.set_keys("44", [a_record(THIEF)], world.later())
    world.publish()
    assert world.take()
    assert world.trusts_thief()


def test_keys_do_not_count_without_the_revocations_beside_them(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.publisher.put("issuer-33", "revocation/33/base.bin", b"no list", world.later())
    world.publish()
    assert world.take()
    assert not world.bundle.knows("33")
    assert [fault.role for fault in world.bundle.faults] == ["issuer-33"]


def test_a_list_that_the_bundle_carries_is_asked(tmp_path: Path) -> None:
    world = World(tmp_path)
    code = revoked_hash("33", b"code-1", b"")
    data = a_list(tmp_path / "list", code)
    world.publisher.put("issuer-33", "revocation/33/base.bin", data, world.later())
    world.publish()
    assert world.take()
    revocations = world.bundle.revocations
    assert revocations.check("33", b"code-1", b"") is Revoked.YES
    assert revocations.check("33", b"code-2", b"") is Revoked.NO
    assert revocations.check("44", b"code-1", b"") is Revoked.NO_LIST


def test_a_key_that_was_taken_back_is_known_as_such(tmp_path: Path) -> None:
    world = World(tmp_path)
    taken_back = msgspec.structs.replace(a_record(ZHEJIANG), revoked_at=NOW)
    world.publisher.set_keys("33", [taken_back], world.later())
    world.publish()
    assert world.take()
    (key,) = world.bundle.find("33", ZHEJIANG.key_id)
    assert key.revoked_at == NOW
