"""Issuer keys on disk."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from scanner.domain.errors import TrustError
from scanner.domain.passes import Algorithm, PassKind
from scanner.issuing.keys import IssuerKey, load_issuer_keys
from tests.builders import a_key


def _secret(key: IssuerKey) -> bytes:
    return key.private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_key_comes_back_as_it_was_saved(tmp_path: Path, algorithm: Algorithm) -> None:
    key = a_key("31", algorithm, "310000", frozenset({PassKind.PAPER, PassKind.VISITOR}))
    loaded = IssuerKey.load(key.save(tmp_path))
    assert loaded.trusted() == key.trusted()
    assert _secret(loaded) == _secret(key)


def test_only_the_owner_can_read_a_private_key(tmp_path: Path) -> None:
    assert a_key().save(tmp_path).stat().st_mode & 0o777 == 0o600


def test_a_private_key_is_never_overwritten(tmp_path: Path) -> None:
    path = a_key().save(tmp_path)
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        a_key().save(tmp_path)
    assert path.read_bytes() == before


def test_all_keys_of_a_folder(tmp_path: Path) -> None:
    keys = [a_key("46"), a_key("33"), a_key("33", Algorithm.ES256)]
    for key in keys:
        key.save(tmp_path)
    loaded = load_issuer_keys(tmp_path)
    assert [key.issuer for key in loaded] == ["33", "33", "46"]
    assert {key.key_id for key in loaded} == {key.key_id for key in keys}


@pytest.mark.parametrize("damage", ["pem", "json", "no json", "other algorithm"])
def test_damaged_keys_are_refused(tmp_path: Path, damage: str) -> None:
    path = a_key().save(tmp_path)
    card = path.with_suffix(".json")
    if damage == "pem":
        path.write_bytes(b"-----BEGIN PRIVATE KEY-----\n")
    elif damage == "json":
        card.write_bytes(b"{}")
    elif damage == "no json":
        card.unlink()
    else:
        card.write_text(card.read_text().replace("EdDSA", "ES256"))
    with pytest.raises(TrustError):
        IssuerKey.load(path)


def test_two_keys_have_two_kids() -> None:
    assert IssuerKey.generate("33").key_id != IssuerKey.generate("33").key_id
