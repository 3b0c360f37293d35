"""From texts and taps to durable entries and what the guard sees; real codes, real ledger."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from config.rules import read_layer
from scanner.domain.entries import EntryType
from scanner.domain.errors import SettingsError
from scanner.domain.foreign import ForeignKind
from scanner.domain.passes import HEALTH_CODE, Colour, Holder, IdKind, PassClaims, PassKind
from scanner.domain.reasons import GuardReason, Reason
from scanner.domain.verdicts import Ask, Decision, GuardDecision
from scanner.gate.messages import Collecting, CommandResult, ErrorCode, Idle, VerdictShown
from scanner.issuing.health_code import issue_health_code
from scanner.issuing.keys import IssuerKey
from scanner.policy.layers import Level
from scanner.policy.rules import ResultRules, RuleSet, Strict
from tests.builders import NOW
from tests.captured_log import captured_log
from tests.gate_builders import Gate

ZHEJIANG = IssuerKey.generate("33")


@contextmanager
def full_disk() -> Iterator[None]:
    """No file grows any more (setrlimit(2)); SQLite sees what a full disk shows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def code(
    colour: Colour = Colour.GREEN, kind: PassKind = PassKind.DYNAMIC, serial: bytes = b"1"
) -> str:
    claims = PassClaims(
        format=HEALTH_CODE,
        kind=kind,
        issuer="33",
        colour=colour,
        issued_at=NOW,
        expires_at=NOW + timedelta(hours=1),
        code_id=serial.rjust(8, b"\0"),
        holder=Holder("张*三", IdKind.RESIDENT_CARD, "207X"),
    )
    return issue_health_code(claims, ZHEJIANG)


PAPER = code(kind=PassKind.PAPER)


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    gate = Gate(tmp_path, [ZHEJIANG])
    yield gate
    gate.ledger.close()


def test_a_verdict_is_in_the_ledger_before_it_is_shown(gate: Gate) -> None:
    shown = gate.verdict(code())
    (entry,) = gate.entries()
    assert (shown.decision, shown.visit, shown.recorded) == (Decision.ADMIT, entry.seq, True)
    assert (entry.type, entry.decision, entry.issuer) == (EntryType.SCAN, Decision.ADMIT, "33")
    assert shown.frame_to_verdict_ms == pytest.approx(20, abs=1)


def test_the_guard_sees_the_masked_name_and_the_ledger_does_not(gate: Gate) -> None:
    text = code()
    shown = gate.verdict(text)
    assert (shown.masked_name, shown.id_suffix) == ("张*三", "207X")
    stored = b"".join(file.read_bytes() for file in gate.folder.iterdir())
    for secret in ("张*三", "207X", text[5:60]):
        assert secret.encode() not in stored


def test_a_code_held_still_makes_one_entry(gate: Gate) -> None:
    gate.verdict(code())
    text = code(serial=b"2")
    gate.verdict(text)
    assert [gate.show(text) for _ in range(20)] == [[]] * 20
    assert len(gate.entries()) == 2


def test_two_codes_held_side_by_side_make_one_entry_each(gate: Gate) -> None:
    left, right = code(serial=b"1"), code(serial=b"2")
    for shift in range(6):
        codes = (left, right) if shift % 2 else (right, left)
        for _ in range(10):
            gate.show(*codes)
    assert len(gate.entries()) == 2


def test_the_same_code_after_an_absence_is_a_new_presentation(gate: Gate) -> None:
    text = code()
    gate.verdict(text)
    gate.wait(5)
    gate.verdict(text)
    assert len(gate.entries()) == 2


def test_a_code_that_was_seen_to_leave_is_a_new_presentation(gate: Gate) -> None:
    text = code()
    gate.verdict(text)
    for _ in range(10):
        gate.show()
    gate.verdict(text)
    assert len(gate.entries()) == 2


@pytest.mark.parametrize("stall_s", [0.5, 2.0, 4.8])
def test_a_camera_that_stalls_sees_nobody_leave(gate: Gate, stall_s: float) -> None:
    text = code()
    gate.verdict(text)
    gate.wait(stall_s)
    assert not any(isinstance(event, VerdictShown) for event in gate.show(text))
    assert len(gate.entries()) == 1


