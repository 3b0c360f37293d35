"""Files that were put together from several truths, or changed where they lie."""

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import DelegatedRole, Metadata, MetaFile, Timestamp, VerificationResult

from scanner.domain.errors import TrustError
from scanner.publishing.key_files import new_signer
from scanner.trust.bundle import layout
from scanner.trust.bundle.bundle import load_bundle
from scanner.trust.bundle.issuer_keys import KeyRecord, decode_issuer_keys
from scanner.trust.bundle.signed import ISSUED_AT, TIME_FORMAT, verified
from tests.faults.trust.attacks import Attack, World, judge, nothing, parametrised, thiefs_keys
from tests.faults.trust.oracle import Oracle
from tests.trust_builders import NOW

VERIFY: Final = "scanner.trust.bundle.verify"
SIGNED: Final = "scanner.trust.bundle.signed"
GUANGDONGS: Final = layout.keys_path("44")


def _believing(metadata: "Metadata[Timestamp]", *_: object) -> VerificationResult:
    """Signatures that nobody checks."""
    del metadata
    return VerificationResult(0, {}, {})


def snapshots_mixed(world: World) -> bool:
    """The snapshot's key signed two of one version; the timestamp names the other one."""
    world.publish()
    snapshot = world.draft.snapshot
    snapshot.signed.meta["issuer-44.json"] = MetaFile.from_data(
        1, (world.stick / "metadata/1.issuer-33.json").read_bytes(), ["sha256"]
    )
    world.sign(snapshot, "snapshot")
    name = layout.metadata_file("snapshot", snapshot.signed.version)
    world.write(name, snapshot.to_bytes())
    return world.take()


def cached_timestamp(world: World) -> bool:
    """Whoever has the card makes an old bundle look new."""
    path = world.store.candidates()[0] / layout.TIMESTAMP_FILE
    timestamp: Metadata[Timestamp] = Metadata.from_file(str(path))
    later = NOW + timedelta(days=80)
    timestamp.signed.unrecognized_fields[ISSUED_AT] = later.strftime(TIME_FORMAT)
    path.write_bytes(timestamp.to_bytes())
    try:
        return load_bundle(path.parents[1], world.root.read_bytes()).issued_at == later
    except TrustError as error:
        world.refusal = error
        return False


def cached_target(world: World) -> bool:
    """Whoever has the card puts a key among the keys."""
    folder = world.store.candidates()[0]
    target = world.bundle.repository.files[GUANGDONGS]
    (folder / target.file).write_bytes(thiefs_keys())
    return bool(world.store.candidates()) and _thief_loads(world, folder)


def target_on_stick(world: World) -> bool:
    """The same on the way."""
    target = world.bundle.repository.files[GUANGDONGS]
    world.write(target.file, thiefs_keys())
    shutil.rmtree(world.store.folder)
    return world.take() and world.trusts_thief()


def _thief_loads(world: World, folder: Path) -> bool:
    try:
        bundle = load_bundle(folder, world.root.read_bytes())
    except TrustError as error:
        world.refusal = error
        return False
    return bundle.issuers[1].keys[0] == _thief_record()


def _thief_record() -> KeyRecord:
    return decode_issuer_keys(GUANGDONGS, thiefs_keys()).keys[0]


def unsigned_targets(world: World) -> bool:
    """Somebody without any key publishes: everything fits together and nothing is signed."""
    stranger = [CryptoSigner.generate_ed25519()]
    for role in ("targets", "snapshot", "timestamp"):
        world.publisher.signers[role] = stranger
    world.draft.put("targets", GUANGDONGS, thiefs_keys())
    world.draft.sign_targets("targets", stranger, world.later())
    world.publish()
    return world.take() and world.trusts_thief()


def threshold_by_one_key(world: World) -> bool:
    """A root that wants two signatures is signed by one key that goes by two names."""
    root, signers = world.draft.root, world.publisher.signers
    one = new_signer("One")
    again = CryptoSigner(one._private_key)
    again.public_key.keyid = "0" * 64
    for keyid in list(root.signed.roles["root"].keyids):
        root.signed.revoke_key(keyid, "root")
    for signer in (one, again):
        root.signed.add_key(signer.public_key, "root")
    everybody = [*signers["root"], one, again]
    world.draft.sign_root(everybody, world.later())
    world.publish()
    return world.take()


def one_signature_of_two(world: World) -> bool:
    """One of the root's two keys was stolen."""
    world.draft.sign_root(world.publisher.signers["root"][:1], world.later())
    world.publish()
    return world.take()


def root_by_strangers(world: World) -> bool:
    """A new root that its own keys have signed, and the old ones have not."""
    root = world.draft.root
    for keyid in list(root.signed.roles["root"].keyids):
        root.signed.revoke_key(keyid, "root")
    strangers = [new_signer("A"), new_signer("B")]
    for signer in strangers:
        root.signed.add_key(signer.public_key, "root")
    world.draft.sign_root(strangers, world.later())
    world.publish()
    return world.take()


def _counting_all(result: VerificationResult) -> int:
    return len(result.signed)


