import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from scanner.domain.entries import encode_entry
from scanner.ledger import chain
from scanner.ledger.position import Position
from scanner.ledger.reader import LedgerReader
from scanner.ledger.schema import PAGE_BYTES
from scanner.ledger.store import Ledger
from scanner.ledger.verify import Fault, FaultKind, verify_log
from tests.ledger_builders import DEVICE_ID, a_log, an_entry, tamper

COUNT = 30
SWAP = (
    "UPDATE lines SET seq = -1 WHERE seq = 7",
    "UPDATE lines SET seq = 7 WHERE seq = 8",
    "UPDATE lines SET seq = 8 WHERE seq = -1",
)
SHIFT = (
    "UPDATE lines SET seq = -seq - 1 WHERE seq >= 12",
    "UPDATE lines SET seq = -seq WHERE seq < 0",
    "INSERT INTO lines SELECT 12, line, head FROM lines WHERE seq = 5",
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


def test_a_sound_log_is_sound_up_to_its_end(path: Path) -> None:
    end = a_log(path, COUNT)
    report = verify_log(path)
    assert (report.device_id, report.entries, report.position) == (DEVICE_ID, COUNT, end)
    assert report.fault is None
    assert verify_log(path, known=end).fault is None


@pytest.mark.parametrize(
    ("changes", "seq", "kind"),
    [
        (("UPDATE lines SET line = replace(line, 'A', 'B') WHERE seq = 9",), 9, FaultKind.EDITED),
        (("UPDATE lines SET line = '' WHERE seq = 9",), 9, FaultKind.EDITED),
        (("UPDATE lines SET line = CAST(x'ff' AS TEXT) WHERE seq = 9",), 9, FaultKind.EDITED),
        (("UPDATE lines SET head = zeroblob(32) WHERE seq = 9",), 9, FaultKind.HEAD_MISMATCH),
        (("UPDATE lines SET head = zeroblob(32) WHERE seq = 30",), 30, FaultKind.BROKEN),
        (("DELETE FROM lines WHERE seq BETWEEN 9 AND 11",), 9, FaultKind.GAP),
        (("DELETE FROM lines WHERE seq = 1",), 1, FaultKind.GAP),
        (SWAP, 7, FaultKind.MISPLACED),
        (SHIFT, 12, FaultKind.MISPLACED),
        (("UPDATE log SET nonce = zeroblob(16)",), 1, FaultKind.EDITED),
    ],
    ids=["edited", "emptied", "not text", "head", "last head", "removed", "first removed",
         "reordered", "inserted", "another log"],
)  # fmt: skip
def test_the_first_wrong_entry_is_found_and_named(
    path: Path, changes: tuple[str, ...], seq: int, kind: FaultKind
) -> None:
    a_log(path, COUNT)
    tamper(path, *changes)
    report = verify_log(path)
    assert report.fault == Fault(seq, kind)
    assert report.entries == seq - 1
    assert report.fault.explanation


def test_a_damaged_page_is_named_by_the_first_entry_that_cannot_be_read(path: Path) -> None:
    a_log(path, 400)
    content = bytearray(path.read_bytes())
    start = content.index(b'"seq":100,') // PAGE_BYTES * PAGE_BYTES
    content[start : start + PAGE_BYTES] = b"\xee" * PAGE_BYTES
    path.write_bytes(content)
    fault = verify_log(path).fault
    assert fault is not None
    assert fault.seq in range(95, 101)
    assert fault.kind in (FaultKind.DAMAGED, FaultKind.EDITED, FaultKind.BROKEN)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seq=st.integers(1, COUNT),
    at=st.integers(0, 10_000),
    new=st.integers(0, 255).map(lambda byte: bytes([byte])),
    column=st.sampled_from(["line", "head"]),
)
def test_any_changed_byte_is_found_where_it_is(
    tmp_path: Path, seq: int, at: int, new: bytes, column: str
) -> None:
    original, copy = tmp_path / "original.db", tmp_path / "copy.db"
    if not original.exists():
        a_log(original, COUNT)
    shutil.copy(original, copy)
    with LedgerReader(original) as reader:
        row = reader.lines_after(seq - 1, 1, 0)[0]
    value = row.line if column == "line" else row.head
    at %= len(value)
    assume(value[at : at + 1] != new)
    changed = (value[:at] + new + value[at + 1 :]).hex()
    kind = "TEXT" if column == "line" else "BLOB"
    tamper(copy, f"UPDATE lines SET {column} = CAST(x'{changed}' AS {kind}) WHERE seq = {seq}")  # noqa: S608
    fault = verify_log(copy).fault
    assert fault is not None
    assert fault.seq == seq


