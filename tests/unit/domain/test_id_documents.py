"""Typed numbers of documents: what is taken, and what the guard is told instead."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scanner.domain.id_documents import (
    MAX_TYPED,
    READABLE,
    Alphabet,
    DocumentNumber,
    NumberFault,
    NumberForm,
    check_character,
    read_number,
    read_registered,
)
from scanner.domain.passes import IdKind

TODAY = date(2026, 11, 25)
CARD, PASSPORT = IdKind.RESIDENT_CARD, IdKind.PASSPORT
# Made-up numbers; the first is the standard's own example of a check character X (GB 11643-1999).
EXAMPLE = "11010519491231002X"


@st.composite
def cards(draw: st.DrawFn) -> str:
    """A resident card's number of somebody born until today."""
    division = draw(st.sampled_from(["11", "33", "46", "54", "65", "81", "83"]))
    county = draw(st.integers(0, 9999))
    born = draw(st.dates(date(1890, 1, 1), TODAY))
    order = draw(st.integers(0, 999))
    body = f"{division}{county:04}{born:%Y%m%d}{order:03}"
    return body + check_character(body)


@given(cards())
def test_every_card_with_its_check_character_is_read(card: str) -> None:
    assert read_number(CARD, card, TODAY) == DocumentNumber(CARD, card)


@given(cards(), st.integers(0, 17), st.sampled_from("0123456789X"))
def test_one_wrong_character_is_always_noticed(card: str, place: int, wrong: str) -> None:
    assume(card[place] != wrong)
    typed = card[:place] + wrong + card[place + 1 :]
    assert isinstance(read_number(CARD, typed, TODAY), NumberFault)


@given(cards(), st.integers(0, 16))
def test_two_neighbours_the_wrong_way_round_are_always_noticed(card: str, place: int) -> None:
    first, second = card[place], card[place + 1]
    assume(first != second)
    typed = card[:place] + second + first + card[place + 2 :]
    assert isinstance(read_number(CARD, typed, TODAY), NumberFault)


@given(cards(), st.integers(0, 17))
def test_while_it_is_typed_nothing_is_wrong_yet(card: str, length: int) -> None:
    assert read_number(CARD, card[:length], TODAY) is NumberFault.UNFINISHED


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("", NumberFault.UNFINISHED),
        ("110105491231002", NumberFault.OLD_FORM),
        ("990105194912310021", NumberFault.DIVISION),
        ("00010519491231002X", NumberFault.DIVISION),
        ("11010519491331002X", NumberFault.BIRTH_DATE),
        ("11010520261126001X", NumberFault.BIRTH_DATE),
        ("110105188912310020", NumberFault.BIRTH_DATE),
        ("110105194912310021", NumberFault.CHECK_CHARACTER),
        ("1101051949123100X2", NumberFault.BAD_CHARACTER),
        ("11010519491231002XX", NumberFault.TOO_LONG),
        ("11010519491231002\N{MATHEMATICAL BOLD DIGIT ONE}", NumberFault.BAD_CHARACTER),
        ("11010519491231002\N{CYRILLIC CAPITAL LETTER HA}", NumberFault.BAD_CHARACTER),
        ("1" * (MAX_TYPED + 1), NumberFault.TOO_LONG),
    ],
)
def test_what_is_wrong_with_a_card_number_is_named(typed: str, fault: NumberFault) -> None:
    assert read_number(CARD, typed, TODAY) is fault


def test_small_letters_blanks_and_hyphens_are_forgiven() -> None:
    assert read_number(CARD, " 110105 1949-1231 002x", TODAY) == DocumentNumber(CARD, EXAMPLE)


def test_who_is_born_today_has_a_number_and_who_is_born_tomorrow_has_none() -> None:
    body = f"330106{TODAY:%Y%m%d}001"
    typed = body + check_character(body)
    assert isinstance(read_number(CARD, typed, TODAY), DocumentNumber)
    yesterday = TODAY - timedelta(days=1)
    assert read_number(CARD, typed, yesterday) is NumberFault.BIRTH_DATE


# The two specimens that the police of Beijing published with the residence permits.
@pytest.mark.parametrize("typed", ["810000199408230021", "830000199201300022"])
def test_residence_permits_of_hong_kong_and_taiwan_residents_are_resident_cards(typed: str) -> None:
    assert isinstance(read_number(CARD, typed, TODAY), DocumentNumber)


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (PASSPORT, "E12345678"),
        (PASSPORT, "ea1234567"),
        (PASSPORT, "C01X00T47"),
        (PASSPORT, "203456"),
        (IdKind.HONG_KONG_MACAU_PERMIT, "H12345678"),
        (IdKind.HONG_KONG_MACAU_PERMIT, "M1234567801"),
        (IdKind.TAIWAN_PERMIT, "12345678"),
        (IdKind.TAIWAN_PERMIT, "1234567890B"),
    ],
)
def test_passports_and_permits_are_read_by_their_form(kind: IdKind, typed: str) -> None:
    assert read_number(kind, typed, TODAY) == DocumentNumber(kind, typed.upper())


@pytest.mark.parametrize(
    ("kind", "typed", "fault"),
    [
        (PASSPORT, "E1234", NumberFault.UNFINISHED),
        (PASSPORT, "E123456789", NumberFault.TOO_LONG),
        (PASSPORT, "MUSTERMAN", NumberFault.FORM),
        (PASSPORT, "E1234<678", NumberFault.BAD_CHARACTER),
        (IdKind.HONG_KONG_MACAU_PERMIT, "X12345678", NumberFault.BAD_CHARACTER),
        (IdKind.HONG_KONG_MACAU_PERMIT, "1H345678901", NumberFault.FORM),
        (IdKind.TAIWAN_PERMIT, "123456789", NumberFault.UNFINISHED),
        (IdKind.OTHER, "1234", NumberFault.FORM),
    ],
)
def test_what_is_wrong_with_another_document_is_named(
    kind: IdKind, typed: str, fault: NumberFault
) -> None:
    assert read_number(kind, typed, TODAY) is fault


@given(st.sampled_from(sorted(READABLE)), st.text(max_size=40))
def test_whatever_is_typed_gives_plain_characters_or_a_fault(kind: IdKind, typed: str) -> None:
    read = read_number(kind, typed, TODAY)
    if isinstance(read, DocumentNumber):
        assert read.text.isascii()
        assert read.text.isalnum()
        assert read_number(kind, read.text, TODAY) == read


def test_a_registered_number_has_the_characters_and_the_length_of_the_site() -> None:
    form = NumberForm(Alphabet.DIGITS_AND_LETTERS, shortest=4, longest=6)
    assert read_registered(form, "hn-46 1") == DocumentNumber(None, "HN461")
    assert read_registered(form, "HN4") is NumberFault.UNFINISHED
    assert read_registered(form, "HN46123") is NumberFault.TOO_LONG
    assert read_registered(form, "HN/46") is NumberFault.BAD_CHARACTER
    assert read_registered(NumberForm(Alphabet.DIGITS), "HN4612") is NumberFault.BAD_CHARACTER
    assert read_registered(form, "4" * (MAX_TYPED + 1)) is NumberFault.TOO_LONG


def test_no_repr_shows_a_number() -> None:
    read = read_number(CARD, EXAMPLE, TODAY)
    assert EXAMPLE[:6] not in f"{read!r} {read}"
