"""Decompression: one whole stream within its limit, and nothing else."""

import zlib
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.formats.checks import Check, UnreadableError
from scanner.formats.inflate import inflate

LIMIT = 1000


def deflated(data: bytes, *, raw: bool) -> bytes:
    packer = zlib.compressobj(wbits=-15 if raw else 15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize("raw", [True, False])
@pytest.mark.parametrize("size", [0, 1, LIMIT - 1, LIMIT])
def test_what_was_deflated_comes_back(size: int, raw: bool) -> None:
    data = b"x" * size
    assert inflate(deflated(data, raw=raw), LIMIT, raw=raw) == data


@pytest.mark.parametrize("raw", [True, False])
@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda data: data[:-1], "cut off"),
        (lambda data: data + b"\0", "trailing"),
        (lambda data: data + data, "trailing"),
        (lambda data: data[:0], "cut off"),
        (lambda data: b"\xff" * len(data), "not a"),
    ],
    ids=["cut off", "one byte more", "twice", "empty", "noise"],
)
def test_anything_but_one_whole_stream_is_refused(
    damage: Callable[[bytes], bytes], says: str, raw: bool
) -> None:
    with pytest.raises(UnreadableError, match=says) as refused:
        inflate(damage(deflated(b"abc" * 50, raw=raw)), LIMIT, raw=raw)
    assert refused.value.check is Check.COMPRESSION


@pytest.mark.parametrize("raw", [True, False])
@pytest.mark.parametrize("size", [LIMIT + 1, LIMIT + 2, 50_000_000])
def test_a_bomb_is_stopped_at_the_limit(size: int, raw: bool) -> None:
    with pytest.raises(UnreadableError, match="too large"):
        inflate(deflated(bytes(size), raw=raw), LIMIT, raw=raw)


def test_the_wrapper_is_not_guessed() -> None:
    for raw in (True, False):
        with pytest.raises(UnreadableError):
            inflate(deflated(b"abc" * 50, raw=raw), LIMIT, raw=not raw)


@given(st.binary(max_size=200), st.booleans())
def test_no_bytes_escape(data: bytes, raw: bool) -> None:
    with suppress(UnreadableError):
        assert len(inflate(data, LIMIT, raw=raw)) <= LIMIT
