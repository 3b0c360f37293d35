"""Codes that come in several parts."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from scanner.formats.parts import FORGOTTEN_AFTER_S, Collection, Part, collect

digits = st.text("0123456789", min_size=1, max_size=40)


def collected(*parts: tuple[int, int, str], apart_s: float = 1.0) -> Collection:
    collection: Collection | None = None
    for number, (index, total, body) in enumerate(parts):
        collection = collect(collection, Part("shc:/", index, total, body), number * apart_s)
    assert collection is not None
    return collection


@given(st.lists(digits, min_size=2, max_size=9), st.randoms())
def test_parts_come_in_any_order_and_make_the_whole(bodies: list[str], order: Random) -> None:
    parts = [(index, len(bodies), body) for index, body in enumerate(bodies, 1)]
    order.shuffle(parts)
    assert collected(*parts).text == "shc:/" + "".join(bodies)


def test_progress_counts_each_part_once() -> None:
    collection = collected((1, 3, "11"), (3, 3, "33"), (1, 3, "11"))
    assert (collection.have, collection.total, collection.text) == (2, 3, None)


def test_a_part_of_another_card_begins_anew() -> None:
    assert collected((1, 2, "11"), (1, 2, "99")).have == 1
    assert collected((1, 2, "11"), (2, 3, "22")).have == 1


def test_an_old_collection_is_forgotten() -> None:
    assert collected((1, 2, "11"), (2, 2, "22"), apart_s=FORGOTTEN_AFTER_S + 1).have == 1


def test_parts_of_another_format_begin_anew() -> None:
    first = collect(None, Part("shc:/", 1, 2, "11"), 0.0)
    assert collect(first, Part("xyz:/", 2, 2, "22"), 1.0).have == 1
