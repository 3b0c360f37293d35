"""How a gate marks who came, for a hub that compares places."""

from datetime import timedelta
from pathlib import Path

import pytest

from scanner.domain.entries import EntryType
from scanner.domain.passes import Colour, PassKind
from scanner.domain.trace import TraceKey, trace_day
from scanner.ledger.trace_keys import FILE_NAME, save_trace_keys
from tests.builders import NOW, a_bound_code, a_code, a_key, a_phone
from tests.gate_builders import Gate

KEYS = tuple(TraceKey(trace_day(NOW) + timedelta(days=n), bytes([n + 1]) * 32) for n in range(2))
DAY_S = 86_400.0


def has_keys(gate: Gate, *keys: TraceKey) -> None:
    save_trace_keys(gate.folder / FILE_NAME, keys)
    gate.recorder.traces.refresh()


def a_gate(folder: Path, *keys: TraceKey) -> Gate:
    folder.mkdir(exist_ok=True)
    gate = Gate(folder, [a_key("33")])
    has_keys(gate, *keys)
    return gate


def traces(gate: Gate) -> list[str | None]:
    """Of all scans, the oldest first."""
    return [e.trace for e in gate.entries() if e.type is EntryType.SCAN]


def test_without_a_key_nobody_is_marked(tmp_path: Path) -> None:
    gate = a_gate(tmp_path)
    gate.verdict(a_code())
    assert traces(gate) == [None]


def test_one_phone_has_one_trace_at_all_gates_with_every_code_of_that_day(tmp_path: Path) -> None:
    east, west = a_gate(tmp_path / "e", *KEYS), a_gate(tmp_path / "w", *KEYS)
    east.verdict(a_phone().receives(a_bound_code()).presents(NOW))
    west.verdict(a_phone().receives(a_bound_code(code_id=b"code-002")).presents(NOW))
    (trace,) = traces(east)
    assert trace is not None
    assert len(trace) == 16
    assert traces(west) == [trace]


def test_two_people_of_one_masked_name_are_two(tmp_path: Path) -> None:
    gate = a_gate(tmp_path, *KEYS)
    gate.verdict(a_code())
    gate.verdict(a_code(code_id=b"code-002"))
    first, second = traces(gate)
    assert first != second


def test_the_next_day_it_is_another_one(tmp_path: Path) -> None:
    gate = a_gate(tmp_path, *KEYS)
    for day in range(3):
        issued = NOW + timedelta(days=day)
        gate.verdict(a_code(issued_at=issued, expires_at=issued + timedelta(minutes=9)))
        gate.wait(DAY_S)
    first, second, third = traces(gate)
    assert first is not None
    assert second is not None
    assert first != second
    assert third is None


@pytest.mark.parametrize("kind", [PassKind.PAPER, PassKind.DEPENDANT])
def test_a_pass_that_a_household_shares_is_not_marked(tmp_path: Path, kind: PassKind) -> None:
    gate = a_gate(tmp_path, *KEYS)
    gate.verdict(a_code(kind=kind))
    assert traces(gate) == [None]


def test_a_forged_code_proves_nobody_and_is_not_marked(tmp_path: Path) -> None:
    gate = a_gate(tmp_path, *KEYS)
    gate.verdict(a_code(a_key("31"), issuer="33"))
    assert traces(gate) == [None]


def test_a_proven_code_that_is_refused_is_marked(tmp_path: Path) -> None:
    gate = a_gate(tmp_path, *KEYS)
    gate.verdict(a_code(colour=Colour.RED))
    assert traces(gate) != [None]


def test_keys_that_the_hub_took_away_mark_nobody_from_then_on(tmp_path: Path) -> None:
    gate = a_gate(tmp_path, *KEYS)
    has_keys(gate)
    gate.verdict(a_code())
    assert traces(gate) == [None]


def test_a_mark_changes_no_verdict(tmp_path: Path) -> None:
    shown = [
        (event.decision, event.reasons, event.colour)
        for gate in (a_gate(tmp_path / "with", *KEYS), a_gate(tmp_path / "without"))
        for event in (gate.verdict(a_code()),)
    ]
    assert shown[0] == shown[1]
