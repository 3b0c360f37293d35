"""What may not reach a decoder that builds things from tags."""

import cbor2
import pytest

from scanner.formats import cbor
from scanner.formats.checks import UnreadableError

DUPLICATE_KEYS = bytes.fromhex("a2 01 01 01 02")
INDEFINITE_MAP = bytes.fromhex("bf 01 01 ff")
TAGGED_DATE = bytes.fromhex("c1 1a 5fffffff")


def test_no_tag_but_dates_and_envelopes_is_followed() -> None:
    bodies = (b"\x00", b"\x41\x00", b"\x61a", b"\x82\x00\x01", b"\xa0")
    followed = {
        tag
        for tag in (*range(1100), 43000, 55799, 55800, 2**32, 2**63)
        for body in bodies
        if _is_read(cbor2.dumps(cbor2.CBORTag(tag, 0))[:-1] + body)
    }
    assert followed == {0, 1, 18, 61}


def _is_read(data: bytes) -> bool:
    try:
        cbor.read(data, strict=False)
    except UnreadableError:
        return False
    return True


def test_dates_come_as_they_were_written() -> None:
    assert cbor.read(bytes.fromhex("c1 1a 5fffffff"), strict=False) == 0x5FFFFFFF
    assert cbor.read(cbor2.dumps(cbor2.CBORTag(0, "2021-06-01")), strict=False) == "2021-06-01"


@pytest.mark.parametrize("body", ["80", "a0", "4100", "f6", "f4"])
def test_a_date_tag_on_something_else_is_refused(body: str) -> None:
    assert not _is_read(bytes.fromhex("c1" + body))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x01\x01",
        b"\xa0\x00",
        b"\xff",
        b"\x5b" + b"\xff" * 8,
        b"\x9b" + b"\xff" * 8,
        b"\xbb\x00\x00\x00\x00\xff\xff\xff\xff",
        b"\x61\xff",
        b"\x1c",
        b"\x81" * 40 + b"\x01",
        b"\x9f" * 40,
        b"\xd2" * 40 + b"\x80",
    ],
)
def test_broken_deep_or_endless_input_is_refused(data: bytes) -> None:
    assert not _is_read(data)


def test_duplicate_keys_indefinite_lengths_and_dates_are_refused_where_we_are_strict() -> None:
    for data in (DUPLICATE_KEYS, INDEFINITE_MAP, TAGGED_DATE):
        assert _is_read(data)
        with pytest.raises(UnreadableError):
            cbor.read(data, strict=True)
