"""What a publisher makes of codes to revoke."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scanner.domain.errors import TrustError
from scanner.publishing import revocation
from scanner.publishing.revocation import (
    Published,
    change,
    code_hashes,
    compact,
    pass_hashes,
    publish_list,
    published,
)
from scanner.trust.revocation.hashes import RevokedHash
from scanner.trust.revocation.index import FILTER_NAME, LIST_NAME, delta_name
from tests.revocation_builders import a_list


def some(*hashes: int) -> list[RevokedHash]:
    return [RevokedHash(one) for one in hashes]


def test_a_code_that_is_named_twice_is_revoked_once(tmp_path: Path) -> None:
    assert publish_list(tmp_path, some(3, 1, 3)) == Published((LIST_NAME,), 2, 0)
    assert (tmp_path / LIST_NAME).stat().st_size == 64 + 2 * 8


def test_the_same_codes_make_the_same_bytes_in_whatever_order(tmp_path: Path) -> None:
    for name, hashes in (("1", (5, 9, 7)), ("2", (9, 7, 5))):
        publish_list(tmp_path / name, some(*hashes))
    one, other = ((tmp_path / name / LIST_NAME).read_bytes() for name in "12")
    assert one == other


def test_a_list_is_not_overwritten_by_a_first_list(tmp_path: Path) -> None:
    a_list(tmp_path, [1])
    with pytest.raises(TrustError, match="holds a list already"):
        publish_list(tmp_path, some(2))
    assert published(tmp_path).revoked == 1


def test_a_long_list_gets_a_filter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revocation, "FILTER_ABOVE", 100)
    assert publish_list(tmp_path / "100", some(*range(100))).files == (LIST_NAME,)
    long = publish_list(tmp_path / "101", some(*range(101)))
    assert long == Published((LIST_NAME, FILTER_NAME), 101, 0)
    change(tmp_path / "101", some(500), some(7))
    assert compact(tmp_path / "101", tmp_path / "next") == long


def test_no_delta_is_made_when_nothing_changes(tmp_path: Path) -> None:
    a_list(tmp_path, [1, 2])
    assert change(tmp_path, some(1), some(9)).files == (LIST_NAME,)
    made = change(tmp_path, some(1, 3), some(2, 9))
    assert made == Published((LIST_NAME, delta_name(1)), 2, 2)
    assert (tmp_path / delta_name(1)).stat().st_size == 64 + 2 * 8


def test_a_code_is_not_revoked_and_given_back_at_once(tmp_path: Path) -> None:
    with pytest.raises(TrustError, match="at once"):
        change(a_list(tmp_path), some(1), some(1))


def test_compacting_leaves_the_old_files_and_makes_one_list(tmp_path: Path) -> None:
    old, new = a_list(tmp_path / "old", [1, 2, 3]), tmp_path / "new"
    change(old, some(10), some(2))
    change(old, some(2), some(3))
    assert compact(old, new) == Published((LIST_NAME,), 3, 0)
    assert published(old).changes == 3
    with pytest.raises(TrustError, match="holds a list already"):
        compact(old, new)


def test_a_damaged_list_is_not_compacted(tmp_path: Path) -> None:
    path = a_list(tmp_path / "old", range(1000)) / LIST_NAME
    data = bytearray(path.read_bytes())
    data[64 + 8 * 501] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(TrustError, match="hash"):
        compact(tmp_path / "old", tmp_path / "new")
    assert not (tmp_path / "new" / LIST_NAME).exists()


def test_too_many_changes_are_to_be_compacted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revocation, "COMPACT_ABOVE", 3)
    monkeypatch.setattr(revocation, "MAX_CHANGES", 30)
    folder = a_list(tmp_path)
    assert not change(folder, some(1, 2, 3)).wants_compacting
    assert change(folder, some(4)).wants_compacting
    with pytest.raises(TrustError, match="Compact them"):
        change(folder, some(*range(100, 130)))
    assert published(folder).revoked == 4


def test_an_interrupted_publication_leaves_no_list(tmp_path: Path) -> None:
    def interrupted() -> Iterator[RevokedHash]:
        yield RevokedHash(1)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish_list(tmp_path, interrupted())
    assert [*tmp_path.iterdir()] == []
    assert publish_list(tmp_path, some(1)).revoked == 1


def test_progress_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revocation, "_TELL_EVERY", 10)
    monkeypatch.setattr(revocation, "FILTER_ABOVE", 10)
    told: list[tuple[int, int]] = []
    publish_list(tmp_path, some(*range(25)), lambda done, total: told.append((done, total)))
    assert told[:2] == [(10, 0), (20, 0)]
    assert told[-1] == (25, 25)


@pytest.mark.parametrize("code_id", [b"", bytes(256)])
def test_an_id_that_no_code_has_cannot_be_revoked(code_id: bytes) -> None:
    with pytest.raises(ValueError, match="1 to 255 bytes"):
        list(code_hashes("33", [code_id]))


def test_a_digest_of_another_length_cannot_be_revoked() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        list(pass_hashes("33", [bytes(20)]))
