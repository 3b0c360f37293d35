"""Codes that a phone vouches for, and newer codes of the same holder, at a whole gate."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from scanner.domain.entries import EntryType
from scanner.domain.passes import Colour, PassKind
from scanner.domain.reasons import Reason
from scanner.domain.verdicts import Decision
from scanner.formats import base45
from scanner.gate.messages import VerdictShown
from scanner.issuing.phone import Phone
from tests.builders import NOW, a_bound_code, a_code, a_key, a_phone
from tests.gate_builders import Gate


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    gate = Gate(tmp_path, [a_key()])
    yield gate
    gate.ledger.close()


def phone(**changes: Any) -> Phone:
    return a_phone().receives(a_bound_code(**changes))


def test_a_phone_that_refreshes_while_it_is_held_is_one_presentation(gate: Gate) -> None:
    held = phone(issued_at=NOW - timedelta(hours=5))
    assert gate.verdict(held.presents(gate.now().at)).decision is Decision.ADMIT
    texts = set()
    for _ in range(900):
        at = gate.now().at
        text = held.presents(NOW + (at - NOW) // timedelta(seconds=30) * timedelta(seconds=30))
        texts.add(text)
        assert gate.show(text) == []
    assert len(texts) == 4
    assert len(gate.entries()) == 1


def test_the_next_presentation_of_the_same_phone_is_a_new_entry(gate: Gate) -> None:
    held = phone()
    gate.verdict(held.presents(gate.now().at))
    gate.wait(31)
    assert gate.verdict(held.presents(gate.now().at)).decision is Decision.ADMIT
    first, second = gate.entries()
    assert first.subject == second.subject


def test_a_screenshot_is_a_check_and_the_fresh_code_after_it_is_admitted(gate: Gate) -> None:
    held = phone()
    stale = held.presents(NOW - timedelta(seconds=90))
    shown = gate.verdict(stale)
    assert (shown.decision, shown.reasons) == (Decision.CHECK, (Reason.SCREENSHOT,))
    assert [gate.show(stale) for _ in range(5)] == [[]] * 5
    assert gate.verdict(held.presents(gate.now().at)).decision is Decision.ADMIT
    assert [entry.decision for entry in gate.entries()] == [Decision.CHECK, Decision.ADMIT]


def test_a_copied_code_is_a_check_though_the_phone_is_held_beside_it(gate: Gate) -> None:
    held = phone()
    assert gate.verdict(held.presents(NOW)).decision is Decision.ADMIT
    copied = gate.verdict(a_bound_code())
    assert (copied.decision, copied.reasons) == (Decision.CHECK, (Reason.HOLDER_UNPROVEN,))


def test_a_thiefs_phone_is_refused_and_nothing_of_the_code_is_shown(gate: Gate) -> None:
    thief = replace(Phone.new(), code=base45.decode(a_bound_code()[5:]))
    shown = gate.verdict(thief.presents(NOW))
    assert (shown.decision, shown.reasons) == (Decision.REFUSE, (Reason.BAD_SIGNATURE,))
    assert (shown.masked_name, shown.issuer, shown.colour) == (None, None, None)
    assert gate.verdict(phone().presents(NOW)).decision is Decision.ADMIT


def test_a_red_screenshot_is_refused_as_red(gate: Gate) -> None:
    shown = gate.verdict(phone(colour=Colour.RED).presents(NOW - timedelta(hours=1)))
    assert shown.decision is Decision.REFUSE
    assert shown.reasons == (Reason.COLOUR_RED, Reason.SCREENSHOT)


def test_an_open_question_goes_on_over_refreshes_and_never_with_a_copy(gate: Gate) -> None:
    child = phone(kind=PassKind.DEPENDANT)
    asked = gate.verdict(child.presents(NOW))
    assert asked.reasons == (Reason.TEMPERATURE_NEEDED,)
    gate.wait(40)
    assert gate.verdict(child.presents(gate.now().at)).visit == asked.visit
    gate.wait(5)
    copied = gate.verdict(child.presents(NOW - timedelta(hours=1)))
    assert copied.visit != asked.visit
    assert Reason.SCREENSHOT in copied.reasons
    admitted, _ = gate.measure(copied.visit, 36.5)
    assert isinstance(admitted, VerdictShown)
    assert (admitted.decision, admitted.reasons) == (Decision.CHECK, (Reason.SCREENSHOT,))


def test_after_a_screenshot_of_a_childs_pass_the_fresh_one_gets_its_own_question(
    gate: Gate,
) -> None:
    child = phone(kind=PassKind.DEPENDANT)
    stale = gate.verdict(child.presents(NOW - timedelta(hours=1)))
    fresh = gate.verdict(child.presents(gate.now().at))
    assert fresh.visit != stale.visit
    admitted, _ = gate.measure(fresh.visit, 36.5)
    assert isinstance(admitted, VerdictShown)
    assert admitted.decision is Decision.ADMIT


def test_after_a_restart_a_refreshed_code_goes_on_with_its_visit(gate: Gate) -> None:
    held = phone()
    before = gate.verdict(held.presents(NOW))
    gate.seconds += 31
    gate.restart()
    after = gate.verdict(held.presents(gate.now().at))
    assert (after.visit, after.decision) == (before.visit, Decision.ADMIT)
    assert len(gate.entries()) == 1


def test_after_a_restart_a_screenshot_does_not_go_on_with_the_visit(gate: Gate) -> None:
    held = phone()
    text = held.presents(NOW)
    before = gate.verdict(text)
    gate.seconds += 59
    gate.restart()
    gate.seconds += 2
    after = gate.verdict(text)
    assert after.visit != before.visit
    assert after.reasons == (Reason.SCREENSHOT,)


def test_a_days_code_of_yesterdays_colour_gives_way_to_the_new_one(gate: Gate) -> None:
    old = phone(issued_at=NOW - timedelta(hours=3))
    new = phone(issued_at=NOW - timedelta(hours=1), colour=Colour.RED)
    assert gate.verdict(old.presents(gate.now().at)).decision is Decision.ADMIT
    assert gate.verdict(new.presents(gate.now().at)).decision is Decision.REFUSE
    gate.wait(5)
    again = gate.verdict(old.presents(gate.now().at))
    assert (again.decision, again.reasons) == (Decision.CHECK, (Reason.SUPERSEDED,))


def test_superseding_catches_a_question_that_was_open_already(gate: Gate) -> None:
    old = a_code(kind=PassKind.PAPER, issued_at=NOW - timedelta(days=9))
    asked = gate.verdict(old)
    gate.verdict(a_code(kind=PassKind.PAPER, colour=Colour.YELLOW, code_id=b"new"))
    shown, _ = gate.measure(asked.visit, 36.5)
    assert isinstance(shown, VerdictShown)
    assert (shown.decision, shown.reasons) == (Decision.CHECK, (Reason.SUPERSEDED,))
    assert gate.entries()[-1].type is EntryType.ANSWER


def test_a_paper_pass_stays_in_force_beside_a_newer_code_on_the_phone(gate: Gate) -> None:
    assert gate.verdict(a_code()).decision is Decision.ADMIT
    paper = gate.verdict(a_code(kind=PassKind.PAPER, issued_at=NOW - timedelta(days=9)))
    assert paper.reasons == (Reason.TEMPERATURE_NEEDED,)


def test_after_a_restart_an_interrupted_visit_is_not_superseded_by_itself(gate: Gate) -> None:
    red, green = _nine_oclock_red(), _ten_past_green()
    gate.seconds += 600
    gate.verdict(red)
    before = gate.verdict(green)
    gate.restart()
    after = gate.verdict(green)
    assert (after.visit, after.decision) == (before.visit, Decision.ADMIT)
    gate.wait(2)
    again = gate.verdict(red)
    assert again.reasons[0] is Reason.COLOUR_RED
    assert Reason.SUPERSEDED in again.reasons
    assert len(gate.entries()) == 2


def test_an_interrupted_visit_does_not_go_on_with_a_code_that_was_superseded(gate: Gate) -> None:
    green = a_code(issued_at=NOW - timedelta(minutes=1), code_id=b"old")
    before = gate.verdict(green)
    gate.restart()
    assert gate.verdict(a_code(colour=Colour.RED, issued_at=NOW)).decision is Decision.REFUSE
    gate.wait(2)
    after = gate.verdict(green)
    assert after.visit != before.visit
    assert (after.decision, after.reasons) == (Decision.CHECK, (Reason.SUPERSEDED,))


def _nine_oclock_red() -> str:
    return a_code(colour=Colour.RED, issued_at=NOW, code_id=b"red")


def _ten_past_green() -> str:
    ten_past = NOW + timedelta(minutes=10)
    return a_code(issued_at=ten_past, expires_at=ten_past + timedelta(minutes=10), code_id=b"green")
