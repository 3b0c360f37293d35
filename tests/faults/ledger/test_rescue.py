"""Damaged files: what of them is saved, what is said about the rest, and that the gate goes on."""

import os
import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scanner.domain.damage import Damage
from scanner.domain.entries import Entry, EntryType
from scanner.domain.errors import LedgerBusyError, LedgerError
from scanner.ledger import rescue
from scanner.ledger.log_id import log_id_path
from scanner.ledger.outbox import OutboxPosition, save_outbox
from scanner.ledger.position import Position
from scanner.ledger.reader import LedgerReader
from scanner.ledger.rescue import ASIDE, MOST_COPIES, Stamp
from scanner.ledger.schema import PAGE_BYTES
from scanner.ledger.steady import SteadyLedger
from scanner.ledger.store import Ledger
from scanner.ledger.verify import Fault, FaultKind, verify_log
from tests.ledger_builders import DEVICE_ID, NOON, a_log, an_entry, tamper

ENTRIES = 400
STAMP = Stamp(datetime(2026, 11, 25, 8, tzinfo=UTC), "boot", 1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


def outbox(path: Path) -> Path:
    return path.with_name("outbox.json")


def acknowledge(path: Path, seq: int) -> None:
    """The hub has everything up to here."""
    with LedgerReader(path) as reader:
        head = reader.head_at(seq)
    assert head is not None
    position = OutboxPosition(
        acked_seq=seq, acked_head=head.hex(), archived_seq=0, archived_head="00" * 32, at=NOON
    )
    save_outbox(outbox(path), position)


def destroy_pages(path: Path, *marks: bytes) -> None:
    """Overwrite the pages of the file in which these bytes stand."""
    content = bytearray(path.read_bytes())
    places = [content.index(mark) for mark in marks]
    for at in places:
        start = at // PAGE_BYTES * PAGE_BYTES
        content[start : start + PAGE_BYTES] = b"\xee" * PAGE_BYTES
    path.write_bytes(content)


def destroy_root(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'lines'"
        ).fetchone()
    connection.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * PAGE_BYTES)
        file.write(b"\xee" * PAGE_BYTES)


def subject(seq: int) -> bytes:
    """Bytes that stand in the row of this entry and in no other."""
    return f'"seq":{seq},'.encode()


def reopened(path: Path) -> tuple[Entry, Position]:
    """What the gate wrote first after its start, and where its log goes on."""
    with SteadyLedger.open(path, DEVICE_ID, outbox(path)) as ledger:
        (first,) = ledger.latest(1)
        return first, ledger.append(an_entry(ledger.next_seq))


def put_aside(path: Path) -> bytes:
    (folder,) = (path.parent / ASIDE).iterdir()
    return (folder / path.name).read_bytes()


def test_a_lost_inner_page_costs_no_entry(path: Path) -> None:
    a_log(path, ENTRIES)
    destroy_root(path)
    damaged = path.read_bytes()
    first, end = reopened(path)
    assert (first.type, first.damage, first.lost) == (EntryType.RESCUE, Damage.CORRUPT, 0)
    assert (first.seq, end.seq) == (ENTRIES + 1, ENTRIES + 2)
    report = verify_log(path)
    assert (report.entries, report.fault) == (ENTRIES + 2, None)
    assert put_aside(path) == damaged


def test_a_destroyed_header_costs_no_entry(path: Path) -> None:
    a_log(path, ENTRIES)
    with path.open("r+b") as file:
        file.write(b"\xee" * 100)
    first, end = reopened(path)
    assert (first.damage, first.lost, end.seq) == (Damage.CORRUPT, 0, ENTRIES + 2)
    assert verify_log(path).fault is None


def test_without_the_page_that_says_whose_log_it_is_the_same_log_goes_on(path: Path) -> None:
    a_log(path, ENTRIES)
    with LedgerReader(path) as reader:
        nonce = reader.nonce
    destroy_root(path)
    destroy_pages(path, nonce)
    first, _ = reopened(path)
    assert (first.lost, first.log_before) == (0, None)
    with LedgerReader(path) as reader:
        assert reader.nonce == nonce


def test_where_the_last_entries_are_lost_the_log_goes_on_before_them(path: Path) -> None:
    a_log(path, ENTRIES)
    acknowledge(path, 300)
    destroy_pages(path, subject(ENTRIES))
    first, end = reopened(path)
    assert first.type is EntryType.RESCUE
    assert ENTRIES - 5 <= first.seq <= ENTRIES
    report = verify_log(path)
    assert (report.entries, report.fault) == (end.seq, None)


