"""Whatever is wrong with hostile bytes, one exception comes out."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.domain.decoding import UndecodableError, decode
from scanner.domain.entries import Entry
from scanner.domain.errors import ProtocolError
from scanner.gate.messages import decode_command, decode_event

ENTRY = msgspec.json.Decoder(Entry)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"[]",
        b'{"v":1}',
        b'"\xff"',
        b'{"\xff":1}',
        b"[" * 100_000,
        b'{"seq":' + b"9" * 5000 + b"}",
    ],
)
def test_a_line_that_is_no_entry_is_undecodable(line: bytes) -> None:
    with pytest.raises(UndecodableError):
        decode(ENTRY, line)


@pytest.mark.parametrize(
    "body", [b"", b"\xc1", b"\x81\xa4type\xa7dismiss", b"\x81\xa1\xff\x01", b"\x91" * 100_000]
)
def test_a_message_that_is_none_is_a_protocol_error(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode_command(body)
    with pytest.raises(ProtocolError):
        decode_event(body)


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    with pytest.raises((UndecodableError, ProtocolError)):
        decode_command(b"\x81" + data)
    try:
        decode(ENTRY, data)
    except UndecodableError:
        return


@pytest.mark.parametrize("field", ["type", "person", "number", "dependants"])
def test_what_is_wrong_about_a_command_is_told_without_what_a_guard_typed(field: str) -> None:
    body = {"type": "walk_in", "command": 1, "person": "elder", field: "11010519491231002X"}
    with pytest.raises(ProtocolError, match="Not a command of protocol") as caught:
        decode_command(msgspec.msgpack.encode(body))
    assert "11010519491231002X" not in str(caught.value)
    assert caught.value.__cause__ is None