def test_a_payment_code_is_told_politely_and_nothing_of_it_is_kept(gate: Gate) -> None:
    with captured_log() as logged:
        shown = gate.verdict("https://qr.alipay.com/secret-account")
    assert shown.reasons == (Reason.NOT_A_HEALTH_CODE,)
    assert shown.foreign is ForeignKind.PAYMENT
    (entry,) = gate.entries()
    assert entry.reasons == (Reason.NOT_A_HEALTH_CODE,)
    assert (entry.subject, entry.sealed, entry.format) == (None, None, None)
    kept = b"".join(path.read_bytes() for path in gate.folder.iterdir())
    for word in ("alipay", "secret-account", "payment"):
        assert word not in str(logged)
        assert word.encode() not in kept


def test_a_pass_wins_over_a_payment_code(gate: Gate) -> None:
    shown = gate.verdict("https://qr.alipay.com/secret-account", code())
    assert (shown.decision, shown.foreign) == (Decision.ADMIT, None)


def test_a_poster_that_was_hidden_for_a_while_is_not_told_about_again(gate: Gate) -> None:
    gate.verdict("https://poster.example/")
    gate.wait(30)
    assert gate.show("https://poster.example/") == []
    assert len(gate.entries()) == 1


def test_a_health_code_wins_over_a_poster_in_the_middle(gate: Gate) -> None:
    assert gate.verdict("https://poster.example/", code()).decision is Decision.ADMIT


def test_a_paper_pass_waits_for_its_temperature_and_both_are_recorded(gate: Gate) -> None:
    asked = gate.verdict(PAPER)
    assert (asked.decision, asked.asks, asked.final) == (
        Decision.CHECK,
        (Ask.TEMPERATURE,),
        False,
    )
    shown, result = gate.measure(asked.visit, 36.5)
    assert isinstance(shown, VerdictShown)
    assert (shown.decision, shown.final, shown.visit) == (Decision.ADMIT, True, asked.visit)
    assert result == CommandResult(command=1)
    scan, answer = gate.entries()
    assert (scan.decision, scan.asks) == (Decision.CHECK, (Ask.TEMPERATURE,))
    assert (answer.completes, answer.temperature_c, answer.decision) == (
        scan.seq,
        36.5,
        Decision.ADMIT,
    )


def test_a_high_reading_is_measured_again_and_then_stays_a_check(gate: Gate) -> None:
    visit = gate.verdict(PAPER).visit
    first, _ = gate.measure(visit, 38.2)
    second, _ = gate.measure(visit, 38.0)
    assert isinstance(first, VerdictShown)
    assert isinstance(second, VerdictShown)
    assert (first.final, second.final) == (False, True)
    assert second.reasons == (Reason.TEMPERATURE_HIGH,)


@pytest.mark.parametrize("celsius", [0.0, 369.0, -1.0, float("nan"), float("inf")])
def test_what_no_thermometer_says_is_refused_and_not_recorded(gate: Gate, celsius: float) -> None:
    visit = gate.verdict(PAPER).visit
    assert gate.measure(visit, celsius) == [CommandResult(command=1, error=ErrorCode.BAD_VALUE)]
    assert len(gate.entries()) == 1


def test_a_temperature_nobody_asked_for_is_refused(gate: Gate) -> None:
    visit = gate.verdict(code()).visit
    assert gate.measure(visit, 36.5) == [CommandResult(command=1, error=ErrorCode.NOT_ASKED)]
    assert gate.measure(999, 36.5) == [CommandResult(command=1, error=ErrorCode.NO_SUCH_VISIT)]


def test_a_guard_admits_beside_a_yellow_verdict_and_both_are_kept(gate: Gate) -> None:
    yellow = gate.verdict(code(Colour.YELLOW))
    shown, _ = gate.decide(yellow.visit, admit=True, reason=GuardReason.ID_REGISTERED)
    assert isinstance(shown, VerdictShown)
    assert (shown.decision, shown.guard) == (Decision.CHECK, GuardDecision.ADMITTED_BY_GUARD)
    scan, override = gate.entries()
    assert scan.decision is Decision.CHECK
    assert (override.completes, override.guard, override.guard_reason) == (
        scan.seq,
        GuardDecision.ADMITTED_BY_GUARD,
        GuardReason.ID_REGISTERED,
    )


def test_red_is_not_admitted_for_anything_but_an_emergency(gate: Gate) -> None:
    visit = gate.verdict(code(Colour.RED)).visit
    refused = gate.decide(visit, admit=True, reason=GuardReason.STAFF_ON_DUTY)
    assert refused == [CommandResult(command=1, error=ErrorCode.NOT_ALLOWED)]
    assert len(gate.entries()) == 1
    shown, _ = gate.decide(visit, admit=True, reason=GuardReason.EMERGENCY_MEDICAL)
    assert isinstance(shown, VerdictShown)


