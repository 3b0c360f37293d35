"""RFC 8785 as far as signed passes need it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.formats import strict_json
from scanner.formats.canonical_json import canonical
from scanner.formats.checks import UnreadableError

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-strict_json.MAX_INTEGER, strict_json.MAX_INTEGER)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


def test_members_sort_as_the_standards_example_does() -> None:
    # RFC 8785 section 3.2.3: by UTF-16 code units, so that the emoji comes before U+FB33
    text = r"""{"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With
        Dagesh", "1": "One", "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis"}""".replace("\n        ", " ")
    value = strict_json.read(text)
    expected = ["\r", "1", "\x80", "ö", "€", "😀", "\ufb33"]
    assert list(json.loads(canonical(value))) == expected


def test_strings_are_written_as_the_standards_example_has_them() -> None:
    # RFC 8785 section 3.2.2
    text = r"""{"string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true,
        false]}"""
    expected = '{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'.encode()
    assert canonical(strict_json.read(text)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("\b\t\n\f\r", rb'"\b\t\n\f\r"'),
        ("\0\x1f\x7f", b'"\\u0000\\u001f\x7f"'),
        ("\u2028</\u00e9", '"\u2028</é"'.encode()),
        ({"b": {"d": 1, "c": []}, "a": {}}, b'{"a":{},"b":{"c":[],"d":1}}'),
        ([[2, 1], None, True], b"[[2,1],null,true]"),
        (2**53 - 1, b"9007199254740991"),
        (1 - 2**53, b"-9007199254740991"),
        (strict_json.read("-0"), b"0"),
        ({"": 1}, b'{"":1}'),
    ],
)
def test_canonical_forms(value: object, expected: bytes) -> None:
    assert canonical(value) == expected


@given(values)
def test_every_spelling_of_a_value_has_one_canonical_form(value: object) -> None:
    once = canonical(value)
    assert strict_json.read(once) == value
    assert canonical(strict_json.read(once)) == once
    assert canonical(strict_json.read(json.dumps(value, indent=2))) == once


@pytest.mark.parametrize(
    "value",
    [1.0, 1e3, float("nan"), 2**53, -(2**53), "\ud800", {"\udfff": 1}, {1: 2}, (1,), b"1", {1}],
)
def test_what_has_no_canonical_form_here_is_refused(value: Any) -> None:
    for inside in (value, [value], {"a": value}):
        with pytest.raises(UnreadableError):
            canonical(inside)
