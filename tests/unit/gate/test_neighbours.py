"""Sealed datagrams between gates of a site: lost, doubled, late, old, forged."""

from datetime import date, timedelta
from typing import Final

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from scanner.domain.direction import Direction
from scanner.gate.crossings import Correction, Crossing, News, Presented, Totals
from scanner.gate.neighbours import (
    BEAT_S,
    MOST_BYTES,
    NONCE_BYTES,
    SILENT_S,
    STALE,
    Neighbours,
    Told,
    encode,
    seal,
    unseal,
)
from scanner.ledger.site_key import SECRET_BYTES, Link, SiteKeys
from tests.builders import NOW

LINK: Final = Link(NOW.date(), bytes(SECRET_BYTES))
KEYS: Final = LINK.keys()
NONCE: Final = bytes(NONCE_BYTES)
HERE, THERE = "d-0123456789abcdef", "d-fedcba9876543210"
SECOND: Final = timedelta(seconds=1)


def keys_of(day: date) -> SiteKeys | None:
    return KEYS if day == KEYS.day else None


def a_crossing(number: int) -> Crossing:
    names = tuple(bytes([number, age]) * 8 for age in range(3))
    who = Presented(NOW.date(), names, names)
    return Crossing(who, Direction.IN, NOW + number * SECOND, THERE, number)


def a_told(**changes: object) -> Told:
    told = Told(THERE, NOW, 1, NOW, 0, (), Totals(NOW))
    return replace(told, **changes)


class Talker:
    """The other gate: news in, datagrams' contents out."""

    def __init__(self) -> None:
        self.neighbours = Neighbours(THERE, NOW)
        self.mono_s = 0.0
        self.passed: list[Crossing] = []

    def lets_through(self, count: int = 1) -> list[Told]:
        crossings = [a_crossing(len(self.passed) + 1 + n) for n in range(count)]
        self.passed += crossings
        return self.tells([News(crossing) for crossing in crossings])

    def tells(self, news: list[News] | None = None) -> list[Told]:
        self.mono_s += BEAT_S
        return self.neighbours.tell(news or [], Totals(NOW), None, NOW, self.mono_s)


def heard(listener: Neighbours, said: list[Told], mono_s: float = 0.0) -> list[Crossing]:
    found: list[Crossing] = []
    for told in said:
        news = listener.take(told, NOW, mono_s)
        found += [one.crossing for one in news or ()] + list(told.known if news is not None else ())
    return found


def asks(listener: Neighbours, mono_s: float) -> bool:
    return any(told.asks for told in listener.tell([], Totals(NOW), None, NOW, mono_s))


def test_what_one_gate_seals_another_reads() -> None:
    told = a_told(
        news=(News(a_crossing(1), taken_back=True),), correction=Correction(NOW, HERE, -3, True)
    )
    assert unseal(seal(told, KEYS, NONCE), keys_of) == told


def test_the_fullest_datagram_fits_a_frame() -> None:
    crossings = tuple(a_crossing(255 - n) for n in range(5))
    busy = Totals(NOW, 1 << 40, 1 << 40, 1 << 40, 1 << 40)
    correction = Correction(NOW, THERE, -(1 << 40), True)
    for full in (
        a_told(news=tuple(map(News, crossings)), totals=busy, correction=correction),
        a_told(known=crossings, totals=busy, correction=correction),
    ):
        assert len(seal(replace(full, number=1 << 40, first=1 << 40), KEYS, NONCE)) <= MOST_BYTES


def test_a_carrier_can_read_the_day_and_nothing_else() -> None:
    told = a_told(news=(News(a_crossing(1)),))
    datagram = seal(told, KEYS, NONCE)
    assert a_crossing(1).who.person[0] not in datagram
    assert THERE.encode() not in datagram


@given(st.binary(max_size=2000))
def test_whatever_no_gate_has_written_is_thrown_away(noise: bytes) -> None:
    assert unseal(noise, keys_of) is None
    assert unseal(b"CPN1" + noise, keys_of) is None
    head = b"CPN1" + KEYS.day.toordinal().to_bytes(4, "big") + KEYS.room
    assert unseal(head + noise, keys_of) is None


