"""What a guard types about a person without a code."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.domain.id_documents import Alphabet, NumberFault, NumberForm
from scanner.domain.walk_ins import NUMBERED, PersonKind, TypedNumber, VisitorDetails
from scanner.kiosk.forms import Field, Form

TODAY = date(2026, 11, 25)
SITE = NumberForm(Alphabet.DIGITS_AND_LETTERS, 4, 8)
TYPED = sorted({*NUMBERED, PersonKind.VISITOR})


def typed(person: PersonKind, text: str) -> Form:
    """As fingers type it; a vertical bar goes on to the next field."""
    form = Form.of(person, SITE)
    for character in text:
        form = form.following() or form if character == "|" else form.push(character)
    return form


def test_a_card_number_is_complete_with_its_check_character_only() -> None:
    assert typed(PersonKind.RESIDENT_CARD, "11010519491231002x").fault(TODAY) is None
    wrong = typed(PersonKind.RESIDENT_CARD, "110105194912310021")
    assert wrong.fault(TODAY) is NumberFault.CHECK_CHARACTER
    assert wrong.erase().fault(TODAY) is NumberFault.UNFINISHED
    assert wrong.clear().text(Field.NUMBER) == ""


def test_a_card_number_stands_in_its_groups() -> None:
    assert (
        typed(PersonKind.RESIDENT_CARD, "1101051949").shown(Field.NUMBER) == "110105 1949____ ____"
    )


def test_a_key_that_the_field_does_not_have_types_nothing() -> None:
    assert typed(PersonKind.RESIDENT_CARD, "1A-é１1").text(Field.NUMBER) == "11"
    assert typed(PersonKind.HONG_KONG_MACAU_PERMIT, "hA1").text(Field.NUMBER) == "H1"
    assert typed(PersonKind.TYPED_NUMBER, "hn-46").text(Field.NUMBER) == "HN46"


def test_a_visitor_has_a_host_and_a_phone_and_perhaps_a_name() -> None:
    form = typed(PersonKind.VISITOR, "3-2-501|138ab00000000")
    assert form.fault(TODAY) is None
    assert form.visitor() == VisitorDetails("3-2-501", "13800000000")
    assert form.number() is None
    named = typed(PersonKind.VISITOR, "3-2-501|13800000000|li si")
    assert named.visitor() == VisitorDetails("3-2-501", "13800000000", "LI SI")


@pytest.mark.parametrize("text", ["", "3-2-501", "|13800000000", "3-2-501|12", "-|"])
def test_a_visitor_who_cannot_be_reached_is_not_sent(text: str) -> None:
    assert typed(PersonKind.VISITOR, text).fault(TODAY) is NumberFault.UNFINISHED


def test_a_number_goes_to_the_gate_as_it_was_typed() -> None:
    assert typed(PersonKind.PASSPORT, "e12345678").number() == TypedNumber("E12345678")


@given(st.sampled_from(TYPED), st.text(max_size=60))
def test_a_form_that_is_complete_is_one_that_the_gate_takes(person: PersonKind, text: str) -> None:
    form = typed(person, text)
    visitor = form.visitor()
    if visitor is not None and form.fault(TODAY) is None:
        assert visitor.is_complete
    for field in form.fields:
        assert len(form.text(field)) <= 40
        assert form.text(field).isascii()


def test_no_repr_shows_what_was_typed() -> None:
    assert "3100" not in repr(typed(PersonKind.RESIDENT_CARD, "11010519491231002X"))
    assert "501" not in repr(typed(PersonKind.VISITOR, "3-2-501|13800000000"))
