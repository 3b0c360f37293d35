"""A whole gate on a ledger that cannot be written on: it runs, and says so."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.settings import load_gate_settings
from scanner.cli.demo.setup import Deployment, deploy
from scanner.domain.damage import Damage
from scanner.domain.entries import EntryType, decode_entry
from scanner.issuing.keys import IssuerKey
from scanner.issuing.picture import qr_png
from scanner.ledger.reader import LedgerReader
from tests.ledger_builders import tamper


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    made = deploy(tmp_path, [IssuerKey.generate("33")], datetime.now(UTC))
    (tmp_path / "code.png").write_bytes(qr_png("a poster"))
    yield made
    made.remove_runtime()


def run_gate(deployment: Deployment, folder: Path) -> str:
    """Start the gate, let it look at one picture, and return what it logged."""
    words = ["run", "--headless", "--once", "--settings", str(deployment.gate_settings)]
    command = [sys.executable, "-m", "scanner.cli", *words, "--camera", str(folder / "code.png")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 0, ended.stderr
    return ended.stderr + ended.stdout


def test_a_gate_goes_on_by_itself_on_a_damaged_ledger(
    deployment: Deployment, tmp_path: Path
) -> None:
    path = load_gate_settings(deployment.gate_settings).ledger
    run_gate(deployment, tmp_path)
    with path.open("r+b") as file:
        file.write(b"\xee" * 100)
    assert "ledger_rescued" in run_gate(deployment, tmp_path)
    with LedgerReader(path) as reader:
        entries = [decode_entry(line.line) for line in reader.lines_after(0, 100, 1 << 20)]
    types = [entry.type for entry in entries]
    rescued = types.index(EntryType.RESCUE)
    assert entries[rescued].damage is Damage.CORRUPT
    assert types[0] == types[rescued + 1] == EntryType.START


def test_a_gate_whose_ledger_is_of_a_newer_version_runs_and_cannot_record(
    deployment: Deployment, tmp_path: Path
) -> None:
    path = load_gate_settings(deployment.gate_settings).ledger
    run_gate(deployment, tmp_path)
    tamper(path, "PRAGMA user_version = 99")
    before = path.read_bytes()
    logged = run_gate(deployment, tmp_path)
    assert "ledger_unusable" in logged
    assert "ledger_cannot_record" in logged
    assert path.read_bytes() == before
