"""What a gate answers from an issuer's files, and which files it does not take together."""

import gc
import tempfile
from datetime import timedelta
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from scanner.domain.errors import TrustError
from scanner.publishing.fuse import build_fuse
from scanner.publishing.revocation import (
    change,
    code_hashes,
    compact,
    pass_hashes,
    publish_list,
    published,
    write_filter,
)
from scanner.trust.keys import NO_REVOCATIONS, Revoked
from scanner.trust.revocation.deltas import MAX_CHANGES
from scanner.trust.revocation.exact import ExactList
from scanner.trust.revocation.hashes import HASH_BYTES, RevokedHash, code_hash
from scanner.trust.revocation.index import (
    FILTER_NAME,
    LIST_NAME,
    IssuerFiles,
    RevocationIndex,
    delta_name,
    load_issuer,
    load_revocation,
    verify_revocation,
)
from tests.builders import NOW
from tests.revocation_builders import a_list, files_in, index_of

IDENTITY = bytes(32)
CODES = [f"code-{number}".encode() for number in range(300)]
few = st.frozensets(st.integers(0, 40).map(RevokedHash), max_size=12)


def a_filter_of(folder: Path) -> None:
    exact = ExactList(folder / LIST_NAME)
    hashes = np.array(exact.hashes, np.uint64)
    write_filter(folder / FILTER_NAME, hashes, exact.list_id)