ATTACKS: Final = (
    Attack("mix and match of snapshots", snapshots_mixed, {f"{VERIFY}._matches": nothing}),
    Attack(
        "tampered timestamp on the card", cached_timestamp, {f"{SIGNED}._signatures": _believing}
    ),
    Attack(
        "tampered keys on the card",
        cached_target,
        {"scanner.trust.bundle.targets._is_signed_for": nothing},
    ),
    Attack(
        "tampered keys on the way",
        target_on_stick,
        {"scanner.trust.bundle.targets._is_signed_for": nothing},
    ),
    Attack(
        "everything signed by a stranger", unsigned_targets, {f"{SIGNED}._signatures": _believing}
    ),
    Attack(
        "one key counted twice", threshold_by_one_key, {f"{SIGNED}._different_keys": _counting_all}
    ),
    Attack(
        "threshold not met",
        one_signature_of_two,
        {f"{SIGNED}._different_keys": lambda result: result.threshold},
    ),
    Attack(
        "a root that its predecessor did not sign",
        root_by_strangers,
        {f"{SIGNED}._different_keys": lambda result: result.threshold},
    ),
)


@parametrised(ATTACKS)
def test_nothing_counts_but_what_was_signed_for(
    attack: Attack, defended: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge(attack, tmp_path, monkeypatch, defended=defended)


@pytest.mark.parametrize(
    "attack",
    [snapshots_mixed, target_on_stick, unsigned_targets, one_signature_of_two, root_by_strangers],
)
def test_the_stock_client_refuses_what_comes_by_stick_too(attack: object, tmp_path: Path) -> None:
    world = World(tmp_path)
    assert Oracle(world.root.read_bytes(), tmp_path).accepts(world.stick, GUANGDONGS)
    assert callable(attack)
    attack(world)
    assert not Oracle(world.root.read_bytes(), tmp_path).accepts(world.stick, GUANGDONGS)


def test_a_root_chain_with_a_gap_ends_before_the_gap(tmp_path: Path) -> None:
    world = World(tmp_path)
    signers = world.publisher.signers["root"]
    for _ in range(2):
        world.draft.sign_root(signers, world.later())
    world.write("metadata/3.root.json", world.draft.root.to_bytes())
    assert not world.take()
    assert world.bundle.version == "1.1"


def test_a_root_under_the_number_of_another_is_refused(tmp_path: Path) -> None:
    world = World(tmp_path)
    signers = world.publisher.signers["root"]
    for _ in range(2):
        world.draft.sign_root(signers, world.later())
    world.write("metadata/2.root.json", world.draft.root.to_bytes())
    assert not world.take()
    assert world.refusal is not None
    assert "version 3" in world.refusal.found


def test_metadata_of_another_type_are_refused(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write(layout.TIMESTAMP_FILE, world.draft.root.to_bytes())
    assert not world.take()


@pytest.mark.parametrize(
    "value", [1.5, "x", "2026-11-23", True, {"a": [1e400]}, "2026-13-01T00:00:00Z"]
)
def test_odd_values_in_signed_metadata_are_refused_as_such(tmp_path: Path, value: object) -> None:
    """Also those that the library cannot write down again, and therefore not verify."""
    world = World(tmp_path)
    timestamp = world.draft.timestamp
    data = timestamp.to_bytes().replace(
        f'"{timestamp.signed.unrecognized_fields[ISSUED_AT]}"'.encode(), _json(value)
    )
    with pytest.raises(TrustError):
        verified(data, Timestamp, "timestamp", world.draft.root.signed)


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def test_a_signature_at_the_end_of_the_calendar_is_refused(tmp_path: Path) -> None:
    """Counting on from it overflows, at each reading of the clock and after each restart."""
    world = World(tmp_path)
    timestamp = world.draft.timestamp.signed
    timestamp.version += 1
    timestamp.unrecognized_fields[ISSUED_AT] = "9999-12-31T23:59:59Z"
    world.write_timestamp()
    assert not world.take()
    assert "when it was signed" in str(world.refusal)


def test_a_role_whose_name_is_no_text_is_refused_as_such(tmp_path: Path) -> None:
    world = World(tmp_path)
    delegations = world.draft.targets.signed.delegations
    assert delegations is not None
    assert delegations.roles is not None
    delegations.roles = {
        name: DelegatedRole.from_dict({**role.to_dict(), "name": 5})
        for name, role in delegations.roles.items()
        if name == "issuer-33"
    }
    world.draft.sign_targets("targets", world.publisher.signers["targets"], world.later())
    world.publish()
    assert not world.take()
    assert "none of this layout" in str(world.refusal)


def test_a_file_that_the_card_has_lost_is_brought_again(tmp_path: Path) -> None:
    world = World(tmp_path)
    target = world.bundle.repository.files[GUANGDONGS]
    (world.store.candidates()[0] / target.file).write_bytes(b"\0" * target.length)
    assert load_failed(world)
    world.take()
    assert not load_failed(world)


def load_failed(world: World) -> bool:
    try:
        load_bundle(world.store.candidates()[0], world.root.read_bytes())
    except TrustError:
        return True
    return False


def test_what_spoils_one_bundle_on_the_card_leaves_the_one_before_it(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.publish()
    world.take()
    target = world.bundle.repository.files[GUANGDONGS]
    with (world.store.candidates()[0] / target.file).open("r+b") as file:
        file.write(b"\0")
    assert world.bundle.version == "1.1"
