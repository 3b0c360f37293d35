"""A gate that is killed, and system calls that fail under it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scanner.ledger.store import Ledger
from scanner.ledger.verify import verify_log
from tests.faults.ledger.kill import kill_gates
from tests.faults.ledger.power_cut import NAME, cut_power, record
from tests.faults.ledger.traced import Call, Synced, UntraceableError
from tests.ledger_builders import DEVICE_ID, a_log, an_entry

WRITER = [sys.executable, "-m", "tests.faults.ledger.writer"]
REPOSITORY = Path(__file__).parents[3]
CREATED = 20  # entries that exist before a fault strikes, so that it never hits the migration


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


def test_kill_9_at_random_moments_loses_no_reported_entry_and_breaks_no_chain(path: Path) -> None:
    tally = kill_gates(path, kills=40, seed=20261123, verify_every=10)
    assert tally.failures == []
    assert tally.entries > 40


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> list[Call]:
    try:
        return record(tmp_path_factory.mktemp("traced"), (520, 60))
    except UntraceableError as error:
        pytest.skip(str(error))


def test_power_cuts_lose_no_reported_entry_and_leave_no_unreadable_file(
    calls: list[Call], tmp_path: Path
) -> None:
    failures, incomplete = cut_power(calls, cuts=60, folder=tmp_path, seed=20261125)
    assert failures == []
    assert incomplete > 20


def test_the_power_cuts_find_a_gate_that_reports_before_it_has_synced(
    calls: list[Call], tmp_path: Path
) -> None:
    hasty = [call for call in calls if call != Synced(f"{NAME}-wal")]
    failures, _ = cut_power(hasty, cuts=60, folder=tmp_path, seed=20261125)
    assert failures


def test_killed_inside_a_sync_the_entry_is_there_whole_or_not_at_all(path: Path) -> None:
    a_log(path, CREATED)
    output = strace(path, "fdatasync", "signal=SIGKILL:when=30")
    acked = last_acked(output)
    assert acked is not None
    with Ledger.open(path, DEVICE_ID) as ledger:
        assert acked <= ledger.position.seq <= acked + 1
        ledger.append(an_entry(ledger.next_seq))
    assert verify_log(path).fault is None


@pytest.mark.parametrize("when", [1, 2, 4, 7, 10])
def test_killed_while_the_file_is_being_made_the_next_start_finishes_it(
    path: Path, when: int
) -> None:
    strace(path, "fdatasync", f"signal=SIGKILL:when={when}")
    with Ledger.open(path, DEVICE_ID) as ledger:
        ledger.append(an_entry(ledger.next_seq))
    assert verify_log(path).fault is None


@pytest.mark.parametrize(
    ("syscall", "error", "name"),
    [
        ("fdatasync", "EIO", "SQLITE_IOERR_FSYNC"),
        ("pwrite64", "ENOSPC", "SQLITE_FULL"),
        ("pwrite64", "EIO", "SQLITE_IOERR_WRITE"),
        ("pwrite64", "EROFS", "SQLITE_IOERR_WRITE"),
    ],
)
def test_a_failing_disk_is_reported_and_a_retry_writes_the_entry_once(
    path: Path, syscall: str, error: str, name: str
) -> None:
    a_log(path, CREATED)
    output = strace(path, syscall, f"error={error}:when=40..41")
    failures = [line for line in output.splitlines() if line.startswith("failed")]
    assert failures
    assert all(name in line for line in failures)
    assert last_acked(output) == CREATED + 100
    report = verify_log(path)
    assert (report.entries, report.fault) == (CREATED + 100, None)


def strace(path: Path, syscall: str, fault: str) -> str:
    """Run the writer for 100 entries while the kernel's answers are tampered with."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed: no system call can be made to fail")
    command = ["strace", "-f", "-o", "/dev/null", "-e", f"trace={syscall}"]
    command += ["-e", f"inject={syscall}:{fault}", *WRITER, str(path), "100"]
    result = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, check=False)
    if "ptrace" in result.stderr.lower():
        pytest.skip("strace may not trace here: no system call can be made to fail")
    return result.stdout


def last_acked(output: str) -> int | None:
    acked = [line.split()[1] for line in output.splitlines() if line.startswith("acked ")]
    return int(acked[-1]) if acked else None
