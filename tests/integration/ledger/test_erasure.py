"""Old lines go, their hashes stay; nothing of a line is left in any file of the ledger."""

import hashlib
import sqlite3
from itertools import pairwise
from pathlib import Path

import pytest

from scanner.domain.entries import Entry, EntryType
from scanner.domain.errors import LedgerError
from scanner.ledger.erasure import STEP
from scanner.ledger.pages import GIVEN_AT_ONCE, SPARE_PAGES, FreePages
from scanner.ledger.position import Position
from scanner.ledger.reader import LedgerReader
from scanner.ledger.receipt import make_receipt
from scanner.ledger.schema import PAGE_BYTES
from scanner.ledger.store import Ledger
from scanner.ledger.verify import FaultKind, verify_log
from tests.ledger_builders import NOON, an_entry, tamper
from tests.sync_builders import a_device

DEVICE = a_device()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


def a_ledger(path: Path, count: int) -> Ledger:
    ledger = Ledger.open(path, DEVICE.device_id)
    for seq in range(1, count + 1):
        ledger.append(an_entry(seq, sealed=mark_of(seq)))
    return ledger


def mark_of(seq: int) -> str:
    """A sealed field that no other entry has."""
    return hashlib.sha512(f"sealed {seq}".encode()).hexdigest()


def erase_all(ledger: Ledger, through: int) -> None:
    while ledger.old_lines.erased.seq < through:
        ledger.old_lines.erase(through)


def a_receipt_entry(ledger: Ledger) -> Entry:
    before, after = ledger.old_lines.receipted, ledger.old_lines.erased
    return Entry(
        v=1,
        seq=ledger.next_seq,
        at=NOON,
        boot="boot",
        mono_ms=1,
        type=EntryType.RETENTION,
        first=before.seq + 1,
        last=after.seq,
        receipt=make_receipt(DEVICE, before, after, NOON),
    )


def raw(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(path.parent.iterdir()))


def test_a_step_takes_a_few_lines_and_never_more_than_it_was_told(path: Path) -> None:
    with a_ledger(path, 100) as ledger:
        assert ledger.old_lines.erase(60).seq == STEP
        assert ledger.old_lines.erase(60).seq == 60
        assert ledger.old_lines.erase(60).seq == 60
        assert [entry.seq for entry in ledger.latest(200)] == list(range(61, 101))


def test_the_newest_line_stays_whatever_is_asked(path: Path) -> None:
    with a_ledger(path, 10) as ledger:
        assert ledger.old_lines.erase(1000).seq == 9
        assert ledger.next_seq == 11


def seen_of(seq: int, files: bytes) -> int:
    """How many of eight pieces of an entry's mark stand there; one may be cut by a page's end."""
    mark = mark_of(seq).encode()
    return sum(mark[at : at + 16] in files for at in range(0, 128, 16))


def test_no_byte_of_an_erased_line_is_left_in_any_file(path: Path) -> None:
    with a_ledger(path, 300) as ledger:
        assert all(seen_of(seq, raw(path)) >= 7 for seq in (1, 100, 300))
        erase_all(ledger, 200)
        assert seen_of(200, raw(path)) >= 7  # in the write-ahead log
        while not ledger.old_lines.tidy():
            pass
        kept = raw(path)
        assert not any(seen_of(seq, kept) for seq in range(1, 201))
        assert all(seen_of(seq, kept) >= 7 for seq in range(201, 301))


def test_the_chain_is_proven_across_the_hole(path: Path) -> None:
    with a_ledger(path, 300) as ledger:
        erase_all(ledger, 200)
        ledger.append(a_receipt_entry(ledger))
        end = ledger.position
    report = verify_log(path)
    assert (report.entries, report.erased, report.position, report.fault) == (301, 200, end, None)
    with Ledger.open(path, DEVICE.device_id) as ledger:
        assert ledger.position == end
        assert ledger.old_lines.receipted == ledger.old_lines.erased


def test_a_log_of_which_only_the_last_lines_are_left_opens_and_goes_on(path: Path) -> None:
    with a_ledger(path, 50) as ledger:
        erase_all(ledger, 49)
    with Ledger.open(path, DEVICE.device_id) as ledger:
        ledger.append(an_entry(51))
    assert verify_log(path).fault is None


