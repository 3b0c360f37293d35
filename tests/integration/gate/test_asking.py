"""Questions that take their time: cooling down, and a gate that restarts meanwhile."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scanner.domain.entries import EntryType
from scanner.domain.passes import PassKind
from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Ask, Decision
from scanner.gate.messages import CommandResult, ErrorCode, VerdictShown
from scanner.policy.joining import join
from scanner.policy.layers import Level
from scanner.policy.rules import RuleSet, TemperatureRules
from tests.builders import a_code, a_key
from tests.gate_builders import Gate
from tests.policy_builders import a_layer

RULES = RuleSet(temperature=TemperatureRules(remeasure=1, cool_down_s=90))


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    gate = Gate(tmp_path, [a_key()], RULES)
    yield gate
    gate.ledger.close()


def test_a_reading_before_the_forehead_has_cooled_down_is_not_taken(gate: Gate) -> None:
    visit = gate.verdict(a_code(kind=PassKind.PAPER)).visit
    (warm, _) = gate.measure(visit, 37.6)
    assert isinstance(warm, VerdictShown)
    assert (warm.measure_in_s, warm.reasons) == (90.0, (Reason.TEMPERATURE_HIGH,))
    gate.wait(60)
    assert gate.measure(visit, 36.4) == [CommandResult(command=1, error=ErrorCode.TOO_SOON)]
    gate.wait(30)
    (cool, _) = gate.measure(visit, 36.4)
    assert isinstance(cool, VerdictShown)
    assert (cool.decision, cool.measure_in_s) == (Decision.ADMIT, 0.0)
    recorded = [entry.temperature_c for entry in gate.entries() if entry.type is EntryType.ANSWER]
    assert recorded == [37.6, 36.4]


def test_cooling_down_is_waited_for_and_goes_on_after_a_restart(gate: Gate) -> None:
    text = a_code(kind=PassKind.PAPER)
    visit = gate.verdict(text).visit
    gate.measure(visit, 37.6)
    gate.wait(40)
    gate.restart()
    again = gate.verdict(text)
    assert (again.visit, round(again.measure_in_s)) == (visit, 50)
    assert gate.measure(visit, 36.4) == [CommandResult(command=1, error=ErrorCode.TOO_SOON)]


def test_whoever_goes_away_while_cooling_down_is_recorded_as_gone(gate: Gate) -> None:
    visit = gate.verdict(a_code(kind=PassKind.PAPER)).visit
    gate.measure(visit, 37.6)
    gate.wait(209)
    assert gate.entries()[-1].type is EntryType.ANSWER
    gate.wait(2)
    last = gate.entries()[-1]
    assert (last.type, last.completes) == (EntryType.ABANDONED, visit)


def test_a_document_that_nobody_asked_for_changes_nothing(gate: Gate) -> None:
    visit = gate.verdict(a_code(kind=PassKind.PAPER)).visit
    assert gate.document(visit) == [CommandResult(command=1, error=ErrorCode.NOT_ASKED)]


def test_a_document_that_a_layer_asks_for_completes_the_scan_once_it_was_seen(
    tmp_path: Path,
) -> None:
    layer = a_layer(
        """
        [[rule]]
        id = "travel-document"
        when = { issuer = "33" }
        ask = ["document"]
        """
    )
    gate = Gate(tmp_path, [a_key()], join([a_layer("", Level.NATION), layer]))
    asked = gate.verdict(a_code())
    assert (asked.decision, asked.asks) == (Decision.CHECK, (Ask.DOCUMENT,))
    (seen, _) = gate.document(asked.visit)
    assert isinstance(seen, VerdictShown)
    assert (seen.decision, seen.final) == (Decision.ADMIT, True)
    last = gate.entries()[-1]
    assert (last.type, last.completes, last.document_seen) == (EntryType.ANSWER, asked.visit, True)
    gate.ledger.close()
