"""Hostile and half-written revocation files, and that a good one has no room for anything else."""

import struct
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.domain.errors import TrustError
from scanner.trust.revocation.deltas import MAX_CHANGES, read_delta
from scanner.trust.revocation.exact import ExactList
from scanner.trust.revocation.fuse import FuseFilter
from scanner.trust.revocation.hashes import RevokedHash
from scanner.trust.revocation.layout import MAX_ENTRIES, FileKind

LIST_ID = bytes(range(32))
MANY = range(1000, 3000)


def header(
    kind: int,
    count: int,
    *,
    sequence: int = 0,
    removed: int = 0,
    list_id: bytes = LIST_ID,
    magic: bytes = b"CKREVOKE",
    version: int = 1,
    zeros: bytes = bytes(12),
) -> bytes:
    """By the document, and not by the code under test."""
    return (
        magic
        + bytes((version, kind))
        + struct.pack("<HII", sequence, count, removed)
        + list_id
        + zeros
    )


def numbers(hashes: Iterable[int]) -> bytes:
    return b"".join(struct.pack("<Q", one) for one in hashes)


def a_list(hashes: Iterable[int]) -> bytes:
    body = numbers(hashes)
    return header(1, len(body) // 8, list_id=sha256(body).digest()) + body


def a_delta(added: Iterable[int], removed: Iterable[int] = (), sequence: int = 1) -> bytes:
    new, gone = numbers(added), numbers(removed)
    return header(2, len(new) // 8, sequence=sequence, removed=len(gone) // 8) + new + gone


def a_filter(seed: int = 7, length: int = 4, segments: int = 1, cells: int = 12) -> bytes:
    return header(3, 0) + struct.pack("<QII", seed, length, segments) + bytes(2 * cells)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file.bin"


def test_a_list_written_by_the_document_is_read(path: Path) -> None:
    path.write_bytes(a_list([3, 5, 2**64 - 1]))
    exact = ExactList(path)
    exact.verify()
    assert len(exact) == 3
    assert [RevokedHash(at) in exact for at in (0, 3, 4, 5, 6, 2**64 - 1)] == [
        False, True, False, True, False, True,
    ]  # fmt: skip


def test_a_list_of_nobody_is_a_list(path: Path) -> None:
    path.write_bytes(a_list([]))
    exact = ExactList(path)
    exact.verify()
    assert len(exact) == 0
    assert RevokedHash(0) not in exact


def test_the_smallest_filter_and_delta_are_read(path: Path) -> None:
    path.write_bytes(a_filter())
    assert len(FuseFilter(path)) == 0
    path.write_bytes(a_delta([1, 2], [5], sequence=3))
    delta = read_delta(path)
    assert (delta.sequence, delta.list_id) == (3, LIST_ID)
    assert [delta.added, delta.removed] == [[1, 2], [5]]


HOSTILE_LISTS = {
    "empty": b"",
    "half a header": a_list([1])[:63],
    "another magic": b"CKREVOKF" + a_list([1])[8:],
    "another version": header(1, 0, version=2),
    "a delta": a_delta([1]),
    "a filter": a_filter(),
    "an unknown kind": header(9, 0),
    "a place in order": header(1, 0, sequence=1),
    "removals": header(1, 0, removed=1) + numbers([1]),
    "something in the reserved bytes": header(1, 0, zeros=b"Zhang San   "),
    "truncated": a_list([1, 2, 3])[:-1],
    "one hash too few": header(1, 3) + numbers([1, 2]),
    "trailing bytes": a_list([1, 2, 3]) + b"Zhang San",
    "one hash too many": a_list([1, 2, 3]) + numbers([4]),
    "an absurd count": header(1, 2**32 - 1) + numbers([1]),
    "a count above the limit": header(1, MAX_ENTRIES + 1),
    "falling": a_list([3, 2, 1]),
    "the ends exchanged": a_list([*MANY, 5]),
}


@pytest.mark.parametrize("trick", HOSTILE_LISTS)
def test_a_file_that_is_no_list_is_refused_when_opened(path: Path, trick: str) -> None:
    path.write_bytes(HOSTILE_LISTS[trick])
    with pytest.raises(TrustError, match=r"file\.bin .*Fetch the revocation files again"):
        ExactList(path)


@pytest.mark.parametrize(
    "data",
    [
        a_list([*MANY[:1001], 2000, *MANY[1001:]]),
        a_list([*MANY[:1001], 1999, *MANY[1001:]]),
        header(1, 2) + numbers([1, 2]),
    ],
    ids=["a hash twice", "two exchanged", "the id of another list"],
)
def test_what_opening_does_not_see_verifying_does(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    exact = ExactList(path)
    with pytest.raises(TrustError, match="hash"):
        exact.verify()


HOSTILE_DELTAS = {
    "a list": a_list([1]),
    "place 0": a_delta([1], sequence=0),
    "place 10000": a_delta([1], sequence=10_000),
    "additions out of order": a_delta([2, 1]),
    "removals out of order": a_delta([], [2, 1]),
    "an addition twice": a_delta([1, 1]),
    "added and removed": a_delta([1, 2], [2]),
    "truncated": a_delta([1, 2])[:-8],
    "trailing bytes": a_delta([1, 2]) + b"\0",
    "too many": header(2, MAX_CHANGES, sequence=1, removed=1),
}


@pytest.mark.parametrize("trick", HOSTILE_DELTAS)
def test_a_file_that_is_no_delta_is_refused(path: Path, trick: str) -> None:
    path.write_bytes(HOSTILE_DELTAS[trick])
    with pytest.raises(TrustError, match=r"file\.bin"):
        read_delta(path)


HOSTILE_FILTERS = {
    "a list": a_list([1]),
    "no room for its shape": header(3, 0) + bytes(15),
    "segments of length 0": a_filter(length=0, cells=0),
    "segments of length 3": a_filter(length=3, cells=9),
    "segments that are too long": a_filter(length=1 << 19, cells=12),
    "no segment": a_filter(segments=0, cells=8),
    "an absurd number of segments": a_filter(segments=2**32 - 1),
    "truncated": a_filter(cells=11),
    "trailing bytes": a_filter() + b"\0\0",
    "more hashes than cells": header(3, 13) + struct.pack("<QII", 7, 4, 1) + bytes(24),
}


@pytest.mark.parametrize("trick", HOSTILE_FILTERS)
def test_a_file_that_is_no_filter_is_refused(path: Path, trick: str) -> None:
    path.write_bytes(HOSTILE_FILTERS[trick])
    with pytest.raises(TrustError, match=r"file\.bin"):
        FuseFilter(path)


@given(
    st.integers(0, 2**64 - 1),
    st.sampled_from([1, 2, 4, 1024]),
    st.integers(1, 5),
    st.lists(st.integers(0, 2**64 - 1), max_size=20),
)
def test_no_hash_leads_outside_a_filter_whatever_its_seed(
    tmp_path_factory: pytest.TempPathFactory,
    seed: int,
    length: int,
    segments: int,
    hashes: list[int],
) -> None:
    path = tmp_path_factory.getbasetemp() / "shape.bin"
    path.write_bytes(a_filter(seed, length, segments, (segments + 2) * length))
    fuse = FuseFilter(path)
    for one in (0, 2**64 - 1, *hashes):
        assert (RevokedHash(one) in fuse) in (True, False)


@pytest.mark.parametrize("read", [ExactList, FuseFilter, read_delta])
def test_a_file_that_is_missing_or_a_folder_is_refused_with_the_reason(
    tmp_path: Path, read: Callable[[Path], object]
) -> None:
    for path in (tmp_path / "none.bin", tmp_path):
        with pytest.raises(TrustError, match="cannot be read"):
            read(path)


def test_every_byte_of_a_file_has_a_meaning(path: Path) -> None:
    """No name has a place: what follows the header is hashes alone, and the header is numbers."""
    good = a_list([3, 5, 7])
    for at in (*range(16), *range(16, 20), *range(52, 64)):
        changed = bytearray(good)
        changed[at] ^= 0x55
        path.write_bytes(bytes(changed))
        with pytest.raises(TrustError):
            ExactList(path)
    for at in (*range(20, 52), *range(64, len(good))):
        changed = bytearray(good)
        changed[at] ^= 0x01
        path.write_bytes(bytes(changed))
        with pytest.raises(TrustError):
            ExactList(path).verify()


def test_the_kinds_have_the_numbers_of_the_document() -> None:
    assert {kind.name: kind.value for kind in FileKind} == {"LIST": 1, "DELTA": 2, "FILTER": 3}