def test_minutes_after_the_verdict_the_gate_no_longer_knows_whose_it_was(gate: Gate) -> None:
    visit = gate.verdict(code(Colour.YELLOW)).visit
    gate.wait(290)
    shown, _ = gate.decide(visit, admit=False, reason=GuardReason.ID_MISMATCH)
    assert isinstance(shown, VerdictShown)
    gate.wait(11)
    gate.wait(1)
    refused = gate.decide(visit, admit=True, reason=GuardReason.ID_REGISTERED)
    assert refused == [CommandResult(command=1, error=ErrorCode.NO_SUCH_VISIT)]
    assert len(gate.entries()) == 2


def test_a_person_without_a_code_is_recorded_by_the_guard(gate: Gate) -> None:
    events = gate.decide(None, admit=True, reason=GuardReason.STAFF_ON_DUTY)
    assert events[-1] == CommandResult(command=1)
    (entry,) = gate.entries()
    assert (entry.type, entry.guard, entry.completes) == (
        EntryType.GUARD,
        GuardDecision.ADMITTED_BY_GUARD,
        None,
    )


def test_an_unanswered_question_is_recorded_as_abandoned(gate: Gate) -> None:
    visit = gate.verdict(PAPER).visit
    assert gate.wait(119) == []
    assert gate.wait(2) == [Idle()]
    assert [(e.type, e.completes) for e in gate.entries()][1] == (EntryType.ABANDONED, visit)
    assert gate.measure(visit, 36.5) == [CommandResult(command=1, error=ErrorCode.NO_SUCH_VISIT)]


def test_a_guard_may_close_a_question(gate: Gate) -> None:
    visit = gate.verdict(PAPER).visit
    assert gate.dismiss(visit) == [Idle(), CommandResult(command=1)]
    assert gate.entries()[-1].type is EntryType.ABANDONED


@pytest.mark.parametrize("before", [code(), PAPER], ids=["settled", "pending"])
def test_closing_an_older_verdict_leaves_the_next_person_on_the_screen(
    gate: Gate, before: str
) -> None:
    older = gate.verdict(before).visit
    red = gate.verdict(code(Colour.RED, serial=b"2"))
    assert gate.dismiss(older) == [CommandResult(command=1)]
    shown = gate.pipeline.on_screen
    assert shown is not None
    assert shown.seq == red.visit


def test_a_question_comes_back_after_somebody_else_passed(gate: Gate) -> None:
    asked = gate.verdict(PAPER)
    assert gate.verdict(code(serial=b"2")).decision is Decision.ADMIT
    (again,) = gate.wait(4)
    assert isinstance(again, VerdictShown)
    assert again.visit == asked.visit
    shown, _ = gate.measure(asked.visit, 36.6)
    assert isinstance(shown, VerdictShown)
    assert shown.decision is Decision.ADMIT


def test_showing_the_paper_again_goes_on_with_the_open_question(gate: Gate) -> None:
    asked = gate.verdict(PAPER)
    gate.wait(5)
    assert gate.verdict(PAPER).visit == asked.visit
    assert len(gate.entries()) == 1


def test_the_screen_clears_by_itself(gate: Gate) -> None:
    gate.verdict(code())
    assert gate.wait(2.8) == []
    assert gate.wait(0.3) == [Idle()]
    gate.verdict(code(Colour.RED, serial=b"2"))
    assert gate.wait(19) == []
    assert gate.wait(2) == [Idle()]


def test_after_a_restart_the_same_person_is_not_recorded_twice(gate: Gate) -> None:
    text = code()
    before = gate.verdict(text)
    gate.restart()
    after = gate.verdict(text)
    assert (after.visit, after.decision) == (before.visit, before.decision)
    assert len(gate.entries()) == 1


def test_a_restart_keeps_the_readings_that_were_taken(gate: Gate) -> None:
    visit = gate.verdict(PAPER).visit
    gate.measure(visit, 38.2)
    gate.restart()
    again = gate.verdict(PAPER)
    assert (again.visit, again.temperature_c) == (visit, 38.2)
    shown, _ = gate.measure(visit, 38.1)
    assert isinstance(shown, VerdictShown)
    assert (shown.final, shown.reasons) == (True, (Reason.TEMPERATURE_HIGH,))


def test_long_after_a_restart_the_same_code_is_a_new_visit(gate: Gate) -> None:
    text = code()
    gate.verdict(text)
    gate.seconds += 61
    gate.restart()
    gate.verdict(text)
    assert len(gate.entries()) == 2


