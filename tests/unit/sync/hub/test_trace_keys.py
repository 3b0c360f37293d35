import stat
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sync.hub.trace_keys import HubTraceKeys

NIGHT = datetime(2026, 11, 23, 23, 59, 59, tzinfo=UTC)
DAY = timedelta(days=1)


def kept(folder: Path) -> list[str]:
    return sorted(path.name.removeprefix("trace-key-") for path in folder.glob("trace-key-*"))


def test_the_keys_of_today_and_the_next_two_days_are_given_out(tmp_path: Path) -> None:
    keys = HubTraceKeys(tmp_path).handed_out(NIGHT)
    assert [key.day for key in keys] == [date(2026, 11, 23 + ahead) for ahead in range(3)]
    assert len({key.key for key in keys}) == 3
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in tmp_path.iterdir())


def test_a_restart_and_a_second_process_give_out_the_same_keys(tmp_path: Path) -> None:
    first, second = HubTraceKeys(tmp_path), HubTraceKeys(tmp_path)
    assert first.handed_out(NIGHT) == second.handed_out(NIGHT)
    assert HubTraceKeys(tmp_path).handed_out(NIGHT) == first.handed_out(NIGHT)


def test_midnight_moves_on_by_one_key(tmp_path: Path) -> None:
    hub = HubTraceKeys(tmp_path)
    before, after = hub.handed_out(NIGHT), hub.handed_out(NIGHT + timedelta(seconds=1))
    assert before[1:] == after[:2]


def test_a_key_is_destroyed_on_the_second_day_after_its_own(tmp_path: Path) -> None:
    hub = HubTraceKeys(tmp_path)
    hub.handed_out(NIGHT)
    hub.sweep(NIGHT)
    hub.sweep(NIGHT + DAY)
    assert kept(tmp_path) == ["2026-11-23", "2026-11-24", "2026-11-25"]
    hub.sweep(NIGHT + DAY + timedelta(seconds=1))
    assert kept(tmp_path) == ["2026-11-24", "2026-11-25"]
    hub.sweep(NIGHT + 30 * DAY)
    assert kept(tmp_path) == []


def test_a_hub_that_was_off_destroys_at_its_start(tmp_path: Path) -> None:
    HubTraceKeys(tmp_path).handed_out(NIGHT)
    (tmp_path / "trace-key-of-nobody").write_bytes(b"?")
    HubTraceKeys(tmp_path).sweep(NIGHT + 10 * DAY)
    assert kept(tmp_path) == []


def test_what_is_destroyed_is_overwritten_first(tmp_path: Path) -> None:
    hub = HubTraceKeys(tmp_path)
    key = hub.handed_out(NIGHT)[0].key
    with (tmp_path / "trace-key-2026-11-23").open("rb") as still_open:
        hub.sweep(NIGHT + 2 * DAY)
        assert still_open.read() == bytes(len(key))


def test_a_damaged_key_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "trace-key-2026-11-23").write_bytes(b"cut off")
    assert len(HubTraceKeys(tmp_path).handed_out(NIGHT)[0].key) == 32


def test_a_folder_that_cannot_be_written_gives_none_out(tmp_path: Path) -> None:
    assert HubTraceKeys(tmp_path / "nowhere").handed_out(NIGHT) == ()
