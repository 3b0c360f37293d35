import json
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from scanner.domain.errors import TrustError
from scanner.publishing import key_files
from scanner.publishing.key_files import (
    Cost,
    WrittenKey,
    check_passphrase,
    new_signer,
    owner_of,
    read_key,
    read_public_key,
    write_key,
)

PASSPHRASE = "five words drawn by dice"
OWNER = "李伟, ministry"
STRONG = key_files.COST


def said(passphrase: str) -> Callable[[Path], str]:
    return lambda _: passphrase


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_files, "COST", Cost(n=1 << 10))


@pytest.fixture
def written(tmp_path: Path) -> WrittenKey:
    return write_key(new_signer(OWNER), OWNER, tmp_path / "li.key", PASSPHRASE)


def test_a_key_comes_back_with_its_passphrase_and_its_owner(written: WrittenKey) -> None:
    signer = read_key(written.private, said(PASSPHRASE))
    assert signer.public_key == written.key == read_public_key(written.public)
    assert owner_of(signer.public_key) == OWNER
    written.key.verify_signature(signer.sign(b"what is signed"), b"what is signed")


def test_another_passphrase_is_refused_without_a_word_about_the_key(written: WrittenKey) -> None:
    with pytest.raises(TrustError, match="The passphrase does not open"):
        read_key(written.private, said("four words drawn by dice"))


def test_the_private_half_is_sealed_and_the_owners_only(written: WrittenKey) -> None:
    assert written.private.stat().st_mode & 0o777 == 0o600
    assert "PRIVATE" not in written.private.read_text()
    signer = read_key(written.private, said(PASSPHRASE))
    body = json.loads(written.private.read_text())
    assert body["sealed"]["cost"] == {"n": 1 << 10, "r": 8, "p": 1}
    assert signer.private_bytes.splitlines()[1].decode() not in written.private.read_text()


def test_a_guess_costs_128_mib() -> None:
    cost = STRONG
    assert 128 * cost.n * cost.r * cost.p == 128 << 20


def test_the_usual_encrypted_pem_file_is_still_too_weak_to_be_used() -> None:
    """PBKDF2's iteration count is an ASN.1 INTEGER (RFC 8018 A.2): 02 02 08 00 is 2048."""
    pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"passphrase")
    )
    der = b64decode(b"".join(pem.splitlines()[1:-1]))
    assert bytes.fromhex("02020800") in der


def test_no_key_is_ever_overwritten(written: WrittenKey) -> None:
    before = written.private.read_bytes()
    with pytest.raises(TrustError, match="never overwritten"):
        write_key(new_signer("x"), "x", written.private, PASSPHRASE)
    written.public.unlink()
    with pytest.raises(TrustError, match="never overwritten"):
        write_key(new_signer("x"), "x", written.private, PASSPHRASE)
    assert written.private.read_bytes() == before


def test_a_key_file_cannot_be_relabelled(written: WrittenKey) -> None:
    body = json.loads(written.private.read_text())
    body["owner"] = "Somebody else"
    written.private.write_text(json.dumps(body))
    with pytest.raises(TrustError, match="does not open"):
        read_key(written.private, said(PASSPHRASE))


def test_the_halves_are_not_taken_for_one_another(written: WrittenKey) -> None:
    with pytest.raises(TrustError, match=r"ends in \.pub"):
        read_public_key(written.private)
    with pytest.raises(TrustError, match=r"ends in \.key"):
        read_key(written.public, said(PASSPHRASE))


@pytest.mark.parametrize("cost", [{"n": 1 << 21}, {"n": 1 << 12, "r": 16}, {"n": 2, "r": 8}])
def test_a_key_file_may_not_ask_for_all_memory(written: WrittenKey, cost: dict[str, int]) -> None:
    body = json.loads(written.private.read_text())
    body["sealed"]["cost"] = cost
    written.private.write_text(json.dumps(body))
    with pytest.raises(TrustError, match="does not hold the private half"):
        read_key(written.private, said(PASSPHRASE))


@given(st.binary(max_size=300))
def test_anything_else_is_no_key_file(data: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.key"
        path.write_bytes(data)
        with pytest.raises(TrustError):
            read_key(path, said(PASSPHRASE))
        with pytest.raises(TrustError):
            read_public_key(path)


def test_a_short_passphrase_is_refused() -> None:
    with pytest.raises(TrustError, match="has 11 characters, at least 12"):
        check_passphrase("a" * 11)
    check_passphrase("a" * 12)


def test_the_same_letters_open_a_key_however_they_are_composed(tmp_path: Path) -> None:
    written = write_key(new_signer("x"), "x", tmp_path / "x.key", "cafe\u0301 du coin noir")
    assert read_key(written.private, said("caf\u00e9 du coin noir")).public_key == written.key