@given(at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_one_bit_that_is_turned_makes_it_nobodys(at: int, bit: int) -> None:
    datagram = bytearray(seal(a_told(news=(News(a_crossing(1)),)), KEYS, NONCE))
    datagram[at % len(datagram)] ^= 1 << bit
    assert unseal(bytes(datagram), keys_of) is None


def test_a_datagram_of_another_site_is_thrown_away() -> None:
    other = Link(NOW.date(), bytes([1]) * SECRET_BYTES).keys()
    assert unseal(seal(a_told(), other, NONCE), keys_of) is None


@pytest.mark.parametrize(
    "told",
    [
        a_told(at=NOW.replace(tzinfo=None)),
        a_told(totals=Totals(NOW.replace(tzinfo=None))),
        a_told(news=tuple(News(a_crossing(n)) for n in range(6))),
        a_told(gate=""),
        a_told(number=-1),
        a_told(news=(News(replace(a_crossing(1), who=Presented(NOW.date(), (), ()))),)),
    ],
    ids=["no zone", "no zone within", "too many", "no gate", "below zero", "no name"],
)
def test_a_gate_that_makes_no_sense_is_not_heard_though_it_has_the_key(told: Told) -> None:
    assert unseal(seal(told, KEYS, NONCE), keys_of) is None
    assert encode(told)


@given(st.data())
def test_every_crossing_is_heard_once_as_long_as_few_datagrams_in_a_row_are_lost(
    data: st.DataObject,
) -> None:
    talker, listener = Talker(), Neighbours(HERE, NOW)
    found: list[Crossing] = []
    lost = 0
    for _ in range(data.draw(st.integers(1, 30))):
        for told in talker.lets_through(data.draw(st.integers(1, 2))):
            is_lost = lost < 4 and data.draw(st.booleans())
            lost = lost + 1 if is_lost else 0
            copies = 0 if is_lost else data.draw(st.integers(1, 2))
            found += heard(listener, [told] * copies)
    found += heard(listener, talker.tells())
    assert found == talker.passed


def test_a_longer_gap_is_asked_about_and_the_answer_has_everybody() -> None:
    talker, listener = Talker(), Neighbours(HERE, NOW)
    heard(listener, talker.tells())
    assert asks(listener, 10)  # a gate that comes knows nothing yet
    heard(listener, talker.lets_through())
    assert not asks(listener, 20)
    talker.lets_through(20)  # all lost
    found = heard(listener, talker.lets_through())
    assert len(found) == 5
    assert asks(listener, 30)
    talker.neighbours.answer(talker.passed)
    for _ in range(3):
        found += heard(listener, talker.tells())
    assert {crossing.visit for crossing in found} >= {crossing.visit for crossing in talker.passed}


def test_it_is_asked_again_only_after_a_while() -> None:
    listener = Neighbours(HERE, NOW)
    assert asks(listener, 10)
    listener.take(a_told(), NOW, 10)
    assert not asks(listener, 12)
    assert asks(listener, 15)


def test_a_copy_an_older_one_and_ones_own_say_nothing() -> None:
    listener = Neighbours(HERE, NOW)
    assert listener.take(a_told(number=7), NOW, 0) == ()
    for number in (7, 6):
        assert listener.take(a_told(number=number), NOW, 0) is None
    assert listener.take(a_told(gate=HERE, number=8), NOW, 0) is None
    assert listener.take(a_told(number=1, stream=NOW + SECOND), NOW, 0) == ()
    assert listener.take(a_told(number=8), NOW, 0) is None  # of the process before


@pytest.mark.parametrize("at", [NOW - STALE - SECOND, NOW + STALE + SECOND])
def test_what_is_not_of_now_is_not_heard(at: object) -> None:
    listener = Neighbours(HERE, NOW)
    assert listener.take(a_told(at=at), NOW, 0) is None
    assert listener.heard(0) == 0


def test_a_gate_is_heard_until_it_is_silent_for_long() -> None:
    listener = Neighbours(HERE, NOW)
    listener.take(a_told(), NOW, 100.0)
    assert listener.heard(100 + SILENT_S - 1) == 1
    assert listener.heard(100 + SILENT_S + 1) == 0


def test_no_more_gates_than_a_site_can_have_are_remembered() -> None:
    listener = Neighbours(HERE, NOW)
    for number in range(100):
        listener.take(a_told(gate=f"d-{number:016x}"), NOW, 0)
    assert listener.heard(0) == 64


def test_a_gate_where_nothing_happens_is_heard_every_two_seconds() -> None:
    talker = Neighbours(THERE, NOW)
    times = [n / 10 for n in range(100)]
    assert sum(len(talker.tell([], Totals(NOW), None, NOW, at)) for at in times) == 5


def test_a_name_that_is_no_text_is_thrown_away_like_any_other_nonsense() -> None:
    plain = encode(a_told(gate="dd")).replace(b"\xa2dd", b"\xa2\xff\xff")
    head = seal(a_told(), KEYS, NONCE)[: -len(encode(a_told())) - 16 - NONCE_BYTES]
    datagram = head + NONCE + ChaCha20Poly1305(KEYS.sealing).encrypt(NONCE, plain, head)
    assert unseal(datagram, keys_of) is None
