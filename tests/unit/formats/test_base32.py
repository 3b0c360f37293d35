"""RFC 4648 section 6 without padding, and what it forbids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.formats import base32
from scanner.formats.checks import Check, UnreadableError

EXAMPLES = [
    (b"", ""),
    (b"f", "MY"),
    (b"fo", "MZXQ"),
    (b"foo", "MZXW6"),
    (b"foob", "MZXW6YQ"),
    (b"fooba", "MZXW6YTB"),
    (b"foobar", "MZXW6YTBOI"),
]


@pytest.mark.parametrize(("data", "text"), EXAMPLES)
def test_examples_of_the_standard(data: bytes, text: str) -> None:
    assert base32.encode(data) == text
    assert base32.decode(text) == data


@given(st.binary(max_size=400))
def test_what_is_encoded_decodes_to_the_same(data: bytes) -> None:
    assert base32.decode(base32.encode(data)) == data


@given(st.text(alphabet=base32.ALPHABET, max_size=40))
def test_no_two_texts_stand_for_the_same_bytes(text: str) -> None:
    try:
        data = base32.decode(text)
    except UnreadableError:
        return
    assert base32.encode(data) == text


@given(st.text(max_size=20).filter(lambda text: not set(text) <= set(base32.ALPHABET)))
def test_a_character_outside_the_alphabet_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError) as refusal:
        base32.decode(text)
    assert refusal.value.check is Check.ENCODING


@pytest.mark.parametrize(
    "text",
    [
        "M",
        "MZX",
        "MZXW6Y",
        "MZ",
        "MZXR",
        "my",
        "MY======",
        "MY=",
        "M Y",
        "MY\n",
        "M1",
        "M0",
        "M8",
        "MÝ",
        "ＭＹ",
        "\ud800Y",
        "M\0",
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError):
        base32.decode(text)