def test_where_the_hub_has_more_than_was_saved_a_new_log_begins(path: Path) -> None:
    """Else its numbers would be given out again, and the hub would see a cloned card."""
    a_log(path, ENTRIES)
    acknowledge(path, ENTRIES)
    destroy_pages(path, subject(ENTRIES))
    first, _ = reopened(path)
    assert (first.seq, first.lost) == (1, ENTRIES)
    assert first.log_before is not None


def test_a_hole_that_the_hub_has_does_not_end_the_log(path: Path) -> None:
    a_log(path, ENTRIES)
    acknowledge(path, 300)
    destroy_root(path)
    destroy_pages(path, subject(100))
    first, end = reopened(path)
    assert first.seq == ENTRIES + 1
    assert first.lost is not None
    assert 1 <= first.lost <= 6
    with LedgerReader(path) as reader:
        assert reader.head_at(300) is not None  # sync goes on there
        assert reader.last() == end
        assert len(reader.lines_after(0, 1000, 1 << 20)) == end.seq - first.lost
    fault = verify_log(path).fault
    assert fault is not None
    assert fault.kind is FaultKind.GAP
    assert 95 <= fault.seq <= 100


def test_a_hole_that_the_hub_does_not_have_ends_the_log_there(path: Path) -> None:
    a_log(path, ENTRIES)
    acknowledge(path, 50)
    destroy_root(path)
    destroy_pages(path, subject(100))
    first, end = reopened(path)
    assert 95 <= first.seq <= 100
    assert first.lost == ENTRIES - (first.seq - 1)
    assert verify_log(path) == verify_log(path, end)
    assert verify_log(path).fault is None


def test_altered_last_entries_are_evidence_and_the_gate_goes_on_before_them(path: Path) -> None:
    a_log(path, ENTRIES)
    tamper(path, "UPDATE lines SET line = replace(line, 'CHECK', 'ADMIT') WHERE seq = 380")
    evidence = path.read_bytes()
    first, end = reopened(path)
    assert (first.damage, first.seq, first.lost) == (Damage.ALTERED, 380, ENTRIES - 379)
    assert verify_log(path).entries == end.seq == 381
    assert put_aside(path) == evidence


def test_what_the_chain_proves_wins_over_an_edited_row_that_was_acknowledged(path: Path) -> None:
    a_log(path, ENTRIES)
    acknowledge(path, 390)
    tamper(
        path,
        "UPDATE lines SET line = replace(line, 'CHECK', 'ADMIT') WHERE seq = 380",
        "UPDATE lines SET line = replace(line, 'ADMIT', 'CHECK') WHERE seq = 395",
    )
    first, _ = reopened(path)
    assert (first.seq, first.lost) == (395, 7)
    assert verify_log(path).fault == Fault(380, FaultKind.GAP)


def test_an_edited_entry_at_the_acknowledged_place_is_not_taken_for_the_hubs(path: Path) -> None:
    a_log(path, ENTRIES)
    acknowledge(path, 380)
    tamper(path, "UPDATE lines SET line = replace(line, 'CHECK', 'ADMIT') WHERE seq = 380")
    first, _ = reopened(path)
    assert (first.seq, first.lost) == (1, ENTRIES)
    assert first.log_before is not None


@pytest.mark.parametrize("content", [b"", b"\xee" * 40_000])
def test_a_file_of_which_nothing_is_left_begins_a_new_log_that_says_so(
    path: Path, content: bytes
) -> None:
    a_log(path, 20)
    with LedgerReader(path) as reader:
        nonce = reader.nonce
    acknowledge(path, 20)
    path.write_bytes(content)
    first, end = reopened(path)
    assert (first.type, first.seq, first.lost) == (EntryType.RESCUE, 1, 20)
    assert first.damage is (Damage.CORRUPT if content else Damage.MISSING)
    assert first.log_before == nonce.hex()
    assert verify_log(path).position == end
    with LedgerReader(path) as reader:
        assert reader.nonce != nonce


def test_a_ledger_that_is_gone_is_noticed(path: Path) -> None:
    a_log(path, 20)
    path.unlink()
    first, _ = reopened(path)
    assert (first.damage, first.seq) == (Damage.MISSING, 1)


def test_a_rescued_file_is_laid_out_like_a_new_one(path: Path) -> None:
    a_log(path, 20)
    new = layout(path)
    assert new[0] == PAGE_BYTES
    destroy_root(path)
    reopened(path)
    assert layout(path) == new