def test_more_changes_than_there_is_memory_for_are_counted_before_they_are_read(
    tmp_path: Path,
) -> None:
    folder = a_list(tmp_path, [7])
    for sequence in range(1, 4):
        (folder / delta_name(sequence)).write_bytes(bytes(MAX_CHANGES * HASH_BYTES // 2))
    with pytest.raises(TrustError, match="changes in all"):
        load_issuer(files_in(folder).files)


def answers(index: RevocationIndex, *code_ids: bytes) -> list[Revoked]:
    return [index.check("33", code_id, IDENTITY) for code_id in code_ids]


def test_a_code_on_its_issuers_list_is_revoked_and_no_other(tmp_path: Path) -> None:
    publish_list(tmp_path, code_hashes("33", CODES[:100]))
    index = index_of(tmp_path)
    assert set(answers(index, *CODES[:100])) == {Revoked.YES}
    assert set(answers(index, *CODES[100:])) == {Revoked.NO}


def test_one_issuers_list_says_nothing_about_anothers_codes(tmp_path: Path) -> None:
    publish_list(tmp_path / "33", code_hashes("33", CODES[:1]))
    publish_list(tmp_path / "44", code_hashes("33", CODES[:1]))
    index = load_revocation({who: files_in(tmp_path / who) for who in ("33", "44")})
    assert len(index) == 2
    assert index.check("33", CODES[0], IDENTITY) is Revoked.YES
    assert index.check("44", CODES[0], IDENTITY) is Revoked.NO
    assert index.check("65", CODES[0], IDENTITY) is Revoked.NO_LIST
    assert NO_REVOCATIONS.check("33", CODES[0], IDENTITY) is Revoked.NO_LIST


def test_a_code_without_an_id_is_revoked_by_its_identity(tmp_path: Path) -> None:
    publish_list(tmp_path, pass_hashes("33", [IDENTITY]))
    index = index_of(tmp_path)
    assert index.check("33", None, IDENTITY) is Revoked.YES
    assert index.check("33", None, bytes([1] * 32)) is Revoked.NO
    assert index.check("33", b"an id", IDENTITY) is Revoked.NO


def test_a_filter_alone_says_probably_and_with_its_list_it_is_sure(tmp_path: Path) -> None:
    folder = a_list(tmp_path, code_hashes("33", CODES[:100]))
    a_filter_of(folder)
    index = index_of(folder)
    assert set(answers(index, *CODES[:100])) == {Revoked.YES}
    assert set(answers(index, *CODES[100:])) == {Revoked.NO}
    (folder / LIST_NAME).unlink()
    index = index_of(folder)
    assert set(answers(index, *CODES[:100])) == {Revoked.PROBABLY}
    assert answers(index, *CODES[100:]).count(Revoked.PROBABLY) <= 1


def test_changes_are_sure_also_where_only_a_filter_is(tmp_path: Path) -> None:
    folder = a_list(tmp_path, code_hashes("33", CODES[:10]))
    a_filter_of(folder)
    change(folder, code_hashes("33", CODES[10:11]), code_hashes("33", CODES[:1]))
    (folder / LIST_NAME).unlink()
    kept, given_back, new = CODES[1], CODES[0], CODES[10]
    assert answers(index_of(folder), kept, given_back, new) == [
        Revoked.PROBABLY, Revoked.NO, Revoked.YES,
    ]  # fmt: skip


def test_a_code_can_be_given_back_and_revoked_again(tmp_path: Path) -> None:
    code = code_hash("33", CODES[0])
    folder = a_list(tmp_path)
    for revoke, restore, expected in (
        ([code], [], Revoked.YES),
        ([], [code], Revoked.NO),
        ([code], [], Revoked.YES),
    ):
        change(folder, revoke, restore)
        assert answers(index_of(folder), CODES[0]) == [expected]
    assert published(folder).files == (LIST_NAME, *map(delta_name, (1, 2, 3)))


def test_an_update_is_another_index_and_the_old_one_goes_on_until_it_is_let_go(
    tmp_path: Path,
) -> None:
    folder = a_list(tmp_path / "old", code_hashes("33", CODES[:1]))
    old = index_of(folder)
    change(folder, code_hashes("33", CODES[1:2]))
    compact(folder, tmp_path / "new")
    (tmp_path / "new" / LIST_NAME).replace(folder / LIST_NAME)
    (folder / delta_name(1)).unlink()
    new = index_of(folder)
    assert answers(old, CODES[0], CODES[1]) == [Revoked.YES, Revoked.NO]
    assert answers(new, CODES[0], CODES[1]) == [Revoked.YES, Revoked.YES]
    assert len(_maps(folder)) == 2
    del old
    gc.collect()
    assert len(_maps(folder)) == 1


def _maps(folder: Path) -> list[str]:
    lines = Path("/proc/self/maps").read_text().splitlines()
    return [line for line in lines if str(folder) in line]


def test_the_age_is_each_issuers_own_and_never_negative(tmp_path: Path) -> None:
    files = files_in(a_list(tmp_path))
    index = load_revocation({"33": files, "44": IssuerFiles(files.files, NOW)})
    assert index.age("33", NOW) == timedelta(hours=1)
    assert index.age("44", NOW + timedelta(days=2)) == timedelta(days=2)
    assert index.age("44", NOW - timedelta(days=1)) == timedelta()
    assert index.age("65", NOW) is None


def test_a_delta_of_another_list_is_refused(tmp_path: Path) -> None:
    one, other = a_list(tmp_path / "1", [1]), a_list(tmp_path / "2", [2])
    change(other, [RevokedHash(3)])
    (other / delta_name(1)).rename(one / delta_name(1))
    with pytest.raises(TrustError, match="belongs to another list"):
        index_of(one)


def test_a_filter_of_another_list_is_refused(tmp_path: Path) -> None:
    one, other = a_list(tmp_path / "1", [1]), a_list(tmp_path / "2", [2])
    a_filter_of(other)
    (other / FILTER_NAME).rename(one / FILTER_NAME)
    with pytest.raises(TrustError, match="was not made of"):
        index_of(one)


def test_a_gap_in_the_order_of_deltas_is_refused(tmp_path: Path) -> None:
    folder = a_list(tmp_path)
    for one in (1, 2, 3):
        change(folder, [RevokedHash(one)])
    (folder / delta_name(2)).unlink()
    with pytest.raises(TrustError, match="delta 3 where delta 2 should follow"):
        index_of(folder)


def test_a_delta_under_anothers_name_is_refused(tmp_path: Path) -> None:
    folder = a_list(tmp_path)
    change(folder, [RevokedHash(1)])
    (folder / delta_name(1)).rename(folder / delta_name(2))
    with pytest.raises(TrustError, match="under another's name"):
        index_of(folder)


def test_a_file_that_has_no_business_there_is_refused(tmp_path: Path) -> None:
    folder = a_list(tmp_path)
    (folder / "names.bin").write_bytes(b"Zhang San")
    with pytest.raises(TrustError, match=r"no revocation file is called names\.bin"):
        index_of(folder)


def test_deltas_without_list_or_filter_are_refused(tmp_path: Path) -> None:
    folder = a_list(tmp_path)
    change(folder, [RevokedHash(1)])
    (folder / LIST_NAME).unlink()
    with pytest.raises(TrustError, match="Neither"):
        index_of(folder)


def test_verifying_looks_at_every_hash(tmp_path: Path) -> None:
    folder = a_list(tmp_path, range(1000))
    files = {"33": files_in(folder)}
    assert len(verify_revocation(files)) == 1
    data = bytearray((folder / LIST_NAME).read_bytes())
    data[64 + 8 * 501] ^= 0xFF
    (folder / LIST_NAME).write_bytes(bytes(data))
    load_revocation(files)
    with pytest.raises(TrustError, match="not sorted"):
        verify_revocation(files)


@given(st.sets(st.integers(0, 2**64 - 1), max_size=60), st.integers(0, 2**64 - 1))
def test_a_filter_never_misses_whatever_it_is_made_of(
    tmp_path_factory: pytest.TempPathFactory, hashes: set[int], other: int
) -> None:
    folder = tmp_path_factory.mktemp("filter")
    write_filter(folder / FILTER_NAME, np.array([*hashes], np.uint64), bytes(32))
    own = load_issuer({FILTER_NAME: folder / FILTER_NAME})
    assert own.filter is not None
    assert len(own.filter) == len(hashes)
    for one in hashes:
        assert own.check(RevokedHash(one)) is Revoked.PROBABLY
    assert own.check(RevokedHash(other)) in (Revoked.NO, Revoked.PROBABLY)


def test_a_filter_is_wrong_about_once_in_65536_times(tmp_path: Path) -> None:
    rng = Random("filter")
    hashes = np.array(sorted({rng.getrandbits(64) for _ in range(5000)}), np.uint64)
    write_filter(tmp_path / FILTER_NAME, hashes, bytes(32))
    own = load_issuer({FILTER_NAME: tmp_path / FILTER_NAME})
    assert own.filter is not None
    assert all(RevokedHash(int(one)) in own.filter for one in hashes)
    wrong = sum(RevokedHash(rng.getrandbits(64)) in own.filter for _ in range(100_000))
    assert wrong <= 12  # 1.5 are expected; more than 12 come once in 10^8 runs


def test_a_filter_takes_two_and_a_quarter_bytes_for_each_of_many_hashes() -> None:
    shape, cells = build_fuse(np.arange(300_000, dtype=np.uint64))
    assert len(cells) == shape.cells
    assert 2 * len(cells) / 300_000 < 2.5


class ListModel(RuleBasedStateMachine):
    """A folder beside a Python set: publish, revoke, restore, compact, with or without a filter."""

    def __init__(self) -> None:
        super().__init__()
        self.scratch = tempfile.TemporaryDirectory(prefix="revocation-")
        self.root = Path(self.scratch.name)
        self.folder: Path | None = None
        self.revoked: set[RevokedHash] = set()
        self.generation = 0

    def teardown(self) -> None:
        self.scratch.cleanup()

    @initialize(hashes=few)
    def publish(self, hashes: frozenset[RevokedHash]) -> None:
        self.folder = self.root / "0"
        publish_list(self.folder, hashes)
        self.revoked = set(hashes)

    @rule(revoke=few, restore=few)
    def change(self, revoke: frozenset[RevokedHash], restore: frozenset[RevokedHash]) -> None:
        assert self.folder
        change(self.folder, revoke - restore, restore)
        self.revoked = (self.revoked | revoke) - restore

    @rule()
    def compact(self) -> None:
        self.generation += 1
        target = self.root / str(self.generation)
        assert self.folder
        compact(self.folder, target)
        self.folder = target

    @rule()
    def add_filter(self) -> None:
        assert self.folder
        a_filter_of(self.folder)

    @invariant()
    def agrees(self) -> None:
        if self.folder is None:
            return
        own = load_issuer({path.name: path for path in self.folder.glob("*.bin")})
        every = map(RevokedHash, range(41))
        found = {one for one in every if own.check(one) is Revoked.YES}
        assert found == self.revoked
        assert published(self.folder).revoked == len(self.revoked)


TestListModel = ListModel.TestCase
TestListModel.settings = settings(max_examples=15, stateful_step_count=10, deadline=None)
