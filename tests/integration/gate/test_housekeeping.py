"""The gate forgets by itself: a real ledger, what sync says of the hub, a clock that is stepped."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace as altered

from scanner.domain.entries import Entry, EntryType
from scanner.gate.housekeeping import FIRST_LOOK_S, LOOK_EVERY_S, PATIENCE_S, Housekeeping
from scanner.gate.instant import Instant
from scanner.gate.recorder import Recorder
from scanner.ledger.outbox import OutboxPosition, save_outbox
from scanner.ledger.reader import LedgerReader
from scanner.ledger.receipt import verify_receipt
from scanner.ledger.store import Ledger
from scanner.ledger.verify import verify_log
from tests.builders import NOW
from tests.captured_log import captured_log
from tests.ledger_builders import an_entry, tamper
from tests.sync_builders import a_device

DEVICE = a_device()
KEEP = timedelta(days=14)
DUE = 6 * 24 + 1 + 6
"""Entries of the first of 20 days that are 14 days old, and those of the next six hours."""


class Gate:
    """A ledger with one entry an hour, `days` of them before now, and the duty to forget."""

    def __init__(self, folder: Path, days: int) -> None:
        self.folder = folder
        self.seconds = 0.0
        self.ledger = Ledger.open(folder / "ledger.db", DEVICE.device_id)
        for hour in range(24 * days):
            at = NOW - timedelta(days=days) + timedelta(hours=hour)
            self.ledger.append(an_entry(hour + 1, at=at))
        self.start()

    def start(self) -> None:
        self.recorder = Recorder(self.ledger, self.folder, sealing_key=None)
        self.duty = Housekeeping(
            self.ledger, self.recorder, self.folder / "outbox.json", KEEP, DEVICE
        )

    def archive(self, seq: int, head: bytes | None = None) -> None:
        with LedgerReader(self.folder / "ledger.db") as reader:
            head = head or reader.head_at(seq) or b""
            acked = reader.last()
        save_outbox(
            self.folder / "outbox.json",
            OutboxPosition(
                acked_seq=acked.seq,
                acked_head=acked.head.hex(),
                archived_seq=seq,
                archived_head=head.hex(),
                at=NOW,
            ),
        )

    def live(self, seconds: float, *, is_idle: bool = True, is_sure: bool = True) -> None:
        """Let the loop turn for so long, four times a second."""
        for _ in range(round(seconds * 4)):
            self.seconds += 0.25
            at = NOW + timedelta(seconds=self.seconds)
            self.duty.work(Instant(at, is_sure, self.seconds, "boot"), is_idle=is_idle)

    @property
    def erased(self) -> int:
        return self.ledger.old_lines.erased.seq

    def told(self) -> list[Entry]:
        return [e for e in self.ledger.latest(2000) if e.type is EntryType.RETENTION]


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    gate = Gate(tmp_path, days=20)
    yield gate
    gate.ledger.close()


def test_lines_older_than_the_site_keeps_are_erased_and_signed_for(gate: Gate) -> None:
    gate.archive(24 * 20)
    gate.live(60)
    assert gate.erased == DUE
    (entry,) = gate.told()
    assert (entry.first, entry.last) == (1, DUE)
    assert entry.receipt is not None
    receipt = verify_receipt(entry.receipt, DEVICE.private_key.public_key())
    assert (receipt.after, receipt.count) == (gate.ledger.old_lines.erased, DUE)
    assert verify_log(gate.folder / "ledger.db").fault is None


def test_a_gate_that_has_just_started_erases_nothing_yet(gate: Gate) -> None:
    gate.archive(24 * 20)
    gate.live(FIRST_LOOK_S - 1)
    assert gate.erased == 0


def test_only_what_the_hub_has_in_a_backup_goes(gate: Gate) -> None:
    gate.live(60)
    assert gate.erased == 0
    gate.archive(50)
    gate.live(LOOK_EVERY_S)
    assert gate.erased == 50
    gate.archive(100, head=bytes(32))  # of another branch
    gate.live(LOOK_EVERY_S)
    assert gate.erased == 50


def test_lines_that_wait_for_a_backup_too_long_are_told_in_the_log(gate: Gate) -> None:
    with captured_log() as logged:
        gate.archive(24)
        gate.live(60)
        gate.live(LOOK_EVERY_S)
    told = [event for event in logged if event["event"] == "lines_overdue"]
    assert [(event["entry"], event["days"], event["archived"]) for event in told] == [
        (1, 20, 24),
        (25, 19, 24),
    ]


def test_under_a_clock_that_nobody_vouches_for_nothing_goes(gate: Gate) -> None:
    gate.archive(24 * 20)
    gate.live(LOOK_EVERY_S, is_sure=False)
    assert gate.erased == 0


def test_while_people_come_a_step_waits_a_minute_and_not_for_ever(gate: Gate) -> None:
    gate.archive(24 * 20)
    gate.live(PATIENCE_S - 2, is_idle=False)
    assert gate.erased == 0
    gate.live(10 * PATIENCE_S, is_idle=False)
    assert gate.erased == DUE


def test_erasing_that_was_cut_off_goes_on_and_ends_with_one_receipt(gate: Gate) -> None:
    gate.archive(24 * 20)
    gate.live(FIRST_LOOK_S + 1)
    assert 0 < gate.erased < DUE
    gate.ledger.close()
    gate.ledger = Ledger.open(gate.folder / "ledger.db", DEVICE.device_id)
    gate.start()
    gate.live(60)
    assert gate.erased == DUE
    assert sum((entry.last or 0) - (entry.first or 0) + 1 for entry in gate.told()) == DUE
    assert verify_log(gate.folder / "ledger.db").fault is None


def test_a_day_later_the_next_receipt_goes_on_where_the_last_one_ended(gate: Gate) -> None:
    gate.archive(24 * 20)
    gate.live(60)
    gate.seconds += 86_400
    gate.live(LOOK_EVERY_S)
    assert [(entry.first, entry.last) for entry in gate.told()] == [(1, DUE), (DUE + 1, DUE + 24)]


def test_few_receipts_are_written_and_no_line_is_kept_too_long(gate: Gate) -> None:
    gate.archive(24 * 20)
    gate.live(60)
    for _ in range(48):
        gate.live(30)
        gate.seconds += 3600 - 30
        (oldest,) = gate.ledger.latest(gate.ledger.next_seq - 1 - gate.erased)[:1]
        assert NOW + timedelta(seconds=gate.seconds) - oldest.at < KEEP + timedelta(hours=1)
    assert len(gate.told()) <= 9


def test_no_erased_byte_is_left_once_the_gate_has_rested(gate: Gate) -> None:
    gate.archive(24 * 20)
    subject = an_entry(100).subject
    assert subject is not None
    gate.live(60)
    kept = b"".join(file.read_bytes() for file in gate.folder.iterdir())
    assert subject.encode() not in kept


def test_an_altered_log_is_left_as_it_is_and_the_gate_goes_on(gate: Gate) -> None:
    gate.archive(24 * 20)
    tamper(
        gate.folder / "ledger.db",
        "UPDATE lines SET line = replace(line, 'ADMIT', 'CHECK') WHERE seq = 9",
    )
    with captured_log() as logged:
        gate.live(60)
    assert gate.erased == 0
    assert "altered at entry 9" in str([e for e in logged if e["event"] == "cannot_erase"])
    gate.ledger.append(altered(an_entry(gate.ledger.next_seq)))
