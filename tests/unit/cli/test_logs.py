"""The log gives way before the gate does."""

from pathlib import Path

import pytest

from scanner.cli.logs import UnfailingLogger


def test_a_log_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as file:
        UnfailingLogger(file).info("first")
    full = Path("/dev/full").open("w")  # noqa: SIM115 - closing it is what fails
    UnfailingLogger(full).error("no room for this line")
    with pytest.raises(OSError, match="No space left"):
        full.close()
    assert (tmp_path / "log").read_text() == "first\n"