def test_a_paper_pass_seen_long_after_a_restart_is_measured_and_recorded_anew(gate: Gate) -> None:
    visit = gate.verdict(PAPER).visit
    gate.measure(visit, 36.5)
    gate.restart()
    gate.wait(1800)
    again = gate.verdict(PAPER)
    assert (again.decision, again.asks) == (Decision.CHECK, (Ask.TEMPERATURE,))
    assert again.visit != visit
    assert [entry.type for entry in gate.entries()] == [
        EntryType.SCAN,
        EntryType.ANSWER,
        EntryType.SCAN,
    ]


def test_after_a_restart_nobody_is_admitted_on_an_entry_that_refused(gate: Gate) -> None:
    text = code()
    forged = text[:-4] + ("A" if text[-4] != "A" else "B") + text[-3:]
    assert gate.verdict(forged).decision is Decision.REFUSE
    gate.restart()
    assert gate.verdict(text).decision is Decision.ADMIT
    assert [entry.decision for entry in gate.entries()] == [Decision.REFUSE, Decision.ADMIT]


def test_a_gate_that_cannot_record_admits_nobody(
    gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    with full_disk():
        shown = gate.verdict(code())
        assert (shown.decision, shown.reasons, shown.recorded) == (
            Decision.CHECK,
            (Reason.CANNOT_RECORD,),
            False,
        )
        assert not gate.recorder.is_healthy
    assert caplog.messages == ["ledger_cannot_record"]
    assert gate.verdict(code(serial=b"2")).decision is Decision.ADMIT
    assert gate.recorder.is_healthy


def test_where_the_site_wants_it_a_gate_that_cannot_record_refuses(tmp_path: Path) -> None:
    rules = RuleSet(results=ResultRules(cannot_record=Strict.REFUSE))
    gate = Gate(tmp_path, [ZHEJIANG], rules)
    with full_disk():
        shown = gate.verdict(code())
    assert (shown.decision, shown.recorded) == (Decision.REFUSE, False)
    assert shown.reasons == (Reason.CANNOT_RECORD,)
    gate.ledger.close()


def test_no_rule_lets_a_gate_that_cannot_record_admit() -> None:
    with pytest.raises(SettingsError, match="cannot_record"):
        read_layer(b'[results]\ncannot_record = "ADMIT"', "site.toml", Level.SITE, "site-1")


def test_without_a_record_a_guard_admits_nobody_either(gate: Gate) -> None:
    with full_disk():
        (result,) = gate.decide(None, admit=True, reason=GuardReason.STAFF_ON_DUTY)
    assert isinstance(result, CommandResult)
    assert result.error is ErrorCode.CANNOT_RECORD


def test_stopping_in_order_records_what_was_left_open(gate: Gate) -> None:
    gate.verdict(PAPER)
    gate.pipeline.close(gate.now())
    assert gate.entries()[-1].type is EntryType.ABANDONED


def test_a_forged_code_is_refused_and_says_nothing_of_its_claims(gate: Gate) -> None:
    forger = replace(IssuerKey.generate("33"), key_id=ZHEJIANG.key_id)
    claims = PassClaims(
        format=HEALTH_CODE,
        kind=PassKind.DYNAMIC,
        issuer="33",
        colour=Colour.GREEN,
        issued_at=NOW,
        expires_at=NOW + timedelta(hours=1),
        code_id=b"\0" * 8,
    )
    shown = gate.verdict(issue_health_code(claims, forger))
    assert (shown.decision, shown.reasons) == (Decision.REFUSE, (Reason.BAD_SIGNATURE,))
    assert (shown.issuer, shown.colour) == (None, None)


def test_a_pass_in_several_codes_is_collected_with_its_progress(gate: Gate) -> None:
    assert gate.show("shc:/2/3/22") == [Collecting(have=1, total=3)]
    assert gate.show("shc:/2/3/22") == []
    assert gate.show("shc:/1/3/11") == [Collecting(have=2, total=3)]
    shown = gate.verdict("shc:/3/3/33")
    assert shown.reasons == (Reason.MALFORMED,)
    assert len(gate.entries()) == 1


def test_the_parts_of_somebody_who_left_are_forgotten(gate: Gate) -> None:
    gate.show("shc:/1/2/11")
    assert gate.wait(59) == []
    assert gate.wait(2) == [Idle()]
    assert gate.show("shc:/2/2/22") == [Collecting(have=1, total=2)]


def test_a_part_of_a_pass_wins_over_a_poster(gate: Gate) -> None:
    assert gate.show("https://poster.example/", "shc:/1/2/11") == [Collecting(have=1, total=2)]
