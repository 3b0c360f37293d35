"""What a roster keeps of a PIN."""

import pytest

from scanner.guards.pins import fits, is_bearable, seal_pin

SEALED = seal_pin("4711")


def test_the_right_pin_fits_and_no_other() -> None:
    assert fits("4711", SEALED)
    assert not fits("4712", SEALED)
    assert not fits("", SEALED)


def test_nobodys_pin_fits_a_number_without_one() -> None:
    assert not fits("4711", None)
    assert not fits("", None)


def test_one_pin_is_sealed_in_another_way_each_time() -> None:
    assert seal_pin("4711") != SEALED
    assert "4711" not in SEALED


def test_what_is_sealed_here_can_be_borne_here() -> None:
    assert SEALED.startswith("$argon2id$v=19$m=7168,t=5,p=1$")
    assert is_bearable(SEALED)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("m=7168", "m=999999"),
        ("m=7168", "m=1"),
        ("t=5", "t=99"),
        ("t=5", "t=0"),
        ("p=1", "p=9"),
        ("p=1", "p=0"),
        ("argon2id", "argon2i"),
        ("v=19", "v=16"),
        ("$argon2id", " $argon2id"),
    ],
)
def test_a_string_that_would_cost_the_gate_its_memory_is_refused(old: str, new: str) -> None:
    assert not is_bearable(SEALED.replace(old, new))


@pytest.mark.parametrize(
    "text",
    ["", "4711", SEALED + "\n", SEALED + "A" * 200],
    ids=["nothing", "a PIN", "a line's end", "too long"],
)
def test_anything_else_is_no_sealed_pin(text: str) -> None:
    assert not is_bearable(text)
