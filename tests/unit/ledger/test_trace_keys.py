import stat
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.domain.trace import TraceKey
from scanner.ledger.trace_keys import FILE_NAME, TraceKeys, load_trace_keys, save_trace_keys

MONDAY = TraceKey(date(2026, 11, 23), b"m" * 32)
TUESDAY = TraceKey(date(2026, 11, 24), b"t" * 32)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def view(folder: Path) -> TraceKeys:
    keys = TraceKeys(folder / FILE_NAME)
    keys.refresh()
    return keys


def test_keys_come_back_as_they_were_kept_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    save_trace_keys(path, (MONDAY, TUESDAY))
    assert load_trace_keys(path) == (MONDAY, TUESDAY)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_the_keys_before_are_overwritten(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    save_trace_keys(path, (MONDAY,))
    with path.open("rb") as still_open:
        save_trace_keys(path, ())
        assert not still_open.read().strip(b"\0")
    assert not path.exists()


def test_one_person_has_one_trace_a_day_and_another_the_next_day(tmp_path: Path) -> None:
    save_trace_keys(tmp_path / FILE_NAME, (MONDAY, TUESDAY))
    keys = view(tmp_path)
    last, first = datetime(2026, 11, 23, 23, 59, 59, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC)
    assert keys.trace(b"somebody", NOON) == keys.trace(b"somebody", last)
    assert keys.trace(b"somebody", NOON) != keys.trace(b"somebody", first)
    assert keys.trace(b"somebody", NOON) != keys.trace(b"somebody else", NOON)


def test_without_the_key_of_the_day_there_is_no_trace(tmp_path: Path) -> None:
    assert view(tmp_path).trace(b"somebody", NOON) is None
    save_trace_keys(tmp_path / FILE_NAME, (TUESDAY,))
    assert view(tmp_path).trace(b"somebody", NOON) is None
    assert view(tmp_path).trace(b"somebody", NOON + timedelta(days=2)) is None


def test_a_gate_takes_up_new_keys_and_gives_up_those_that_went(tmp_path: Path) -> None:
    keys = view(tmp_path)
    save_trace_keys(tmp_path / FILE_NAME, (MONDAY,))
    keys.refresh()
    assert keys.trace(b"somebody", NOON) == MONDAY.trace(b"somebody")
    save_trace_keys(tmp_path / FILE_NAME, ())
    keys.refresh()
    assert keys.trace(b"somebody", NOON) is None


@given(st.binary(max_size=300))
def test_any_other_file_is_no_keys(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any-trace-keys"
    path.write_bytes(data)
    assert load_trace_keys(path) == ()


def test_a_key_is_in_no_text_of_it() -> None:
    assert "mmm" not in repr(MONDAY)