@pytest.mark.parametrize(
    ("statement", "seq", "kind"),
    [
        ("UPDATE leaves SET leaf = zeroblob(32) WHERE seq = 9", 40, FaultKind.ERASED),
        ("DELETE FROM leaves WHERE seq = 9", 9, FaultKind.GAP),
        ("DELETE FROM leaves WHERE seq > 30", 31, FaultKind.GAP),
        ("UPDATE log SET erased_head = zeroblob(32)", 40, FaultKind.ERASED),
        ("DELETE FROM lines WHERE seq = 41", 41, FaultKind.GAP),
        ("UPDATE log SET erased_seq = 30", 30, FaultKind.ERASED),
        (
            "INSERT INTO lines SELECT 5, line, head FROM lines WHERE seq = 60",
            5,
            FaultKind.MISPLACED,
        ),
    ],
)
def test_what_was_changed_about_erased_entries_is_found(
    path: Path, statement: str, seq: int, kind: FaultKind
) -> None:
    with a_ledger(path, 100) as ledger:
        erase_all(ledger, 40)
    tamper(path, statement)
    fault = verify_log(path).fault
    assert fault is not None
    assert (fault.seq, fault.kind) == (seq, kind)


def test_an_acknowledged_position_is_compared_among_erased_entries_too(path: Path) -> None:
    with a_ledger(path, 100) as ledger, LedgerReader(path) as reader:
        head = reader.head_at(20)
        assert head is not None
        erase_all(ledger, 40)
    assert verify_log(path, Position(20, head)).fault is None
    fault = verify_log(path, Position(20, bytes(32))).fault
    assert fault is not None
    assert (fault.seq, fault.kind) == (20, FaultKind.DIVERGED)


def test_a_receipt_outlives_the_line_that_it_stands_in(path: Path) -> None:
    with a_ledger(path, 40) as ledger:
        ledger.old_lines.erase(20)
        entry = a_receipt_entry(ledger)
        ledger.append(entry)
        ledger.append(an_entry(42))
        erase_all(ledger, 41)
    with LedgerReader(path) as reader:
        assert reader.receipts() == [entry.receipt]
        assert reader.head_at(41) == reader.erased().head


def test_lines_that_form_no_chain_are_evidence_and_stay(path: Path) -> None:
    with a_ledger(path, 600) as ledger:
        tamper(path, "UPDATE lines SET line = replace(line, 'ADMIT', 'CHECK') WHERE seq = 9")
        with pytest.raises(LedgerError, match="altered at entry 9"):
            ledger.old_lines.erase(40)
        assert ledger.old_lines.erased.seq == 0
        assert ledger.next_seq == 601


def test_erasing_waits_for_no_reader(path: Path) -> None:
    with a_ledger(path, 200) as ledger:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM lines").fetchone()
        erase_all(ledger, 100)
        assert not ledger.old_lines.tidy()
        assert connection.execute("SELECT count(*) FROM lines").fetchone() == (200,)
        connection.close()
        while not ledger.old_lines.tidy():
            pass
        assert not seen_of(50, raw(path))


def test_free_pages_take_the_next_entries_and_the_file_stops_growing(path: Path) -> None:
    with a_ledger(path, 400) as ledger:
        for _ in range(20):
            erase_all(ledger, ledger.next_seq - 200)
            ledger.append(a_receipt_entry(ledger))
            while not ledger.old_lines.tidy():
                pass
            peak = path.stat().st_size
            for _ in range(100):
                ledger.append(an_entry(ledger.next_seq))
        assert ledger.next_seq > 2400
    assert peak < 1.2 * 400 * 1000
    assert verify_log(path).fault is None


def freed(path: Path, free: FreePages, count: int) -> list[int]:
    """Sizes of a ledger whose lines were erased but the last, before and after each step."""
    with Ledger.open(path, DEVICE.device_id, free) as ledger:
        for seq in range(1, count + 1):
            ledger.append(an_entry(seq, sealed=mark_of(seq)))
        erase_all(ledger, count - 1)
        ledger.old_lines.tidy()
        sizes = [path.stat().st_size]
        is_more = True
        while is_more:
            is_more = ledger.old_lines.give_back()
            ledger.old_lines.tidy()
            sizes.append(path.stat().st_size)
    assert verify_log(path).fault is None
    return sizes


def test_a_ledger_that_gives_pages_back_shrinks_in_small_steps(tmp_path: Path) -> None:
    before, *after = freed(tmp_path / "a.db", FreePages.GIVE_BACK, 2500)
    steps = [early - late for early, late in pairwise((before, *after))]
    assert sum(steps) > 0
    assert max(steps) <= (GIVEN_AT_ONCE + 1) * PAGE_BYTES, "and a page of the map"
    assert after[-1] > SPARE_PAGES * PAGE_BYTES, "the next entries find some"


def test_any_other_ledger_keeps_its_pages_for_the_next_entries(tmp_path: Path) -> None:
    before, after = freed(tmp_path / "b.db", FreePages.REUSE, 200)
    assert before == after
