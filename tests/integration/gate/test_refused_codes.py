"""A code that a guard has refused is looked at when it comes again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scanner.domain.reasons import GuardReason, Reason
from scanner.domain.verdicts import Decision, GuardDecision
from tests.builders import a_code, a_key
from tests.gate_builders import Gate

AGAIN = (Decision.CHECK, (Reason.REFUSED_EARLIER,))


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    gate = Gate(tmp_path, [a_key()])
    yield gate
    gate.ledger.close()


def refused(gate: Gate, code: str) -> int:
    """The visit in which the name turned out to be another one's."""
    visit = gate.verdict(code).visit
    gate.decide(visit, admit=False, reason=GuardReason.ID_MISMATCH)
    gate.wait(5)
    return visit


def test_a_borrowed_phone_is_not_green_the_second_time(gate: Gate) -> None:
    refused(gate, a_code())
    again = gate.verdict(a_code())
    assert (again.decision, again.reasons) == AGAIN
    assert gate.entries()[-1].reasons == (Reason.REFUSED_EARLIER,)


def test_within_a_minute_of_a_restart_the_refusal_itself_still_stands_there(gate: Gate) -> None:
    visit = refused(gate, a_code())
    gate.restart()
    again = gate.verdict(a_code())
    assert (again.visit, again.guard) == (visit, GuardDecision.REFUSED_BY_GUARD)


def test_later_it_is_not_green_either(gate: Gate) -> None:
    refused(gate, a_code())
    gate.wait(60)
    gate.restart()
    again = gate.verdict(a_code())
    assert (again.decision, again.reasons) == AGAIN


def test_somebody_else_is_green(gate: Gate) -> None:
    refused(gate, a_code())
    assert gate.verdict(a_code(code_id=b"code-002")).decision is Decision.ADMIT


def test_whom_the_guard_lets_in_after_all_is_green_from_then_on(gate: Gate) -> None:
    refused(gate, a_code())
    again = gate.verdict(a_code())
    gate.decide(again.visit, admit=True, reason=GuardReason.ID_REGISTERED)
    gate.wait(5)
    assert gate.verdict(a_code()).decision is Decision.ADMIT
