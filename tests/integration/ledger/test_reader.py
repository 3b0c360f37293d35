import shutil
from pathlib import Path

import pytest

from scanner.domain.entries import encode_entry
from scanner.domain.errors import LedgerError
from scanner.ledger import chain
from scanner.ledger.reader import LedgerReader
from scanner.ledger.store import Ledger
from tests.ledger_builders import DEVICE_ID, a_log, an_entry, tamper


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


def test_a_reader_follows_while_the_gate_writes(path: Path) -> None:
    with Ledger.open(path, DEVICE_ID) as ledger, LedgerReader(path) as reader:
        for seq in range(1, 51):
            assert reader.last() == ledger.position
            ledger.append(an_entry(seq))
        assert reader.last() == ledger.position


def test_a_reader_knows_whose_log_it_is(path: Path) -> None:
    a_log(path, 1)
    with LedgerReader(path) as reader:
        assert reader.device_id == DEVICE_ID
        assert reader.genesis == chain.genesis(DEVICE_ID, reader.nonce)


def test_lines_are_the_exact_bytes_in_order_with_their_heads(path: Path) -> None:
    a_log(path, 10)
    with LedgerReader(path) as reader:
        head = reader.genesis
        for seq, line in enumerate(reader.lines_after(0, 100, 1 << 20), start=1):
            assert (line.seq, line.line) == (seq, encode_entry(an_entry(seq)))
            head = chain.extend(head, line.line)
            assert line.head == head == reader.head_at(seq)


def test_a_batch_ends_at_the_limit_or_at_the_bytes(path: Path) -> None:
    a_log(path, 10)
    size = len(encode_entry(an_entry(4)))
    with LedgerReader(path) as reader:
        assert [line.seq for line in reader.lines_after(3, 2, 1 << 20)] == [4, 5]
        assert [line.seq for line in reader.lines_after(3, 9, 3 * size)] == [4, 5, 6]
        assert [line.seq for line in reader.lines_after(3, 9, 3 * size - 1)] == [4, 5]
        assert [line.seq for line in reader.lines_after(3, 9, 1)] == [4]
        assert reader.lines_after(10, 9, 1 << 20) == []
        assert [line.seq for line in reader.lines_before(None, 2)] == [10, 9]
        assert [line.seq for line in reader.lines_before(3, 9)] == [2, 1]


def test_the_head_at_zero_is_the_genesis_and_beyond_the_end_there_is_none(path: Path) -> None:
    end = a_log(path, 2)
    with LedgerReader(path) as reader:
        assert reader.head_at(0) == reader.genesis
        assert reader.head_at(2) == end.head
        assert reader.head_at(3) is None


def test_an_empty_log_ends_at_its_genesis(path: Path) -> None:
    a_log(path, 0)
    with LedgerReader(path) as reader:
        assert reader.last().seq == 0
        assert reader.last().head == reader.genesis


def test_a_reader_cannot_write(path: Path) -> None:
    a_log(path, 1)
    with LedgerReader(path) as reader, pytest.raises(Exception, match="readonly"):
        reader._connection.execute("DELETE FROM lines")


def test_a_reader_does_not_keep_the_log_from_being_checkpointed(path: Path) -> None:
    with Ledger.open(path, DEVICE_ID) as ledger, LedgerReader(path) as reader:
        for seq in range(1, 6):
            ledger.append(an_entry(seq))
        assert len(reader.lines_after(0, 2, 1)) == 1
        busy, in_log, moved = ledger._connection.execute(
            "PRAGMA wal_checkpoint(TRUNCATE)"
        ).fetchone()
        assert (busy, in_log, moved) == (0, 0, 0)


def test_a_copy_of_the_files_taken_while_the_gate_writes_reads_well(path: Path) -> None:
    copy = path.parent / "copy"
    copy.mkdir()
    with Ledger.open(path, DEVICE_ID) as ledger:
        ledger.append(an_entry(1))
        for name in ("ledger.db", "ledger.db-wal"):
            shutil.copy(path.parent / name, copy / name)
    with LedgerReader(copy / "ledger.db") as reader:
        assert reader.last() == ledger.position


def test_where_there_is_no_log_the_reader_says_so_and_makes_none(path: Path) -> None:
    with pytest.raises(LedgerError, match="no ledger"):
        LedgerReader(path)
    assert not path.exists()


def test_a_reader_refuses_what_is_newer_or_not_begun(path: Path) -> None:
    path.touch()
    with pytest.raises(LedgerError, match="not ready"):
        LedgerReader(path)
    path.unlink()
    a_log(path, 1)
    tamper(path, "PRAGMA user_version = 99")
    with pytest.raises(LedgerError, match="newer version"):
        LedgerReader(path)
