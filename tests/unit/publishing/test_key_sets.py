import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from scanner.domain.errors import TrustError
from scanner.domain.passes import Algorithm, PassKind
from scanner.issuing.keys import IssuerKey, spki
from scanner.issuing.smart_health_card import jwk, new_key, thumbprint
from scanner.issuing.vds_nc import certificate, generate_signer
from scanner.publishing.key_sets import Limits, records_from_file, with_keys, with_revoked
from scanner.trust.bundle.issuer_keys import IssuerKeys
from tests.publishing_builders import public_pem
from tests.trust_builders import NOW, a_record

KEY = IssuerKey.generate("33")


@pytest.mark.parametrize("algorithm", Algorithm)
@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_a_public_key_is_read_in_both_encodings(
    tmp_path: Path, algorithm: Algorithm, encoding: Encoding
) -> None:
    key = IssuerKey.generate("33", algorithm)
    path = tmp_path / "key"
    path.write_bytes(
        key.private_key.public_key().public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)
    )
    [record] = records_from_file("33", path, Limits())
    assert (record.kid, record.algorithm) == (key.key_id, algorithm)
    assert record.spki == spki(key.private_key.public_key())


def test_its_publisher_says_what_a_key_is_good_for(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(public_pem(KEY))
    until = datetime(2028, 1, 1, tzinfo=UTC)
    limits = Limits(None, until, (PassKind.PAPER,), "330100", b"\x01")
    [record] = records_from_file("33", path, limits)
    assert (record.kid, record.valid_until, record.kinds, record.division) == (
        b"\x01",
        until,
        (PassKind.PAPER,),
        "330100",
    )


def test_a_key_set_of_cards_is_read_with_its_own_ids(tmp_path: Path) -> None:
    issuer = "https://health.example/cards"
    key = new_key(issuer)
    path = tmp_path / "jwks.json"
    public = key.private_key.public_key()
    path.write_text(json.dumps({"keys": [jwk(public) | {"kid": thumbprint(public)}]}))
    [record] = records_from_file(issuer, path, Limits())
    assert record.kid == key.key_id


def test_a_private_key_is_sent_back(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(
        KEY.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    with pytest.raises(TrustError, match="private key, which belongs to its issuer alone"):
        records_from_file("33", path, Limits())


def test_a_key_that_no_code_is_signed_with_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    public = generate_private_key(SECP384R1()).public_key()
    path.write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(TrustError, match="Expected: a public key or certificate"):
        records_from_file("33", path, Limits())
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(TrustError, match="Expected: a public key or certificate"):
        records_from_file("33", path, Limits())


def test_a_key_is_added_once() -> None:
    held = IssuerKeys("33", (a_record(KEY),))
    with pytest.raises(TrustError, match="already"):
        with_keys(held, [a_record(KEY)])
    other = IssuerKey.generate("33")
    assert len(with_keys(held, [a_record(other)]).keys) == 2


def test_a_key_is_taken_back_by_the_beginning_of_its_id() -> None:
    other = IssuerKey.generate("33")
    held = IssuerKeys("33", (a_record(KEY), a_record(other)))
    revoked = with_revoked(held, KEY.key_id.hex()[:6], NOW)
    assert [key.revoked_at for key in revoked.keys] == [NOW, None]
    for kid in (KEY.key_id.hex()[:5], "00" * 8, ""):
        with pytest.raises(TrustError, match=KEY.key_id.hex()):
            with_revoked(held, kid, NOW)


def test_a_signers_certificate_is_read_under_the_id_that_seals_lead_to(tmp_path: Path) -> None:
    signer = generate_signer("UTO")
    path = tmp_path / "uto.cer"
    path.write_bytes(certificate(signer))
    [record] = records_from_file("UTO", path, Limits())
    assert (record.kid, record.kinds) == (signer.key_id, None)
