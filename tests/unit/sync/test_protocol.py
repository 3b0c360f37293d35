import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.domain.errors import ProtocolError
from sync.protocol import decode_bytes, encode_bytes, is_device_id, is_request_nonce


@given(st.binary(min_size=1, max_size=40))
def test_bytes_cross_the_wire_in_one_spelling(value: bytes) -> None:
    assert decode_bytes(encode_bytes(value), len(value)) == value


@pytest.mark.parametrize("text", ["", "AA", "AAA=", "AB", "!!!", "é", "AAAA AAAA"])
def test_any_other_spelling_is_refused(text: str) -> None:
    with pytest.raises(ProtocolError):
        decode_bytes(text, 3)


def test_ids_and_nonces_have_no_room_for_anything_else() -> None:
    assert is_device_id("d-0123456789abcdef")
    assert not is_device_id("d-0123456789abcdef\n")
    assert not is_device_id("d-0123456789ABCDEF")
    assert is_request_nonce("0123456789abcdef")
    assert not is_request_nonce("0123456789abcdef\r\nX: y")
