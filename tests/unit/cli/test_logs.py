"""The log gives way before the gate does, and a line is one object that a program can read."""

import json
import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scanner.cli.logs import JsonLines, TerminalLines, UnfailingHandler
from scanner.log import EventLog


def a_record(caplog: pytest.LogCaptureFixture, **fields: object) -> logging.LogRecord:
    EventLog("scanner.somewhere").warning("camera_state", **fields)
    return caplog.records[-1]


def test_a_log_that_cannot_be_written_stops_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    record = a_record(caplog, fault="none")
    with (tmp_path / "log").open("w") as file:
        UnfailingHandler(file).emit(record)
    full = Path("/dev/full").open("w")  # noqa: SIM115 - closing it is what fails
    UnfailingHandler(full).emit(record)
    with pytest.raises(OSError, match="No space left"):
        full.close()
    assert (tmp_path / "log").read_text() == "camera_state\n"
    assert capsys.readouterr() == ("", "")


def test_a_journal_gets_the_fields_the_event_its_level_and_the_time_in_utc(
    caplog: pytest.LogCaptureFixture,
) -> None:
    record = a_record(caplog, fault="dark", reasons=["a"], visit=3, guard=None)
    line = json.loads(JsonLines().format(record))
    at = datetime.fromtimestamp(record.created, UTC)
    assert datetime.fromisoformat(line.pop("timestamp")) == at
    assert line == {
        "fault": "dark",
        "reasons": ["a"],
        "visit": 3,
        "guard": None,
        "event": "camera_state",
        "level": "warning",
    }


@pytest.mark.parametrize(
    "value", ["\x1b[2J\n", "\udcff", object()], ids=["escape", "name", "object"]
)
def test_no_value_breaks_a_line_or_reaches_a_terminal_as_it_is(
    value: object, caplog: pytest.LogCaptureFixture
) -> None:
    record = a_record(caplog, found=value)
    for formatter in (JsonLines(), TerminalLines()):
        line = formatter.format(record)
        assert line.isprintable()
        assert line.encode().isascii()


def test_fields_may_have_the_names_that_logging_has_for_its_own(
    caplog: pytest.LogCaptureFixture,
) -> None:
    record = a_record(caplog, name="exposure_time", asked=3, got=5)
    assert json.loads(JsonLines().format(record))["name"] == "exposure_time"
