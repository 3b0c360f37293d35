"""Disks that are full or read-only: real ones where mounting is allowed."""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from scanner.domain.errors import LedgerError
from scanner.ledger.outbox import OutboxPosition, load_outbox, save_outbox
from scanner.ledger.reader import LedgerReader
from scanner.ledger.store import Ledger
from scanner.ledger.verify import verify_log
from tests.ledger_builders import DEVICE_ID, NOON, a_log, an_entry


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no file system may be mounted here")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(ledger: Ledger) -> int:
    """Append until the disk refuses; returns how many entries it took."""
    with pytest.raises(LedgerError, match=r"SQLITE_FULL.*make room"):
        append_without_end(ledger)
    return ledger.position.seq


def append_without_end(ledger: Ledger) -> None:
    while True:
        ledger.append(an_entry(ledger.next_seq))


def test_a_full_disk_is_reported_and_what_was_acknowledged_stays(small_disk: Path) -> None:
    path = small_disk / "ledger.db"
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(256 << 10))
    with Ledger.open(path, DEVICE_ID) as ledger:
        acked = fill(ledger)
        assert ledger.latest(1) == [an_entry(acked)]
        with pytest.raises(LedgerError):
            ledger.append(an_entry(acked + 1))
        ballast.unlink()
        assert ledger.append(an_entry(acked + 1)).seq == acked + 1
    report = verify_log(path)
    assert (report.entries, report.fault) == (acked + 1, None)


def test_a_database_at_its_limit_is_reported_and_goes_on_when_it_may_grow(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger.db", DEVICE_ID) as ledger:
        ledger._connection.execute("PRAGMA max_page_count = 20")
        acked = fill(ledger)
        ledger._connection.execute("PRAGMA max_page_count = 1000000")
        assert ledger.append(an_entry(acked + 1)).seq == acked + 1
    assert verify_log(tmp_path / "ledger.db").entries == acked + 1


def test_a_read_only_card_can_be_read_and_not_written(small_disk: Path) -> None:
    path = small_disk / "ledger.db"
    end = a_log(path, 5)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(LedgerError, match="read-only"):
        Ledger.open(path, DEVICE_ID)
    with LedgerReader(path) as reader:
        assert reader.last() == end
    assert verify_log(path).fault is None


def test_a_full_disk_leaves_the_old_outbox_position(small_disk: Path) -> None:
    path = small_disk / "outbox.json"
    head = "ab" * 32
    old = OutboxPosition(acked_seq=1, acked_head=head, archived_seq=0, archived_head=head, at=NOON)
    new = OutboxPosition(acked_seq=2, acked_head=head, archived_seq=0, archived_head=head, at=NOON)
    save_outbox(path, old)
    with contextlib.suppress(OSError):
        (small_disk / "ballast").write_bytes(bytes(2 << 20))
    with pytest.raises(LedgerError, match="cannot be written"):
        save_outbox(path, new)
    assert load_outbox(path) == old
    assert {found.name for found in small_disk.iterdir()} == {"outbox.json", "ballast"}
