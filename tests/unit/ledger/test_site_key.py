"""Keys of a site, a new one each day, that gates make alike without telling one another."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.ledger.site_key import FURTHEST, NAME_BYTES, SECRET_BYTES, Link

DAY = date(2026, 11, 23)
LINK = Link(DAY, bytes(range(SECRET_BYTES)))


@given(steps=st.lists(st.integers(0, 20), max_size=6))
def test_gates_that_went_by_other_ways_have_the_same_keys(steps: list[int]) -> None:
    link = LINK
    for step in steps:
        link = link.onwards(link.day + timedelta(days=step))
    assert link == LINK.onwards(DAY + timedelta(days=sum(steps)))


def all_keys(link: Link) -> tuple[bytes, bytes, bytes]:
    keys = link.keys()
    return keys.naming, keys.sealing, keys.room


def test_no_key_is_like_another_and_none_is_the_secret() -> None:
    days = [LINK.onwards(DAY + timedelta(days=n)) for n in range(3)]
    made = [key for link in days for key in (link.secret, *all_keys(link))]
    assert len(set(made)) == 12


def test_the_chain_does_not_run_backwards() -> None:
    assert LINK.onwards(DAY - timedelta(days=1)) is LINK


def test_a_clock_that_is_absurdly_far_ahead_is_not_followed() -> None:
    assert LINK.onwards(DAY + FURTHEST + timedelta(days=1)) is LINK


def test_a_name_holds_for_its_day_only() -> None:
    today, tomorrow = LINK.keys(), LINK.onwards(DAY + timedelta(days=1)).keys()
    assert len(today.name(b"code")) == NAME_BYTES
    assert today.name(b"code") == LINK.keys().name(b"code")
    assert today.name(b"code") != tomorrow.name(b"code")
    assert today.name(b"code") != today.name(b"codf")


@pytest.mark.parametrize("purpose", ["names", "datagrams", "next"])
def test_expansion_is_rfc_5869s(purpose: str) -> None:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

    info = b"checkpoint site key: " + purpose.encode()
    expected = HKDFExpand(SHA256(), 32, info).derive(LINK.secret)
    keys, after = LINK.keys(), LINK.onwards(DAY + timedelta(days=1))
    assert expected in (keys.naming, keys.sealing, after.secret)