def layout(path: Path) -> list[int]:
    names = ("page_size", "auto_vacuum", "user_version")
    with sqlite3.connect(path) as connection:
        values = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]
    connection.close()
    return values


def test_the_first_start_of_a_gate_is_no_rescue(path: Path) -> None:
    with SteadyLedger.open(path, DEVICE_ID, outbox(path)) as ledger:
        assert ledger.append(an_entry(1)).seq == 1
    assert not (path.parent / ASIDE).exists()


def a_log_with_erased_lines(path: Path) -> None:
    """Of the first 64 entries only the hashes are kept."""
    a_log(path, ENTRIES)
    acknowledge(path, 300)
    with Ledger.open(path, DEVICE_ID) as ledger:
        while ledger.old_lines.erase(64).seq < 64:
            pass


def test_the_hashes_of_erased_lines_are_saved(path: Path) -> None:
    a_log_with_erased_lines(path)
    destroy_root(path)
    first, end = reopened(path)
    assert (first.seq, first.lost) == (ENTRIES + 1, 0)
    report = verify_log(path)
    assert (report.entries, report.erased, report.fault) == (end.seq, 64, None)


def test_where_hashes_of_erased_lines_are_lost_the_lines_go_on_by_the_hubs_word(
    path: Path,
) -> None:
    a_log_with_erased_lines(path)
    with LedgerReader(path) as reader:
        ((_, leaf),) = reader.leaves_after(20, 1)
    destroy_root(path)
    destroy_pages(path, leaf)
    first, end = reopened(path)
    assert first.seq == ENTRIES + 1
    assert first.lost is not None
    assert 1 <= first.lost < 64
    fault = verify_log(path).fault
    assert fault is not None
    assert fault.kind is FaultKind.GAP
    assert fault.seq <= 21
    with LedgerReader(path) as reader:
        assert reader.head_at(300) is not None
        assert reader.last() == end


def test_entries_in_the_write_ahead_log_are_saved_too(path: Path) -> None:
    with Ledger.open(path, DEVICE_ID) as ledger:
        for seq in range(1, 51):
            ledger.append(an_entry(seq))
        copies = {
            name: path.with_name(name).read_bytes() for name in ("ledger.db", "ledger.db-wal")
        }
    for name, content in copies.items():
        path.with_name(name).write_bytes(content)
    found = rescue.rescue(path, DEVICE_ID, Damage.CORRUPT, None, STAMP)
    assert (found.kept, found.lost, found.same_log) == (50, 0, True)


def test_a_bad_sector_in_the_write_ahead_log_is_no_power_cut(path: Path) -> None:
    """SQLite would open the file without a word, and without the last forty entries."""
    with Ledger.open(path, DEVICE_ID) as ledger:
        for seq in range(1, 51):
            ledger.append(an_entry(seq))
        wal = bytearray(path.with_name("ledger.db-wal").read_bytes())
        content = path.read_bytes()
    path.write_bytes(content)
    at = wal.index(b'"seq":10,')
    wal[at] ^= 1
    path.with_name("ledger.db-wal").write_bytes(wal)
    first, _ = reopened(path)
    assert (first.type, first.damage) == (EntryType.RESCUE, Damage.CORRUPT)
    assert (first.seq, first.lost) == (51, 0)  # a later copy of the same page was whole
    assert verify_log(path).fault is None


