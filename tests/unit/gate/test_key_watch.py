"""Which keys are in force while files come and go."""

from datetime import timedelta
from pathlib import Path
from shutil import copyfile

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from scanner.gate.key_watch import KeyWatch
from scanner.issuing.key_file import publish_key_file
from scanner.trust.key_file import KEYS_NAME, SIGNATURE_NAME
from scanner.trust.keys import Staleness
from tests.builders import NOW, a_key

PUBLISHER = Ed25519PrivateKey.generate()


def publish(folder: Path, version: str, age: timedelta = timedelta()) -> Path:
    publish_key_file(folder, [a_key().trusted()], PUBLISHER, NOW - age, version)
    return folder


def install_publisher(folder: Path) -> None:
    pem = PUBLISHER.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / "publisher.pem").write_bytes(pem)


def watch(folder: Path) -> KeyWatch:
    return KeyWatch(folder, folder / "publisher.pem", timedelta(days=1), timedelta(days=7))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a gate looks at: the first key file and its publisher."""
    gate = tmp_path / "gate"
    install_publisher(publish(gate, "first", timedelta(hours=1)))
    return gate


def test_a_newer_file_comes_into_force_without_a_restart(folder: Path) -> None:
    keys = watch(folder)
    assert keys.store.version == "first"
    assert not keys.refresh()
    publish(folder, "second")
    assert keys.refresh()
    assert keys.store.version == "second"


@pytest.mark.parametrize("order", [(KEYS_NAME, SIGNATURE_NAME), (SIGNATURE_NAME, KEYS_NAME)])
def test_two_files_that_are_copied_one_by_one_count_when_both_are_there(
    folder: Path, tmp_path: Path, order: tuple[str, str]
) -> None:
    keys, stick = watch(folder), publish(tmp_path / "stick", "second")
    copyfile(stick / order[0], folder / order[0])
    assert not keys.refresh()
    assert (keys.store.version, keys.is_healthy) == ("first", False)
    copyfile(stick / order[1], folder / order[1])
    assert keys.refresh()
    assert (keys.store.version, keys.is_healthy) == ("second", True)


def test_a_publisher_who_is_installed_later_counts_at_once(folder: Path) -> None:
    (folder / "publisher.pem").unlink()
    keys = watch(folder)
    assert (keys.store.version, keys.store.staleness(NOW)) == ("none", Staleness.DEGRADED)
    install_publisher(folder)
    assert keys.refresh()
    assert keys.store.version == "first"


def test_an_older_file_is_refused_and_the_newer_keys_stay(folder: Path) -> None:
    keys = watch(folder)
    publish(folder, "old", timedelta(hours=2))
    assert not keys.refresh()
    assert (keys.store.version, keys.is_healthy) == ("first", False)


def test_a_file_that_is_taken_away_leaves_the_last_good_keys(folder: Path) -> None:
    keys = watch(folder)
    (folder / SIGNATURE_NAME).unlink()
    assert not keys.refresh()
    assert (keys.store.version, keys.is_healthy) == ("first", False)
