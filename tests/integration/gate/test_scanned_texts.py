"""A barcode scanner beside or instead of the camera: same rules, same entries."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scanner.domain.entries import EntryType
from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Decision
from scanner.gate.arrivals import SCANNER_REPEAT_S
from scanner.gate.messages import Collecting, Event, VerdictShown
from tests.gate_builders import Gate
from tests.integration.gate.test_pipeline import PAPER, ZHEJIANG, code


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    gate = Gate(tmp_path, [ZHEJIANG])
    yield gate
    gate.ledger.close()


def scan(gate: Gate, text: str, *, waited_s: float = 0.03) -> list[Event]:
    """A text that waited a moment for the gate to take it."""
    gate.seconds += 0.1
    return gate.pipeline.text(text, gate.seconds - waited_s, gate.now)


def scanned_verdict(gate: Gate, text: str) -> VerdictShown:
    (event,) = scan(gate, text)
    assert isinstance(event, VerdictShown)
    return event


def test_a_scan_makes_the_same_entry_as_a_frame(gate: Gate) -> None:
    scanned = scanned_verdict(gate, code())
    framed = gate.verdict(code(serial=b"2"))
    by_scan, by_frame = gate.entries()
    assert (by_scan.type, by_scan.decision) == (EntryType.SCAN, Decision.ADMIT)
    assert (by_scan.type, by_scan.decision, by_scan.issuer, by_scan.format) == (
        by_frame.type,
        by_frame.decision,
        by_frame.issuer,
        by_frame.format,
    )
    assert (scanned.recorded, scanned.colour, scanned.final) == (
        framed.recorded,
        framed.colour,
        framed.final,
    )


def test_the_time_to_the_verdict_counts_from_the_last_byte(gate: Gate) -> None:
    (shown,) = scan(gate, code(), waited_s=0.03)
    assert isinstance(shown, VerdictShown)
    assert shown.frame_to_verdict_ms == pytest.approx(30, abs=1)


def test_a_scanner_that_repeats_itself_makes_one_entry(gate: Gate) -> None:
    text = code()
    scanned_verdict(gate, text)
    for _ in range(5):
        gate.wait(SCANNER_REPEAT_S - 0.2)
        assert scan(gate, text) == []
    assert len(gate.entries()) == 1


def test_after_a_pause_the_trigger_is_a_new_presentation(gate: Gate) -> None:
    text = code()
    scanned_verdict(gate, text)
    gate.wait(SCANNER_REPEAT_S + 0.1)
    scanned_verdict(gate, text)
    assert len(gate.entries()) == 2


def test_another_code_is_a_new_presentation_at_once(gate: Gate) -> None:
    scanned_verdict(gate, code(serial=b"1"))
    scanned_verdict(gate, code(serial=b"2"))
    assert len(gate.entries()) == 2


def test_camera_and_scanner_that_read_the_same_code_make_one_entry(gate: Gate) -> None:
    first, second = code(serial=b"1"), code(serial=b"2")
    scanned_verdict(gate, first)
    gate.wait(1.5)
    assert gate.show(first) == []
    gate.verdict(second)
    assert scan(gate, second) == []
    assert len(gate.entries()) == 2


def test_a_scanned_paper_pass_waits_for_its_temperature(gate: Gate) -> None:
    asked = scanned_verdict(gate, PAPER)
    shown, _ = gate.measure(asked.visit, 36.5)
    assert isinstance(shown, VerdictShown)
    assert (shown.decision, shown.visit) == (Decision.ADMIT, asked.visit)


@pytest.mark.parametrize(
    "text", ["https://pay.example/secret", "6901234567892", "\u202e绿", "x" * 4096]
)
def test_what_is_no_pass_is_told_politely(gate: Gate, text: str) -> None:
    assert scanned_verdict(gate, text).reasons == (Reason.NOT_A_HEALTH_CODE,)


def test_the_parts_of_a_long_code_are_collected_from_a_scanner_too(gate: Gate) -> None:
    assert scan(gate, "shc:/1/2/5676") == [Collecting(have=1, total=2)]
    assert scan(gate, "shc:/1/2/5676") == []
    shown = scanned_verdict(gate, "shc:/2/2/2909")
    assert shown.recorded
    assert len(gate.entries()) == 1
