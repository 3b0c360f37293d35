"""Proofs from a real ledger, by the commands, and the checkpoints that sync keeps for them."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from scanner.cli import entries, proofs
from scanner.domain.errors import LedgerError
from scanner.ledger.checkpoint import cosign, make_checkpoint, parse_checkpoint
from scanner.ledger.device import Device
from scanner.ledger.kept_notes import EVERY, EVERY_ENTRIES, MOST_BYTES, KeptNotes, load_notes
from scanner.ledger.position import Position
from scanner.ledger.proof import check_proof
from scanner.ledger.proof_source import prove_entry
from scanner.ledger.reader import LedgerReader
from scanner.ledger.store import Ledger
from tests.ledger_builders import NOON, an_entry, tamper

DEVICE = Device(Ed25519PrivateKey.from_private_bytes(b"d" * 32))
PUBLIC = DEVICE.private_key.public_key()
HUB = Ed25519PrivateKey.from_private_bytes(b"h" * 32)
HUB_KEY = HUB.public_key().public_bytes_raw()
WITNESS = (proofs._hub_name(HUB_KEY), HUB.public_key())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.db"
    with Ledger.open(path, DEVICE.device_id) as ledger:
        for seq in range(1, 61):
            ledger.append(an_entry(seq))
    return path


def notes(path: Path) -> Path:
    return path.with_name("checkpoints.jsonl")


def countersign(path: Path, *seqs: int) -> None:
    """The hub had the log at these places, an hour apart."""
    kept = KeptNotes(notes(path))
    with LedgerReader(path) as reader:
        for number, seq in enumerate(seqs):
            head = reader.head_at(seq)
            assert head is not None
            at = NOON + number * timedelta(hours=1)
            note = cosign(make_checkpoint(DEVICE, Position(seq, head), at), WITNESS[0], HUB)
            assert kept.keep(note, parse_checkpoint(note))


def checkpoint_entries(*words: str | Path) -> tuple[int, str]:
    app = typer.Typer()
    proofs.register(app)
    result = CliRunner().invoke(app, [str(word) for word in words])
    return result.exit_code, result.output


def test_an_auditor_checks_with_public_keys_alone(path: Path, tmp_path: Path) -> None:
    countersign(path, 20, 50)
    file = tmp_path / "proof.json"
    status, _ = checkpoint_entries("proof", "33", "--ledger", path, "--out", file)
    assert status == 0
    for seq in (32, 34):
        assert (an_entry(seq).subject or "") not in file.read_text("utf-8")
    keys = ("--device-key", DEVICE.public_bytes.hex(), "--hub-key", HUB_KEY.hex())
    status, said = checkpoint_entries("check-proof", file, *keys)
    assert status == 0
    assert (an_entry(33).subject or "") in said
    assert "between entry 20 and entry 50" in said
    file.write_text(file.read_text("utf-8").replace("ADMIT", "CHECK"), "utf-8")
    status, said = checkpoint_entries("check-proof", file, *keys)
    assert status == 1
    assert "proves nothing" in said


def test_a_key_that_is_none_is_told(path: Path) -> None:
    status, said = checkpoint_entries("check-proof", path, "--device-key", "abc")
    assert status == 2
    assert "32 bytes" in said


def test_the_nearest_checkpoints_are_taken(path: Path) -> None:
    countersign(path, 10, 20, 50, 60)
    with LedgerReader(path) as reader:
        proven = check_proof(prove_entry(reader, 20, notes(path), None, NOON), PUBLIC, WITNESS)
        assert proven.before is not None
        assert (proven.before.seq, proven.after.seq) == (10, 20)
        first = check_proof(prove_entry(reader, 3, notes(path), None, NOON), PUBLIC, WITNESS)
        assert (first.before, first.after.seq) == (None, 10)


def test_a_checkpoint_of_another_history_is_not_taken(path: Path) -> None:
    """After a restored backup the hub has signed below entries that are no longer here."""
    other = cosign(make_checkpoint(DEVICE, Position(40, b"x" * 32), NOON - EVERY), WITNESS[0], HUB)
    assert KeptNotes(notes(path)).keep(other, parse_checkpoint(other))
    countersign(path, 50)
    with LedgerReader(path) as reader:
        proven = check_proof(prove_entry(reader, 33, notes(path), None, NOON), PUBLIC, WITNESS)
    assert proven.after.seq == 50


def test_without_the_hubs_word_the_gate_gives_its_own(path: Path) -> None:
    with LedgerReader(path) as reader:
        proven = check_proof(prove_entry(reader, 33, notes(path), DEVICE, NOON), PUBLIC)
        assert proven.after.at == NOON
        first = check_proof(prove_entry(reader, 1, notes(path), DEVICE, NOON), PUBLIC)
        assert first.before is None
        with pytest.raises(LedgerError, match="No checkpoint stands behind entry 33"):
            prove_entry(reader, 33, notes(path), None, NOON)
        with pytest.raises(LedgerError, match="no line of entry 61"):
            prove_entry(reader, 61, notes(path), DEVICE, NOON)


def test_a_file_that_was_rolled_back_shows_against_the_hubs_checkpoint(
    path: Path, tmp_path: Path
) -> None:
    backup = tmp_path / "backup.db"
    shutil.copy(path, backup)
    with Ledger.open(path, DEVICE.device_id) as ledger:
        end = ledger.append(an_entry(61))
    note = tmp_path / "note.txt"
    note.write_text(cosign(make_checkpoint(DEVICE, end, NOON), WITNESS[0], HUB), "utf-8")
    for file, status in ((path, 0), (backup, 1)):
        result = CliRunner().invoke(
            entries.app, ["verify", "--ledger", str(file), "--checkpoint", str(note), "--json"]
        )
        assert result.exit_code == status
        assert ('"seq":61,"kind":"truncated"' in result.output) == (status == 1)
    note.write_text("no note", "utf-8")
    with pytest.raises(LedgerError, match="no checkpoint"):
        proofs.kept_position(note, path)


def test_an_altered_log_proves_nothing(path: Path) -> None:
    countersign(path, 20, 50)
    tamper(path, "UPDATE lines SET line = replace(line, 'ADMIT', 'CHECK') WHERE seq = 33")
    with LedgerReader(path) as reader:
        content = prove_entry(reader, 33, notes(path), None, NOON)
    with pytest.raises(ValueError, match="do not lead"):
        check_proof(content, PUBLIC, WITNESS)


def test_a_log_with_a_hole_says_so(path: Path) -> None:
    countersign(path, 20, 50)
    tamper(path, "DELETE FROM lines WHERE seq = 30")
    with LedgerReader(path) as reader, pytest.raises(LedgerError, match="Entry 30 is missing"):
        prove_entry(reader, 33, notes(path), None, NOON)


def a_note(seq: int, minutes: float) -> str:
    return make_checkpoint(DEVICE, Position(seq, b"h" * 32), NOON + timedelta(minutes=minutes))


def test_a_checkpoint_is_kept_when_enough_entries_or_time_have_passed(tmp_path: Path) -> None:
    file = tmp_path / "checkpoints.jsonl"
    hour = EVERY / timedelta(minutes=1)
    told = [(1, 0.0), (2, 1.0), (EVERY_ENTRIES + 1, 2.0), (EVERY_ENTRIES + 1, 3 * hour),
            (EVERY_ENTRIES + 2, 3 * hour), (5, 3 * hour)]  # fmt: skip
    notes = [a_note(*each) for each in told]
    kept = [KeptNotes(file).keep(note, parse_checkpoint(note)) for note in notes]
    # nothing new at the fourth; the sixth is of a log that was rolled back
    assert kept == [True, False, True, False, True, True]
    assert [body.seq for _, body in load_notes(file)] == [1, 257, 258, 5]


def test_a_torn_line_costs_that_checkpoint_alone(tmp_path: Path) -> None:
    file = tmp_path / "checkpoints.jsonl"
    first, second = a_note(1, 0), a_note(1000, 0)
    KeptNotes(file).keep(first, parse_checkpoint(first))
    with file.open("ab") as opened:
        opened.write(b'"checkpoint-gate/d-')
    KeptNotes(file).keep(second, parse_checkpoint(second))
    assert [note for note, _ in load_notes(file)] == [first, second]


def test_the_file_of_checkpoints_does_not_grow_for_ever(tmp_path: Path) -> None:
    file = tmp_path / "checkpoints.jsonl"
    file.write_bytes((b'"' + b"x" * 4000 + b'"\n') * (MOST_BYTES // 4000))
    note = a_note(1, 0)
    KeptNotes(file).keep(note, parse_checkpoint(note))
    assert file.stat().st_size < MOST_BYTES // 2 + 1000
    assert [kept for kept, _ in load_notes(file)] == [note]


def test_a_full_disk_costs_the_checkpoint_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    note = a_note(1, 0)
    assert not KeptNotes(folder / "checkpoints.jsonl").keep(note, parse_checkpoint(note))


def test_an_entry_is_proven_beside_erased_ones_by_their_hashes(path: Path) -> None:
    countersign(path, 50)
    with Ledger.open(path, DEVICE.device_id) as ledger:
        while ledger.old_lines.erased.seq < 40:
            ledger.old_lines.erase(40)
    with LedgerReader(path) as reader:
        file = prove_entry(reader, 45, notes(path), None, NOON)
        assert (an_entry(44).subject or "").encode() not in file
        assert check_proof(file, PUBLIC, WITNESS).seq == 45
        with pytest.raises(LedgerError, match="no line of entry 33"):
            prove_entry(reader, 33, notes(path), None, NOON)
