"""JSON of one meaning: whatever two readers could understand differently is refused."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.formats.checks import Check, UnreadableError
from scanner.formats.strict_json import MAX_BYTES, MAX_DEPTH, MAX_INTEGER, read

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(values, st.booleans())
def test_ordinary_json_comes_out_as_it_is(value: object, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    assert read(text) == value
    assert read(text.encode()) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"a": 1,}',
        "{'a': 1}",
        '{"a": 1} {"b": 2}',
        "// none\n1",
        '"a\nb"',
        "01",
        "+1",
        "\ufeff{}",
        '{"a": 1, "a": 1}',
        '{"a": 1, "\\u0061": 2}',
        '[{"deep": {"a": 1, "b": 2, "a": 3}}]',
        "NaN",
        "[Infinity]",
        "-Infinity",
        "1e999",
        "-1e999",
        str(MAX_INTEGER + 1),
        str(-MAX_INTEGER - 1),
        "9" * 5000,
        '"\\ud800"',
        '"\\udc00\\ud800"',
        '{"\\ud83d": 1}',
        '[["\\udfff"]]',
        "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
        '{"a":' * (MAX_DEPTH + 1) + "1" + "}" * (MAX_DEPTH + 1),
        "[" * 30_000,
        "[" * 30_000 + "]" * 30_000,
        '{"a":' * 10_000,
        '"' + "x" * MAX_BYTES + '"',
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    for data in (text, text.encode()):
        with pytest.raises(UnreadableError) as refused:
            read(data)
        assert refused.value.check is Check.ENVELOPE


@pytest.mark.parametrize(
    "data", [b"\xff\xfe[\x001\x00]\x00", b'"\xff"', b'"\xed\xa0\x80"', b'"\xc0\xaf"']
)
def test_bytes_that_are_no_utf8_are_refused(data: bytes) -> None:
    with pytest.raises(UnreadableError):
        read(data)


def test_a_lone_surrogate_in_a_text_is_refused_as_one_in_an_escape() -> None:
    with pytest.raises(UnreadableError):
        read('"\ud800"')
    assert read('"\\ud83d\\ude00"') == "\U0001f600"


def test_the_limits_themselves_are_allowed() -> None:
    assert read(str(MAX_INTEGER)) == MAX_INTEGER
    assert read(str(-MAX_INTEGER)) == -MAX_INTEGER
    assert len(str(read('"' + "x" * (MAX_BYTES - 2) + '"'))) == MAX_BYTES - 2
    read("[" * MAX_DEPTH + "]" * MAX_DEPTH)


def test_a_caller_may_ask_for_less_depth() -> None:
    assert read("[[1]]", max_depth=2) == [[1]]
    with pytest.raises(UnreadableError, match="deep"):
        read("[[1]]", max_depth=1)


@pytest.mark.parametrize(
    "text", ['{"SECRET": 1, "SECRET": 2}', '["SECRET', '{"a": "SECRET\\ud800"}']
)
def test_no_error_repeats_what_the_text_says(text: str) -> None:
    with pytest.raises(UnreadableError) as refused:
        read(text)
    assert "SECRET" not in refused.value.detail


@given(st.text() | st.binary())
def test_nothing_else_escapes(data: str | bytes) -> None:
    with suppress(UnreadableError):
        read(data)
