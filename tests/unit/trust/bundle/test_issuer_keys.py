from dataclasses import replace

from msgspec.structs import replace as changed

from scanner.issuing.keys import IssuerKey
from scanner.trust.bundle.issuer_keys import IssuerKeyRing, IssuerKeys
from tests.trust_builders import NOW, a_record

KEY = IssuerKey.generate("33")
OTHER = replace(IssuerKey.generate("33"), key_id=KEY.key_id)


def test_a_key_that_is_taken_back_under_one_id_is_taken_back_under_every_other() -> None:
    first = changed(a_record(KEY), revoked_at=NOW)
    again = changed(a_record(KEY), kid=b"another")
    ring = IssuerKeyRing([IssuerKeys("33", (again, first))])
    assert [key.revoked_at for key in ring.find("33", b"another")] == [NOW]


def test_another_key_under_the_same_id_stays_and_is_tried_after_the_revoked_one() -> None:
    revoked = changed(a_record(KEY), revoked_at=NOW)
    ring = IssuerKeyRing([IssuerKeys("33", (a_record(OTHER), revoked))])
    assert [key.revoked_at for key in ring.find("33", KEY.key_id)] == [NOW, None]


def test_the_same_key_of_another_issuer_is_that_issuers_matter() -> None:
    revoked = changed(a_record(KEY), revoked_at=NOW)
    ring = IssuerKeyRing([IssuerKeys("33", (revoked,)), IssuerKeys("46", (a_record(KEY),))])
    assert [key.revoked_at for key in ring.find("46", KEY.key_id)] == [None]
