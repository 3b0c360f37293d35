from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from scanner.domain.trace import TraceKey
from scanner.ledger.trace_keys import FILE_NAME, load_trace_keys
from sync.agent.trace_keys import HandedTraceKeys

KEYS = tuple(TraceKey(date(2026, 11, 23 + n), bytes([n]) * 32) for n in range(3))
NIGHT = datetime(2026, 11, 23, 23, 59, 59, tzinfo=UTC)


def test_what_the_hub_gives_is_where_the_gate_looks(tmp_path: Path) -> None:
    HandedTraceKeys(tmp_path / FILE_NAME).take(KEYS)
    assert load_trace_keys(tmp_path / FILE_NAME) == KEYS


def test_the_same_keys_again_write_nothing(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    handed = HandedTraceKeys(path)
    handed.take(KEYS)
    before = path.stat().st_ino
    handed.take(KEYS)
    HandedTraceKeys(path).take(KEYS)
    assert path.stat().st_ino == before


def test_a_hub_that_gives_none_leaves_none(tmp_path: Path) -> None:
    HandedTraceKeys(tmp_path / FILE_NAME).take(KEYS)
    HandedTraceKeys(tmp_path / FILE_NAME).take(())
    assert list(tmp_path.iterdir()) == []


def test_a_key_goes_when_its_day_is_over_with_no_hub_in_reach(tmp_path: Path) -> None:
    handed = HandedTraceKeys(tmp_path / FILE_NAME)
    handed.take(KEYS)
    handed.prune(NIGHT)
    assert load_trace_keys(tmp_path / FILE_NAME) == KEYS
    handed.prune(NIGHT + timedelta(seconds=1))
    assert load_trace_keys(tmp_path / FILE_NAME) == KEYS[1:]
    handed.prune(NIGHT + timedelta(days=9))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_missing_costs_the_keys_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / FILE_NAME
    handed = HandedTraceKeys(path)
    handed.take(KEYS)
    path.parent.mkdir()
    handed.take(KEYS)
    assert load_trace_keys(path) == KEYS
