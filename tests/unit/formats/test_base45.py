"""RFC 9285 section 4 and what it forbids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.formats import base45
from scanner.formats.checks import UnreadableError

EXAMPLES = [
    (b"AB", "BB8"),
    (b"Hello!!", "%69 VD92EX0"),
    (b"base-45", "UJCLQE7W581"),
    (b"ietf!", "QED8WEX0"),
    (b"", ""),
    (b"\xff\xff", "FGW"),
    (b"\xff", "U5"),
]


@pytest.mark.parametrize(("data", "text"), EXAMPLES)
def test_examples_of_the_standard(data: bytes, text: str) -> None:
    assert base45.encode(data) == text
    assert base45.decode(text) == data


@given(st.binary(max_size=400))
def test_what_is_encoded_decodes_to_the_same(data: bytes) -> None:
    assert base45.decode(base45.encode(data)) == data


@given(st.text(alphabet=base45.ALPHABET, max_size=40))
def test_no_two_texts_stand_for_the_same_bytes(text: str) -> None:
    try:
        data = base45.decode(text)
    except UnreadableError:
        return
    assert base45.encode(data) == text


@pytest.mark.parametrize(
    "text",
    [
        "GGW",
        ":::",
        "FGX",
        "U6",
        "::",
        "0",
        "BB80",
        "BB8\n",
        "bb8",
        "BB8é",
        "BB８",
        "\ud800BB",
        "\0BB",
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError):
        base45.decode(text)
