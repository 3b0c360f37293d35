import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.domain.decoding import UndecodableError
from scanner.domain.entries import decode_entry, encode_entry
from scanner.domain.reasons import Reason
from scanner.ledger import chain
from tests.ledger_builders import DEVICE_ID, an_entry

NONCE = bytes(range(16))
LINES = st.lists(st.binary(max_size=40), max_size=8)


def test_the_head_is_what_the_documentation_says() -> None:
    genesis = hashlib.sha256(b"gate-log/1\0" + DEVICE_ID.encode() + b"\0" + NONCE).digest()
    assert chain.genesis(DEVICE_ID, NONCE) == genesis
    leaf = hashlib.sha256(b"{}").digest()
    assert chain.extend(genesis, b"{}") == hashlib.sha256(genesis + leaf).digest()


def test_a_nonce_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        chain.genesis(DEVICE_ID, b"short")


def test_two_logs_of_one_device_begin_differently() -> None:
    assert chain.genesis(DEVICE_ID, bytes(16)) != chain.genesis(DEVICE_ID, NONCE)


@given(LINES)
def test_leaf_hashes_alone_lead_to_the_same_head(lines: list[bytes]) -> None:
    head = chain.genesis(DEVICE_ID, NONCE)
    by_leaf = head
    for line in lines:
        by_leaf = chain.extend_by_leaf(by_leaf, chain.leaf(line))
    assert chain.extend_all(head, lines) == by_leaf


@given(LINES, LINES)
def test_two_different_histories_never_share_a_head(one: list[bytes], other: list[bytes]) -> None:
    head = chain.genesis(DEVICE_ID, NONCE)
    assert (chain.extend_all(head, one) == chain.extend_all(head, other)) == (one == other)


@given(
    seq=st.integers(1, 10_000_000),
    reasons=st.lists(st.sampled_from(Reason), max_size=4).map(tuple),
    division=st.none() | st.text(max_size=6),
    temperature_c=st.none() | st.floats(30, 45),
)
def test_an_entry_reads_back_as_it_was_and_encodes_to_the_same_bytes(
    seq: int, reasons: tuple[Reason, ...], division: str | None, temperature_c: float | None
) -> None:
    entry = an_entry(seq, reasons=reasons, division=division, temperature_c=temperature_c)
    line = encode_entry(entry)
    assert decode_entry(line) == entry
    assert encode_entry(decode_entry(line)) == line
    assert b"\n" not in line


@given(st.binary(max_size=60))
def test_any_bytes_are_an_entry_or_refused_in_one_way(line: bytes) -> None:
    with pytest.raises(UndecodableError):
        decode_entry(line)


@pytest.mark.parametrize(
    "line",
    [
        encode_entry(an_entry(1)).replace(b"0242ac", b"\xff"),
        b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        encode_entry(an_entry(1)).replace(b'"scan"', b'"other"'),
        encode_entry(an_entry(1))[:-1],
    ],
    ids=["not UTF-8", "nested", "of an unknown type", "cut off"],
)
def test_a_hostile_line_is_refused_in_the_same_way(line: bytes) -> None:
    with pytest.raises(UndecodableError):
        decode_entry(line)