def test_bad_sectors_cost_only_the_entries_in_them(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_log(path, ENTRIES)
    acknowledge(path, ENTRIES)
    bad = range(60 * PAGE_BYTES, 68 * PAGE_BYTES)
    read = os.pread

    def failing(file: int, size: int, offset: int) -> bytes:
        if offset in bad and size == PAGE_BYTES:
            raise OSError(5, "Input/output error")
        return read(file, size, offset)

    monkeypatch.setattr(os, "pread", failing)
    found = rescue.rescue(
        path, DEVICE_ID, Damage.UNREADABLE, Position(ENTRIES, acked_head(path)), STAMP
    )
    assert found.same_log
    assert 3 <= found.lost <= 10
    assert found.kept == ENTRIES - found.lost


def acked_head(path: Path) -> bytes:
    with LedgerReader(path) as reader:
        return reader.last().head


def test_a_huge_or_unaffordable_file_is_put_aside_as_it_is(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_log(path, 20)
    monkeypatch.setattr(rescue, "MOST_BYTES", 1000)
    end = Position(20, acked_head(path))
    found = rescue.rescue(path, DEVICE_ID, Damage.CORRUPT, end, STAMP)
    assert (found.kept, found.lost, found.same_log) == (0, 20, False)
    assert found.aside is not None
    assert verify_log(found.aside / path.name).position == end


def test_a_rescue_that_was_cut_off_before_the_file_was_moved_begins_anew(path: Path) -> None:
    a_log(path, 20)
    half = path.with_name("ledger.db.rescue")
    half.write_bytes(b"half of a file")
    with SteadyLedger.open(path, DEVICE_ID, outbox(path)) as ledger:
        assert ledger.position.seq == 20
    assert not half.exists()


def test_a_rescue_that_was_cut_off_after_the_file_was_moved_is_finished(path: Path) -> None:
    a_log(path, 20)
    whole = a_log(path.with_name("whole.db"), 25)
    aside = path.parent / ASIDE / "20261125T080000.000000Z"
    aside.mkdir(parents=True)
    path.with_name("ledger.db-wal").write_bytes(b"of the damaged file")
    path.rename(aside / path.name)
    path.with_name("whole.db").rename(path.with_name("ledger.db.rescue"))
    with SteadyLedger.open(path, DEVICE_ID, outbox(path)) as ledger:
        assert ledger.position == whole
    assert (aside / "ledger.db-wal").read_bytes() == b"of the damaged file"


def test_a_card_that_damages_the_ledger_again_and_again_is_not_rescued_for_ever(
    path: Path,
) -> None:
    for number in range(MOST_COPIES):
        (path.parent / ASIDE / f"{number}").mkdir(parents=True)
    a_log(path, 20)
    path.write_bytes(b"\xee" * 4096)
    with SteadyLedger.open(path, DEVICE_ID, outbox(path)) as ledger:
        assert not ledger.is_open
        with pytest.raises(LedgerError):
            ledger.append(an_entry(1))
    assert path.read_bytes() == b"\xee" * 4096


def test_a_ledger_of_a_newer_version_is_left_alone_and_the_gate_says_that_it_cannot_record(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    a_log(path, 5)
    tamper(path, "PRAGMA user_version = 99")
    before = path.read_bytes()
    with SteadyLedger.open(path, DEVICE_ID, outbox(path)) as ledger:
        with pytest.raises(LedgerError, match="newer version"):
            ledger.append(an_entry(6))
        assert ledger.latest(10) == []
        assert list(ledger.since(NOON)) == []
    assert path.read_bytes() == before
    assert "ledger_unusable" in caplog.messages


def test_a_ledger_that_could_not_be_opened_is_tried_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner.ledger.steady._RETRY_S", 0.0)
    a_log(path, 5)
    path.rename(path.with_name("moved.db"))
    path.mkdir()
    with SteadyLedger.open(path, DEVICE_ID, outbox(path)) as ledger:
        with pytest.raises(LedgerError):
            ledger.append(an_entry(6))
        path.rmdir()
        path.with_name("moved.db").rename(path)
        assert ledger.append(an_entry(6)).seq == 6


def test_while_a_rescue_is_at_work_the_gate_says_at_once_that_it_cannot_record(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    rescue_it = rescue.rescue

    def waiting(*args: object) -> object:
        go_on.wait(30)
        return rescue_it(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(rescue, "rescue", waiting)
    monkeypatch.setattr("scanner.ledger.steady._START_WAIT_S", 0.01)
    a_log(path, 20)
    destroy_root(path)
    with SteadyLedger.open(path, DEVICE_ID, outbox(path)) as ledger:
        with pytest.raises(LedgerError, match="SQLITE_CORRUPT"):
            ledger.append(an_entry(21))
        go_on.set()
        thread = ledger._rescue
        assert thread is not None
        thread.join(30)
        assert ledger.next_seq == 22
        assert ledger.append(an_entry(22)).seq == 22


def test_a_second_gate_on_the_same_ledger_ends_at_once(path: Path) -> None:
    with (
        SteadyLedger.open(path, DEVICE_ID, outbox(path)),
        pytest.raises(LedgerBusyError),
    ):
        SteadyLedger.open(path, DEVICE_ID, outbox(path))


def test_a_log_without_a_note_beside_it_gets_one(path: Path) -> None:
    a_log(path, 1)
    note = log_id_path(path)
    content = note.read_bytes()
    note.unlink()
    a_log(path, 0)
    assert note.read_bytes() == content