@pytest.mark.parametrize("seq", [0, -7])
def test_a_line_that_was_hidden_before_the_first_one_is_found(path: Path, seq: int) -> None:
    a_log(path, COUNT)
    tamper(path, f"INSERT INTO lines SELECT {seq}, line, head FROM lines WHERE seq = 5")  # noqa: S608
    assert verify_log(path).fault == Fault(seq, FaultKind.MISPLACED)


def test_a_removed_entry_with_the_rest_renumbered_does_not_hide(path: Path) -> None:
    a_log(path, COUNT)
    tamper(
        path,
        "DELETE FROM lines WHERE seq = 9",
        "UPDATE lines SET seq = -seq + 1 WHERE seq > 9",
        "UPDATE lines SET seq = -seq WHERE seq < 0",
    )
    assert verify_log(path).fault == Fault(9, FaultKind.MISPLACED)


def test_a_cut_off_end_shows_only_against_what_somebody_else_kept(path: Path) -> None:
    end = a_log(path, COUNT)
    tamper(path, "DELETE FROM lines WHERE seq > 20")
    assert verify_log(path).fault is None
    assert verify_log(path, known=end).fault == Fault(21, FaultKind.TRUNCATED)


def test_a_rewritten_history_shows_only_against_what_somebody_else_kept(path: Path) -> None:
    end = a_log(path, COUNT)
    rewrite(path, from_seq=20)
    assert verify_log(path).fault is None
    assert verify_log(path, known=end).fault == Fault(COUNT, FaultKind.DIVERGED)
    assert verify_log(path, known=Position(0, bytes(32))).fault == Fault(0, FaultKind.DIVERGED)


def test_a_line_that_is_no_entry_is_reported_even_when_it_is_chained(path: Path) -> None:
    a_log(path, 1)
    with LedgerReader(path) as reader:
        head = chain.extend(reader.last().head, b'{"no":"entry"}')
    tamper(path, f"""INSERT INTO lines VALUES (2, '{{"no":"entry"}}', x'{head.hex()}')""")  # noqa: S608
    assert verify_log(path).fault == Fault(2, FaultKind.UNREADABLE)


def test_a_restored_older_copy_is_a_valid_log_that_forks(path: Path, tmp_path: Path) -> None:
    a_log(path, 10)
    shutil.copy(path, tmp_path / "backup.db")
    with Ledger.open(path, DEVICE_ID) as ledger:
        original = ledger.append(an_entry(11))
    with Ledger.open(tmp_path / "backup.db", DEVICE_ID) as ledger:
        restored = ledger.append(an_entry(11, mono_ms=7))
    assert verify_log(tmp_path / "backup.db").fault is None
    assert original.seq == restored.seq
    assert original.head != restored.head
    assert verify_log(tmp_path / "backup.db", known=original).fault == Fault(11, FaultKind.DIVERGED)


def rewrite(path: Path, from_seq: int) -> None:
    """Forge all entries from one on, heads included: what the gate alone could do."""
    with LedgerReader(path) as reader:
        head = reader.head_at(from_seq - 1)
        last = reader.last().seq
    assert head is not None
    changes = []
    for seq in range(from_seq, last + 1):
        line = encode_entry(an_entry(seq, issuer="46"))
        head = chain.extend(head, line)
        changes.append(
            f"UPDATE lines SET line = '{line.decode()}', head = x'{head.hex()}' WHERE seq = {seq}"  # noqa: S608
        )
    tamper(path, *changes)
