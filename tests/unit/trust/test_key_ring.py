"""Keys by issuer and kid."""

from dataclasses import replace

from scanner.trust.key_ring import KeyRing
from tests.builders import a_key


def test_a_kid_belongs_to_its_issuer() -> None:
    key = a_key("33").trusted()
    ring = KeyRing([key])
    assert list(ring.find("33", key.key_id)) == [key]
    assert not ring.find("44", key.key_id)
    assert not ring.find("33", b"other")


def test_an_issuer_is_known_by_any_key() -> None:
    ring = KeyRing([a_key("33").trusted()])
    assert ring.knows("33")
    assert not ring.knows("44")
    assert not KeyRing().knows("33")


def test_asking_for_a_stranger_does_not_make_him_known() -> None:
    ring = KeyRing()
    ring.find("44", b"x")
    assert not ring.knows("44")


def test_several_keys_may_share_a_kid() -> None:
    first = a_key("33").trusted()
    second = replace(a_key("31").trusted(), issuer="33", key_id=first.key_id)
    assert list(KeyRing([first, second]).find("33", first.key_id)) == [first, second]
