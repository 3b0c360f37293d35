"""The table of `docs/formats-checks.md`, cell by cell: what each trick comes to in each format.

A cell is the reason of the rejection; `accepted` means the original's claims under the original's
identity, and a dash that the format has no such thing. The tricks are in `hostile_codes`.
"""

import re
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from scanner.domain.passes import Algorithm, PassKind, Rejection, VerifiedPass
from scanner.formats.registry import READERS, read_pass
from scanner.issuing.keys import IssuerKey
from scanner.trust.key_ring import KeyRing
from tests.builders import NOW
from tests.unit.formats.hostile_codes import ISSUERS_OWN, TRICKS, NoSuchThingError, case_of

DOCUMENT: Final = (Path(__file__).parents[3] / "docs/formats-checks.md").read_text("utf-8")


def outcome(trick: str, name: str) -> str:
    """What the cell must say."""
    case = case_of(name)
    try:
        text = TRICKS[trick](case)
    except NoSuchThingError:
        return "—"
    assert text != case.original.donor.text
    read = read_pass(text, case.ring, NOW)
    if isinstance(read, Rejection):
        return ", ".join(reason.value for reason in read.reasons)
    if read.identity == case.original.read.identity:
        assert read.claims == case.original.read.claims
    else:  # only what an issuer signed anew may be another pass
        assert trick in ISSUERS_OWN
        holder = read.claims.holder
        assert holder is None or (holder.masked_name.isprintable() and len(holder.masked_name) < 40)
        assert len(read.claims.code_id or b"") <= 80
    return "accepted"


def table() -> dict[tuple[str, str], str]:
    """The page's cells by (trick, format)."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in DOCUMENT.splitlines()
        if line.startswith("|")
    ]
    columns = [re.sub(r"`", "", cell) for cell in rows[0][1:]]
    return {
        (row[0], column): cell
        for row in rows[2:]
        for column, cell in zip(columns, row[1:], strict=True)
    }


def test_the_page_has_a_cell_for_every_trick_and_format() -> None:
    assert set(table()) == {(trick, name) for trick in TRICKS for name in READERS}


@pytest.mark.parametrize("name", list(READERS))
@pytest.mark.parametrize("trick", list(TRICKS))
def test_a_trick_comes_to_what_the_page_says(trick: str, name: str) -> None:
    assert outcome(trick, name) == table()[trick, name]


@pytest.mark.parametrize("name", list(READERS))
def test_without_a_trick_what_the_builders_sign_is_accepted(name: str) -> None:
    case = case_of(name)
    for text in (case.signed(case.content()), case.with_claim([[0]])):
        assert isinstance(read_pass(text, case.ring, NOW), VerifiedPass)


@pytest.mark.parametrize("name", list(READERS))
def test_of_two_keys_under_one_kid_the_right_one_is_found(name: str) -> None:
    case = case_of(name)
    wrong = replace(IssuerKey.generate(case.key.issuer, Algorithm.ES256), key_id=case.key.key_id)
    ring = KeyRing([wrong.trusted(), case.key.trusted()])
    assert read_pass(case.original.donor.text, ring, NOW) == case.original.read


@pytest.mark.parametrize("name", list(READERS))
def test_a_key_for_other_kinds_may_not_sign(name: str) -> None:
    case = case_of(name)
    key = replace(case.key, kinds=frozenset({PassKind.VISITOR}))
    read = read_pass(case.original.donor.text, KeyRing([key.trusted()]), NOW)
    assert isinstance(read, Rejection)
    assert [reason.value for reason in read.reasons] == ["wrong_key_usage"]


def test_a_citys_key_signs_for_its_city_alone() -> None:
    case = case_of("health_code")
    content = case.content()
    content[-65537][6] = 330100
    for division, accepted in (("330100", True), ("330000", True), ("440100", False)):
        ring = KeyRing([replace(case.key, division=division).trusted()])
        read = read_pass(case.signed(content), ring, NOW)
        assert isinstance(read, VerifiedPass) is accepted
