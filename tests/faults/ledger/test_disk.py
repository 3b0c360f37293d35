"""Disks that are full or read-only: real ones where mounting is allowed."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from scanner.domain.errors import LedgerError
from scanner.ledger.outbox import OutboxPosition, load_outbox, save_outbox
from scanner.ledger.reader import LedgerReader
from scanner.ledger.steady import SteadyLedger
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


@pytest.fixture
def card(tmp_path: Path) -> Iterator[Path]:
    """An ext4 file system that is remounted read-only when it sees a fault, as cards are."""
    image, mounted = tmp_path / "card.img", tmp_path / "card"
    image.write_bytes(b"")
    os.truncate(image, 16 << 20)
    mounted.mkdir()
    if shutil.which("mkfs.ext4") is None:
        pytest.skip("mkfs.ext4 is not installed: no card can be made")
    subprocess.run(["mkfs.ext4", "-q", str(image)], check=True)
    if subprocess.run(mount_card(image, mounted), capture_output=True, check=False).returncode:
        pytest.skip("no file system may be mounted here")
    yield mounted
    subprocess.run(["umount", "--lazy", str(mounted)], check=True)


def mount_card(image: Path, mounted: Path) -> list[str]:
    return ["mount", "-o", "loop,errors=remount-ro", str(image), str(mounted)]


def break_card(mounted: Path) -> None:
    """Let the kernel find a fault on this file system (ext4's sysfs), while files are open."""
    (device,) = (
        line.split()[0]
        for line in Path("/proc/mounts").read_text("utf-8").splitlines()
        if line.split()[1] == str(mounted)
    )
    trigger = Path("/sys/fs/ext4", Path(device).name, "trigger_fs_error")
    if not device.startswith("/dev/loop") or not trigger.exists():
        pytest.skip("this kernel cannot be told that a file system is at fault")
    trigger.write_text("a test", "utf-8")


def test_a_card_that_the_kernel_makes_read_only_under_a_writing_gate(
    card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner.ledger.steady._RETRY_S", 0.0)
    path = card / "ledger.db"
    with SteadyLedger.open(path, DEVICE_ID, card / "outbox.json") as ledger:
        for seq in range(1, 21):
            ledger.append(an_entry(seq))
        break_card(card)
        with pytest.raises(LedgerError, match=r"READONLY|IOERR|read-only"):
            ledger.append(an_entry(21))
    with SteadyLedger.open(path, DEVICE_ID, card / "outbox.json") as ledger:
        assert not ledger.is_open
        with pytest.raises(LedgerError, match="after disk errors a card is remounted so"):
            ledger.append(an_entry(21))
        assert not (card / "damaged").exists()
        subprocess.run(["umount", str(card)], check=True)
        image = card.with_name("card.img")
        subprocess.run(["e2fsck", "-fy", str(image)], capture_output=True, check=False)
        subprocess.run(mount_card(image, card), check=True)
        assert ledger.append(an_entry(21)).seq == 21  # by itself, without a restart
    report = verify_log(path)
    assert (report.entries, report.fault) == (21, None)


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
