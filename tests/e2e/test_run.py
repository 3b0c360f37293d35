"""`checkpoint run` on files instead of a camera: the same daemon, the same ledger."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scanner.cli.demo.setup import Deployment, deploy
from scanner.domain.entries import EntryType, decode_entry
from scanner.domain.passes import HEALTH_CODE, Colour, PassClaims, PassKind
from scanner.domain.verdicts import Decision
from scanner.issuing.health_code import issue_health_code
from scanner.issuing.keys import IssuerKey
from scanner.issuing.picture import qr_png
from scanner.ledger.reader import LedgerReader

ZHEJIANG = IssuerKey.generate("33")


def picture(folder: Path, name: str, colour: Colour) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    claims = PassClaims(
        format=HEALTH_CODE,
        kind=PassKind.DYNAMIC,
        issuer="33",
        colour=colour,
        issued_at=now,
        expires_at=now + timedelta(minutes=10),
        code_id=name.encode().ljust(8),
    )
    (folder / name).write_bytes(qr_png(issue_health_code(claims, ZHEJIANG)))


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    made = deploy(tmp_path, [ZHEJIANG], datetime.now(UTC))
    yield made
    made.remove_runtime()


@pytest.mark.e2e
def test_a_folder_of_pictures_is_read_decided_and_recorded(
    deployment: Deployment, tmp_path: Path
) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    picture(pictures, "1.png", Colour.GREEN)
    picture(pictures, "2.png", Colour.RED)
    subprocess.run(
        [
            *(sys.executable, "-m", "scanner.cli", "run", "--headless", "--once"),
            *("--camera", pictures, "--settings", deployment.gate_settings),
        ],
        check=True,
        timeout=60,
    )
    with LedgerReader(tmp_path / "gate" / "ledger.db") as ledger:
        entries = [decode_entry(line.line) for line in ledger.lines_after(0, 100, 1 << 20)]
    assert [(entry.type, entry.decision) for entry in entries] == [
        (EntryType.START, None),
        (EntryType.SCAN, Decision.ADMIT),
        (EntryType.SCAN, Decision.REFUSE),
    ]
