"""Cards of the reference issuer."""

from pathlib import Path

import msgspec
import pytest

from scanner.domain.passes import PassKind
from scanner.issuing.keys import IssuerKey
from scanner.issuing.smart_health_card import issue_smart_health_card, jwk, new_key, thumbprint
from scanner.trust.foreign_keys import keys_from_jwks
from tests.builders import NOW, a_key

ISSUER = "https://health.example/cards"


def test_the_kid_is_the_thumbprint_of_the_public_key() -> None:
    key = new_key(ISSUER)
    assert key.key_id == thumbprint(key.private_key.public_key()).encode()
    assert len(key.key_id) == 43


def test_the_published_key_is_the_one_that_signs() -> None:
    key = new_key(ISSUER)
    key_set = {
        "keys": [
            jwk(key.private_key.public_key())
            | {"kid": key.key_id.decode(), "use": "sig", "alg": "ES256"}
        ]
    }
    assert keys_from_jwks(ISSUER, msgspec.json.encode(key_set)) == [key.trusted()]


def test_other_keys_have_no_place_in_such_a_set() -> None:
    with pytest.raises(ValueError, match="P-256"):
        jwk(a_key().private_key.public_key())


def test_an_address_makes_a_file_name(tmp_path: Path) -> None:
    key = new_key(ISSUER + "/../../x" * 40)
    path = key.save(tmp_path)
    assert path.parent == tmp_path
    assert IssuerKey.load(path).trusted() == key.trusted()


def test_a_kind_that_cards_do_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="kind"):
        issue_smart_health_card(new_key(ISSUER), now=NOW, kind=PassKind.RECOVERY)
