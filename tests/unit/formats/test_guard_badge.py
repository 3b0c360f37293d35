"""A guard's badge, from its key to its number."""

from datetime import UTC, datetime, timedelta

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from scanner.domain.guards import Role
from scanner.formats import base45
from scanner.formats.guard_badge import LONGEST, PREFIX, Badge, BadgeFault, is_badge, read_badge
from scanner.formats.registry import recognises
from scanner.issuing.guard_badge import issue_badge
from scanner.issuing.signing import sign1_under

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key()
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def a_badge(
    key: Ed25519PrivateKey = KEY,
    *,
    site: str = "east",
    guard: str = "07",
    role: Role = Role.GUARD,
    issued_at: datetime = NOW - HOUR,
    expires_at: datetime = NOW + HOUR,
) -> str:
    return issue_badge(
        key, site=site, guard=guard, role=role, issued_at=issued_at, expires_at=expires_at
    )


def read(text: str) -> Badge | BadgeFault:
    return read_badge(text, "east", PUBLIC, NOW)


def from_claims(claims: object) -> str:
    return PREFIX + base45.encode(sign1_under(cbor2.dumps({1: -8}), cbor2.dumps(claims), KEY))


CLAIMS: dict[int, object] = {1: "east", 2: "07", 4: 1795000000, 6: 1764000000, -65538: 1}


def test_a_genuine_badge_names_its_guard() -> None:
    assert read(a_badge(role=Role.SUPERVISOR)) == Badge("07", Role.SUPERVISOR, NOW - HOUR)


def test_a_badge_is_no_pass_of_any_format() -> None:
    assert is_badge(a_badge())
    assert not recognises(a_badge())


def test_another_sites_badge_does_not_count_even_under_our_key() -> None:
    assert read(a_badge(site="west")) is BadgeFault.NOT_SIGNED_HERE


def test_another_keys_badge_does_not_count() -> None:
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(32))
    assert read(a_badge(stranger)) is BadgeFault.NOT_SIGNED_HERE


def test_a_badge_ends() -> None:
    minute = timedelta(minutes=1)
    assert isinstance(read(a_badge(expires_at=NOW - timedelta(seconds=59))), Badge)
    assert read(a_badge(expires_at=NOW - minute)) is BadgeFault.EXPIRED
    assert read(a_badge(issued_at=NOW + 2 * minute)) is BadgeFault.NOT_YET_VALID


def test_a_badge_for_ever_is_none() -> None:
    ends = NOW - HOUR + LONGEST
    assert isinstance(read(a_badge(expires_at=ends)), Badge)
    assert read(a_badge(expires_at=ends + HOUR)) is BadgeFault.UNREADABLE


@pytest.mark.parametrize(
    "changed",
    [
        {2: 7},
        {2: "x7"},
        {2: "1234567"},
        {-65538: 3},
        {-65538: True},
        {-65538: "1"},
        {4: -1},
        {4: 1.5},
        {6: None},
        {7: b"more"},
    ],
    ids=str,
)
def test_claims_that_make_no_sense_are_refused(changed: dict[int, object]) -> None:
    now = datetime.fromtimestamp(1764000001, UTC)
    good = {**CLAIMS, 4: 1764003600}
    assert isinstance(read_badge(from_claims(good), "east", PUBLIC, now), Badge)
    assert read_badge(from_claims({**good, **changed}), "east", PUBLIC, now) is (
        BadgeFault.UNREADABLE
    )


@pytest.mark.parametrize("claims", [[], "07", {1: "east"}, None], ids=str)
def test_a_signed_message_that_is_no_badge_is_refused(claims: object) -> None:
    assert read(from_claims(claims)) is BadgeFault.UNREADABLE


@given(st.text(alphabet=base45.ALPHABET, max_size=450))
def test_no_text_logs_anybody_in(rest: str) -> None:
    assert isinstance(read(PREFIX + rest), BadgeFault)


@given(st.data())
def test_one_changed_character_ends_a_badge(data: st.DataObject) -> None:
    text = a_badge()
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from(base45.ALPHABET.replace(text[at], "")))
    assert isinstance(read(text[:at] + other + text[at + 1 :]), BadgeFault)
