import stat
from datetime import date
from pathlib import Path

import pytest

from scanner.domain.errors import LedgerError
from scanner.domain.id_documents import DocumentNumber
from scanner.domain.passes import IdKind
from scanner.ledger.pseudonym import DailyKey, number_identity

TODAY = date(2026, 11, 23)
TOMORROW = date(2026, 11, 24)
CODE = bytes(32)


def test_a_code_has_one_pseudonym_all_day_even_over_a_restart(tmp_path: Path) -> None:
    first, second = DailyKey.load(tmp_path, TODAY), DailyKey.load(tmp_path, TODAY)
    assert first.pseudonym(CODE) == second.pseudonym(CODE)
    assert first.name == second.name
    assert len(first.pseudonym(CODE)) == 16


def test_two_codes_have_two_pseudonyms(tmp_path: Path) -> None:
    key = DailyKey.load(tmp_path, TODAY)
    assert key.pseudonym(CODE) != key.pseudonym(bytes([1]) * 32)


def test_tomorrow_has_another_key_and_todays_is_gone(tmp_path: Path) -> None:
    today = DailyKey.load(tmp_path, TODAY)
    tomorrow = DailyKey.load(tmp_path, TOMORROW)
    assert today.pseudonym(CODE) != tomorrow.pseudonym(CODE)
    assert today.name != tomorrow.name
    assert [path.name for path in tmp_path.iterdir()] == ["daily-key-2026-11-24"]


def test_the_old_key_is_overwritten_before_its_name_goes(tmp_path: Path) -> None:
    DailyKey.load(tmp_path, TODAY)
    second_name = tmp_path / "still-linked"
    second_name.hardlink_to(tmp_path / "daily-key-2026-11-23")
    DailyKey.load(tmp_path, TOMORROW)
    assert second_name.read_bytes().strip(b"\0") == b""


def test_a_lost_key_is_replaced_and_the_entries_can_say_so(tmp_path: Path) -> None:
    before = DailyKey.load(tmp_path, TODAY)
    (tmp_path / "daily-key-2026-11-23").unlink()
    assert DailyKey.load(tmp_path, TODAY).name != before.name


def test_half_a_key_is_no_key(tmp_path: Path) -> None:
    (tmp_path / "daily-key-2026-11-23").write_bytes(b"short")
    assert DailyKey.load(tmp_path, TODAY).name == DailyKey.load(tmp_path, TODAY).name


def test_only_the_owner_may_read_the_key_and_its_name_tells_nothing(tmp_path: Path) -> None:
    key = DailyKey.load(tmp_path, TODAY)
    path = tmp_path / "daily-key-2026-11-23"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    secret = path.read_bytes()[:32]
    assert secret.hex() not in repr(key)
    assert bytes.fromhex(key.name) not in secret


def test_without_a_runtime_folder_the_gate_says_so(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="runtime folder"):
        DailyKey.load(tmp_path / "absent", TODAY)


def test_a_key_that_was_never_finished_goes_with_the_old_ones(tmp_path: Path) -> None:
    left = tmp_path / ".daily-key-2026-11-23.abcdef"
    left.write_bytes(bytes(38))
    DailyKey.load(tmp_path, TODAY)
    assert not left.exists()


def test_a_forgotten_key_makes_no_pseudonym_of_before(tmp_path: Path) -> None:
    key = DailyKey.load(tmp_path, TODAY)
    before = key.pseudonym(CODE)
    key.forget()
    assert key.pseudonym(CODE) != before


def test_a_typed_number_is_one_person_today_and_another_one_on_another_document(
    tmp_path: Path,
) -> None:
    key = DailyKey.load(tmp_path, TODAY)
    number = DocumentNumber(IdKind.PASSPORT, "E12345678")
    others = (
        DocumentNumber(IdKind.HONG_KONG_MACAU_PERMIT, "E12345678"),
        DocumentNumber(None, "E12345678"),
        DocumentNumber(IdKind.PASSPORT, "E12345679"),
    )
    pseudonym = key.pseudonym(number_identity(number))
    assert pseudonym == key.pseudonym(number_identity(number))
    assert pseudonym not in {key.pseudonym(number_identity(other)) for other in others}
    assert all(len(number_identity(each)) > len(CODE) for each in (number, *others))
