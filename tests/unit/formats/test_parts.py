"""Codes that come in several parts."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.formats.parts import FORGOTTEN_AFTER_S, Collection, Part, as_part, collect

digits = st.text("0123456789", min_size=1, max_size=40)


def collected(*texts: str, apart_s: float = 1.0) -> Collection:
    collection: Collection | None = None
    for number, text in enumerate(texts):
        part = as_part(text)
        assert part is not None
        collection = collect(collection, part, number * apart_s)
    assert collection is not None
    return collection


@given(st.lists(digits, min_size=2, max_size=9), st.randoms())
def test_parts_come_in_any_order_and_make_the_whole(bodies: list[str], order: Random) -> None:
    texts = [f"shc:/{i}/{len(bodies)}/{body}" for i, body in enumerate(bodies, 1)]
    order.shuffle(texts)
    assert collected(*texts).text == "shc:/" + "".join(bodies)


def test_progress_counts_each_part_once() -> None:
    collection = collected("shc:/1/3/11", "shc:/3/3/33", "shc:/1/3/11")
    assert (collection.have, collection.total, collection.text) == (2, 3, None)


def test_a_part_of_another_card_begins_anew() -> None:
    assert collected("shc:/1/2/11", "shc:/1/2/99").have == 1
    assert collected("shc:/1/2/11", "shc:/2/3/22").have == 1


def test_an_old_collection_is_forgotten() -> None:
    assert collected("shc:/1/2/11", "shc:/2/2/22", apart_s=FORGOTTEN_AFTER_S + 1).have == 1


@pytest.mark.parametrize(
    "text",
    [
        "shc:/1234",
        "shc:/1/1/1234",
        "shc:/0/2/1234",
        "shc:/3/2/1234",
        "shc:/1/51/1234",
        "shc:/1/2/",
        "shc:/1/2/12a4",
        "shc:/1/2/١٢٣",
        "shc:/1/2/1234\n",
        "SHC:/1/2/1234",
        "shc:/1/2/" + "1" * 5000,
        "HC1:NCF",
        "",
    ],
)
def test_everything_else_stands_alone(text: str) -> None:
    assert as_part(text) is None


def test_a_part_says_which_it_is() -> None:
    assert as_part("shc:/2/17/3331") == Part("shc:/", 2, 17, "3331")
