import json
import os
import pty
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from scanner.domain.direction import Direction
from scanner.domain.entries import Entry, EntryType, encode_entry
from scanner.domain.guards import LoginFailure, Role, ShiftChange
from scanner.domain.reasons import GuardReason
from scanner.domain.verdicts import GuardDecision
from scanner.ledger.outbox import OutboxPosition, save_outbox
from scanner.ledger.store import Ledger
from tests.ledger_builders import DEVICE_ID, NOON, a_log, an_entry, tamper

COMMAND = [sys.executable, "-m", "scanner.cli", "entries"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


def entries(*arguments: str | Path, status: int = 0) -> str:
    """What the command prints into a pipe."""
    result = subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert result.returncode == status, result.stderr
    return result.stdout if status in (0, 1) and result.stdout else result.stderr


def on_a_terminal(*arguments: str | Path) -> str:
    """What the command shows on a terminal 200 columns wide."""
    master, slave = pty.openpty()
    environment = {**os.environ, "COLUMNS": "200", "TERM": "xterm", "NO_COLOR": "1"}
    subprocess.run([*COMMAND, *map(str, arguments)], stdout=slave, env=environment, check=False)
    os.close(slave)
    shown = b""
    try:
        while chunk := os.read(master, 65536):
            shown += chunk
    except OSError:  # Linux reports the end of a terminal so
        pass
    os.close(master)
    return shown.decode()


def test_into_a_pipe_come_the_exact_lines_that_were_recorded(path: Path) -> None:
    a_log(path, 30)
    lines = entries("list", "--ledger", path, "--limit", "3").splitlines()
    assert lines == [encode_entry(an_entry(seq)).decode() for seq in (28, 29, 30)]


def test_filters_choose_by_decision_type_and_time(path: Path) -> None:
    now = datetime.now(UTC)
    with Ledger.open(path, DEVICE_ID) as ledger:
        ledger.append(an_entry(1, at=now - timedelta(days=3)))
        ledger.append(an_entry(20 - 18, at=now - timedelta(hours=3)))
        ledger.append(a_guards_entry(3, completes=2, at=now))

    def listed(*arguments: str) -> list[int]:
        printed = entries("list", "--ledger", path, *arguments).splitlines()
        return [json.loads(line)["seq"] for line in printed]

    assert listed() == [1, 2, 3]
    assert listed("--since", "2d") == [2, 3]
    assert listed("--since", "90m") == [3]
    assert listed("--since", (now - timedelta(hours=4)).isoformat()) == [2, 3]
    assert listed("--type", "guard") == [3]
    assert listed("--decision", "ADMIT") == [1, 2]
    assert listed("--decision", "REFUSE") == []


def test_on_a_terminal_it_is_a_table(path: Path) -> None:
    with Ledger.open(path, DEVICE_ID) as ledger:
        ledger.append(an_entry(1))
        ledger.append(a_guards_entry(2, completes=1, at=NOON))
    shown = on_a_terminal("list", "--ledger", path)
    assert "decision" in shown
    assert "guard of 1" in shown
    assert "elder_without_phone" in shown


def test_one_entry_is_shown_with_what_completed_it(path: Path) -> None:
    with Ledger.open(path, DEVICE_ID) as ledger:
        ledger.append(an_entry(1))
        end = ledger.append(a_guards_entry(2, completes=1, at=NOON))
    shown = on_a_terminal("show", "1", "--ledger", path)
    assert "completed by   2 (guard" in shown
    assert end.head.hex() in on_a_terminal("show", "2", "--ledger", path)
    assert json.loads(entries("show", "2", "--ledger", path))["guard"] == "ADMITTED_BY_GUARD"


def test_an_entry_that_is_not_there_is_named(path: Path) -> None:
    a_log(path, 3)
    assert "There is no entry 9" in entries("show", "9", "--ledger", path, status=1)


def test_verify_says_that_all_is_well_or_where_it_is_not(path: Path) -> None:
    a_log(path, 30)
    assert json.loads(entries("verify", "--ledger", path))["fault"] is None
    assert "nothing was changed" in on_a_terminal("verify", "--ledger", path)
    tamper(path, "UPDATE lines SET line = replace(line, 'ADMIT', 'CHECK') WHERE seq = 9")
    found = json.loads(entries("verify", "--ledger", path, status=1))
    assert found["fault"] == {"seq": 9, "kind": "edited"}
    assert "entry 9: the line is not the one" in on_a_terminal("verify", "--ledger", path)


def test_verify_compares_with_what_the_hub_acknowledged(path: Path) -> None:
    end = a_log(path, 30)
    acknowledged = OutboxPosition(
        acked_seq=30, acked_head=end.head.hex(), archived_seq=0, archived_head="00" * 32, at=NOON
    )
    save_outbox(path.with_name("outbox.json"), acknowledged)
    tamper(path, "DELETE FROM lines WHERE seq > 25")
    found = json.loads(entries("verify", "--ledger", path, status=1))
    assert found["fault"] == {"seq": 26, "kind": "truncated"}


def test_stats_count_by_decision_and_reason(path: Path) -> None:
    a_log(path, 40)
    counted = json.loads(entries("stats", "--ledger", path))
    assert (counted["entries"], counted["queue"]) == (40, None)
    assert counted["decision"] == {"ADMIT": 38, "CHECK": 2}
    assert counted["reason"] == {"colour_yellow": 2}
    assert "sync never ran" in on_a_terminal("stats", "--ledger", path)


def test_the_settings_name_the_ledger(path: Path) -> None:
    a_log(path, 1)
    settings = path.with_name("gate.toml")
    settings.write_text('[paths]\nstate = "."\n', "utf-8")
    assert json.loads(entries("list", "--settings", settings))["seq"] == 1


def test_an_unclear_time_is_answered_with_examples(path: Path) -> None:
    assert "2026-11-23T08:00" in entries("list", "--ledger", path, "--since", "lately", status=2)


def test_a_missing_ledger_is_one_sentence_and_no_traceback(path: Path) -> None:
    message = entries("list", "--ledger", path, status=1)
    assert message.startswith("checkpoint: There is no ledger")
    assert "Traceback" not in message


def a_guards_entry(seq: int, completes: int, at: datetime) -> Entry:
    return msgspec.structs.replace(
        an_entry(seq),
        type=EntryType.GUARD,
        at=at,
        completes=completes,
        decision=None,
        guard=GuardDecision.ADMITTED_BY_GUARD,
        guard_reason=GuardReason.ELDER_WITHOUT_PHONE,
    )


def test_a_foreign_ledger_cannot_steer_the_terminal(path: Path) -> None:
    with Ledger.open(path, DEVICE_ID) as ledger:
        ledger.append(an_entry(1, issuer="\x1b[2J[/b]", policy="\x1b]0;title\x07"))
    for command in (("list",), ("show", "1")):
        shown = on_a_terminal(*command, "--ledger", path)
        assert "\ufffd[2J[/b]" in shown
        assert "\x1b[2J" not in shown
        assert "\x07" not in shown


def test_the_table_tells_way_dwell_and_how_many_were_inside(path: Path) -> None:
    out = {"direction": Direction.OUT, "dwell_s": 3660, "occupancy": 12}
    counted = {"type": EntryType.OCCUPANCY, "decision": None, "reasons": (), "occupancy": 7}
    with Ledger.open(path, DEVICE_ID) as ledger:
        ledger.append(an_entry(1, **out))
        ledger.append(an_entry(2, **counted))
    shown = on_a_terminal("list", "--ledger", path)
    assert "out after 1:01" in shown
    assert "a guard counted 7 inside" in shown


def test_overrides_are_counted_by_guard(path: Path) -> None:
    now = datetime.now(UTC)
    with Ledger.open(path, DEVICE_ID) as ledger:

        def add(kind: EntryType, ago: timedelta, **fields: object) -> None:
            plain = Entry(v=1, seq=ledger.next_seq, at=now - ago, boot="b", mono_ms=1, type=kind)
            ledger.append(msgspec.structs.replace(plain, **fields))

        decided = {
            "guard": GuardDecision.ADMITTED_BY_GUARD,
            "guard_reason": GuardReason.PAPER_PASS,
            "by": "07",
            "role": Role.GUARD,
        }
        hour = timedelta(hours=1)
        add(EntryType.GUARD, 30 * hour, completes=1, **decided)
        add(EntryType.SHIFT, 2 * hour, shift=ShiftChange.STARTED, by="07", role=Role.GUARD)
        for _ in range(4):
            add(EntryType.SCAN, hour)
        add(EntryType.GUARD, hour, completes=6, second="90", second_role=Role.SUPERVISOR, **decided)
        add(EntryType.UNDO, hour, undoes=7, completes=6, by="07", role=Role.GUARD)
        add(EntryType.GUARD, hour, completes=6, **decided)
        add(EntryType.LOGIN, hour, login_failure=LoginFailure.WRONG_PIN)
    (row,) = entries("overrides", "--ledger", path, "--since", "1d").splitlines()
    assert json.loads(row) == {
        "guard": "07",
        "reason": "paper_pass",
        "admitted": 1,
        "refused": 0,
        "without_code": 0,
        "undone": 1,
        "scans": 4,
        "share": 0.25,
    }
    assert "25.0%" in on_a_terminal("overrides", "--ledger", path, "--since", "1d")
    listed = on_a_terminal("list", "--ledger", path)
    for told in (
        "guard 07 started",
        "paper_pass by guard 07 with supervisor 90",
        "entry 7 taken back by guard 07",
        "wrong_pin: a number that nobody has",
    ):
        assert told in listed


def test_verify_and_stats_tell_of_erased_lines(path: Path) -> None:
    a_log(path, 100)
    with Ledger.open(path, DEVICE_ID) as ledger:
        while ledger.old_lines.erased.seq < 40:
            ledger.old_lines.erase(40)
    answer = json.loads(entries("verify", "--ledger", path))
    assert (answer["entries"], answer["erased"], answer["receipted"]) == (100, 40, 0)
    assert answer["fault"] is None
    assert "1 to 40 were erased" in on_a_terminal("stats", "--ledger", path)
    counted = json.loads(entries("stats", "--ledger", path))
    assert (counted["entries"], counted["erased"], sum(counted["decision"].values())) == (
        60,
        40,
        60,
    )
    (hour,) = counted["hours"].values()
    assert hour == counted["decision"]


def test_a_guard_and_a_reason_can_be_asked_for(path: Path) -> None:
    with Ledger.open(path, DEVICE_ID) as ledger:
        ledger.append(an_entry(1))
        ledger.append(msgspec.structs.replace(a_guards_entry(2, 1, NOON), by="17"))

    def listed(*arguments: str) -> list[int]:
        printed = entries("list", "--ledger", path, *arguments).splitlines()
        return [json.loads(line)["seq"] for line in printed]

    assert listed("--guard", "17") == [2]
    assert listed("--reason", "elder_without_phone") == [2]
    assert listed("--until", "2026-11-23T12:00:01+00:00") == [2]
