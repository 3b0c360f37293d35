"""Who may decide beside the machine, from the kiosk's command to the ledger's line."""

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec.structs import replace

from scanner.domain.direction import GateDirection
from scanner.domain.entries import Entry, EntryType, encode_entry
from scanner.domain.guards import LoginFailure, LoginWay, Role, ShiftChange
from scanner.domain.passes import HEALTH_CODE, Colour, PassClaims, PassKind
from scanner.domain.reasons import GuardReason
from scanner.domain.verdicts import Decision, GuardDecision
from scanner.gate.guard_messages import BadgeResult, BadgeShown, Login, SecondPerson, Undo
from scanner.gate.guardhouse import CheckedPin, GuardRules, PinToCheck
from scanner.gate.messages import CommandResult, CountInside, Decide, ErrorCode, VerdictShown
from scanner.guards.roster import Roster
from scanner.issuing.health_code import issue_health_code
from scanner.issuing.keys import IssuerKey
from scanner.ledger.seal import sealing_context, unseal_note
from scanner.policy.rules import ColourRules, RuleSet, Strict
from tests.builders import NOW
from tests.gate_builders import Gate
from tests.guard_builders import PINS, ROSTER, a_badge, second

ZHEJIANG = IssuerKey.generate("33")
EMERGENCY, OTHER = GuardReason.EMERGENCY_MEDICAL, GuardReason.OTHER
STAFF = GuardReason.STAFF_ON_DUTY


def code(colour: Colour = Colour.GREEN, kind: PassKind = PassKind.DYNAMIC) -> str:
    claims = PassClaims(
        format=HEALTH_CODE,
        kind=kind,
        issuer="33",
        colour=colour,
        issued_at=NOW,
        expires_at=NOW + timedelta(hours=1),
        code_id=colour.value.encode()[:8].rjust(8, b"\0"),
    )
    return issue_health_code(claims, ZHEJIANG)


RED, YELLOW = code(Colour.RED), code(Colour.YELLOW)


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    gate = Gate(tmp_path, [ZHEJIANG], roster=ROSTER)
    yield gate
    gate.ledger.close()


def error(gate: Gate, command: Decide | Undo) -> ErrorCode | None:
    return gate.refusal(command)


def admit(
    visit: int | None,
    reason: GuardReason = STAFF,
    who: SecondPerson | None = None,
    note: str = "",
) -> Decide:
    return Decide(command=1, admit=True, reason=reason, visit=visit, second=who, note=note)


def on_duty(gate: Gate, guard: str = "07") -> None:
    assert gate.login(guard, PINS[guard]) is None


def last(gate: Gate) -> Entry:
    return gate.entries()[-1]


def kinds(gate: Gate) -> list[EntryType]:
    return [entry.type for entry in gate.entries()]


def test_a_login_starts_a_shift_and_a_logout_ends_it(gate: Gate) -> None:
    on_duty(gate)
    assert (gate.guards.guard, gate.guards.role) == ("07", Role.GUARD)
    assert gate.logout() is None
    started, ended = gate.entries()
    assert (started.shift, started.by, started.role) == (ShiftChange.STARTED, "07", Role.GUARD)
    assert started.login_way is LoginWay.PIN
    assert (ended.shift, ended.by) == (ShiftChange.ENDED, "07")
    assert gate.on_duty() is None


def test_whoever_logs_in_relieves_the_guard_on_duty(gate: Gate) -> None:
    on_duty(gate, "07")
    on_duty(gate, "90")
    changes = [(entry.shift, entry.by) for entry in gate.entries()]
    assert changes == [
        (ShiftChange.STARTED, "07"),
        (ShiftChange.ENDED, "07"),
        (ShiftChange.STARTED, "90"),
    ]
    assert gate.guards.role is Role.SUPERVISOR


def test_a_shift_ends_by_itself_after_hours_without_an_act(gate: Gate) -> None:
    on_duty(gate)
    gate.wait(4 * 3600 - 1)
    gate.decide(None, admit=True, reason=STAFF)
    gate.wait(4 * 3600 - 1)
    assert gate.on_duty() == "07"
    gate.wait(2)
    assert gate.on_duty() is None
    assert last(gate).shift is ShiftChange.EXPIRED


def test_scans_are_no_acts_of_the_guard(gate: Gate) -> None:
    on_duty(gate)
    gate.wait(4 * 3600 - 1)
    gate.verdict(code())
    gate.wait(2)
    assert gate.on_duty() is None


def test_a_shift_survives_a_crash_and_ends_with_the_power(gate: Gate) -> None:
    on_duty(gate)
    gate.restart()
    assert gate.on_duty() == "07"
    gate.reboot("another")
    assert gate.on_duty() is None
    assert last(gate).shift is ShiftChange.EXPIRED


def test_who_is_taken_off_the_roster_is_off_duty(gate: Gate) -> None:
    on_duty(gate)
    gate.takes_up(ROSTER.without("07"))
    assert gate.on_duty() is None
    assert gate.login("07", PINS["07"]) is ErrorCode.WRONG_PIN


def test_a_damaged_roster_lets_nobody_in_and_nobody_override(gate: Gate) -> None:
    on_duty(gate)
    gate.takes_up(None, is_damaged=True)
    assert gate.guards.is_roster_damaged
    assert gate.login("07", PINS["07"]) is ErrorCode.WRONG_PIN
    assert error(gate, admit(None)) is ErrorCode.LOGIN_NEEDED


def test_a_wrong_pin_is_recorded_without_the_pin(gate: Gate) -> None:
    assert gate.login("07", "9999") is ErrorCode.WRONG_PIN
    (entry,) = gate.entries()
    assert (entry.type, entry.by) == (EntryType.LOGIN, "07")
    assert entry.login_failure is LoginFailure.WRONG_PIN
    assert b"9999" not in encode_entry(entry)


def test_a_number_that_nobody_has_is_not_recorded_since_it_may_be_a_pin(gate: Gate) -> None:
    assert gate.login("4711", "0007") is ErrorCode.WRONG_PIN
    (entry,) = gate.entries()
    assert entry.by is None
    assert b"4711" not in encode_entry(entry)


def test_a_guard_with_a_badge_only_has_no_pin_that_fits(gate: Gate) -> None:
    assert gate.login("09", "4711") is ErrorCode.WRONG_PIN


def wrong(gate: Gate, times: int, guard: str = "07") -> None:
    for _ in range(times):
        assert gate.login(guard, "9999") is ErrorCode.WRONG_PIN


@pytest.mark.parametrize("guard", ["07", "55"])
def test_five_wrong_pins_lock_a_number_out_known_or_not(gate: Gate, guard: str) -> None:
    wrong(gate, 5, guard)
    assert gate.login(guard, PINS["07"]) is ErrorCode.LOCKED_OUT
    assert len(gate.entries()) == 5
    on_duty(gate, "08")


def test_the_lock_ends_and_the_next_one_is_twice_as_long(gate: Gate) -> None:
    wrong(gate, 5)
    gate.wait(31)
    wrong(gate, 1)
    gate.wait(31)
    assert gate.login("07", PINS["07"]) is ErrorCode.LOCKED_OUT
    gate.wait(30)
    on_duty(gate)


def test_guessing_numbers_locks_the_kiosk(gate: Gate) -> None:
    for number in range(10, 20):
        wrong(gate, 1, str(number))
    assert gate.login("07", PINS["07"]) is ErrorCode.LOCKED_OUT
    assert 0 < gate.guards.locked_s <= 30


def test_neither_a_crash_nor_a_power_cut_shortens_a_lock(gate: Gate) -> None:
    wrong(gate, 5)
    gate.restart()
    assert gate.login("07", PINS["07"]) is ErrorCode.LOCKED_OUT
    gate.reboot("another", after_s=20)
    assert gate.login("07", PINS["07"]) is ErrorCode.LOCKED_OUT
    gate.wait(11)
    on_duty(gate)


def test_a_pin_that_was_changed_while_it_was_compared_is_not_believed(gate: Gate) -> None:
    command = Login(command=1, guard="07", pin=PINS["07"])
    wanted = gate.pipeline.guards.pin_to_check(command, gate.now())
    assert wanted is not None
    found = ROSTER.find("07")
    assert found is not None
    gate.takes_up(ROSTER.put(replace(found, pin=None)))
    checked = CheckedPin(wanted.sealed, fits=True)
    (result,) = gate.pipeline.command(command, gate.now(), checked)
    assert result == CommandResult(command=1, error=ErrorCode.BUSY)


def test_no_pin_and_no_note_stands_in_what_a_command_looks_like() -> None:
    who = second("90")
    shown = f"{admit(1, OTHER, who, 'a story')}{Login(command=1, guard='07', pin='4711')}{who}"
    shown += repr(PinToCheck("4711", None))
    for secret in ("4711", PINS["90"], "a story"):
        assert secret not in shown


def shown_badge(gate: Gate, text: str) -> BadgeResult:
    (event,) = gate.show(text)
    assert isinstance(event, BadgeShown)
    return event.result


def test_a_badge_before_the_lens_starts_a_shift_and_is_no_scan(gate: Gate) -> None:
    text = a_badge()
    assert shown_badge(gate, text) is BadgeResult.STARTED
    (entry,) = gate.entries()
    assert (entry.type, entry.by, entry.login_way) == (EntryType.SHIFT, "07", LoginWay.BADGE)
    stored = b"".join(file.read_bytes() for file in gate.folder.iterdir())
    assert text[5:60].encode() not in stored


def test_a_badge_held_still_is_one_login(gate: Gate) -> None:
    shown_badge(gate, a_badge())
    assert gate.show(a_badge()) == []


def test_a_badge_relieves_nobody(gate: Gate) -> None:
    on_duty(gate, "08")
    assert shown_badge(gate, a_badge()) is BadgeResult.SOMEBODY_ON_DUTY
    assert gate.on_duty() == "08"
    assert kinds(gate) == [EntryType.SHIFT]


@pytest.mark.parametrize(
    ("text", "result"),
    [
        (a_badge(expires_at=NOW - timedelta(minutes=5)), BadgeResult.EXPIRED),
        (
            a_badge(key=Ed25519PrivateKey.from_private_bytes(bytes(32))),
            BadgeResult.REFUSED,
        ),
        (a_badge("55"), BadgeResult.REFUSED),
        (a_badge(role=Role.SUPERVISOR), BadgeResult.REFUSED),
        ("CPB1:", BadgeResult.REFUSED),
    ],
    ids=["expired", "forged", "unknown", "other role", "nothing"],
)
def test_a_badge_that_does_not_count_is_recorded_and_is_still_no_scan(
    gate: Gate, text: str, result: BadgeResult
) -> None:
    assert shown_badge(gate, text) is result
    (entry,) = gate.entries()
    assert entry.login_failure is LoginFailure.WRONG_BADGE
    assert gate.on_duty() is None


def test_a_badge_that_was_replaced_does_not_count(gate: Gate) -> None:
    found = ROSTER.find("07")
    assert found is not None
    gate.takes_up(ROSTER.put(replace(found, badges_from=NOW)))
    assert shown_badge(gate, a_badge()) is BadgeResult.REFUSED
    gate.wait(2)
    assert shown_badge(gate, a_badge(issued_at=NOW)) is BadgeResult.STARTED


def test_without_a_roster_a_badge_is_still_no_pass(gate: Gate) -> None:
    gate.takes_up(None)
    assert shown_badge(gate, a_badge()) is BadgeResult.REFUSED
    assert gate.entries() == []


def test_a_badge_gives_no_supervisor_his_pin(gate: Gate) -> None:
    shown_badge(gate, a_badge("90", Role.SUPERVISOR))
    visit = gate.verdict(RED).visit
    assert error(gate, admit(visit, EMERGENCY)) is ErrorCode.SUPERVISOR_NEEDED


def test_with_a_roster_an_override_needs_a_login(gate: Gate) -> None:
    visit = gate.verdict(YELLOW).visit
    assert error(gate, admit(visit)) is ErrorCode.LOGIN_NEEDED
    assert error(gate, admit(None)) is ErrorCode.LOGIN_NEEDED
    assert kinds(gate) == [EntryType.SCAN]


def test_a_decision_names_its_guard(gate: Gate) -> None:
    on_duty(gate)
    visit = gate.verdict(YELLOW).visit
    assert error(gate, admit(visit)) is None
    entry = last(gate)
    assert (entry.by, entry.role, entry.second) == ("07", Role.GUARD, None)


def test_without_a_roster_a_decision_names_nobody_and_red_is_as_before(tmp_path: Path) -> None:
    gate = Gate(tmp_path, [ZHEJIANG])
    visit = gate.verdict(RED).visit
    assert error(gate, admit(visit)) is ErrorCode.NOT_ALLOWED
    assert error(gate, admit(visit, EMERGENCY)) is None
    entry = last(gate)
    assert (entry.by, entry.role, entry.second) == (None, None, None)
    gate.ledger.close()


def test_a_site_may_require_a_login_before_it_has_a_roster(tmp_path: Path) -> None:
    gate = Gate(tmp_path, [ZHEJIANG], guard_rules=GuardRules(is_required=True))
    assert error(gate, admit(None)) is ErrorCode.LOGIN_NEEDED
    assert gate.login("07", "4711") is ErrorCode.WRONG_PIN
    gate.ledger.close()


def test_red_takes_an_emergency_and_a_supervisors_pin(gate: Gate) -> None:
    on_duty(gate)
    visit = gate.verdict(RED).visit
    assert error(gate, admit(visit, STAFF, second("90"))) is ErrorCode.NOT_ALLOWED
    assert error(gate, admit(visit, EMERGENCY)) is ErrorCode.SUPERVISOR_NEEDED
    assert error(gate, admit(visit, EMERGENCY, second("08"))) is ErrorCode.SUPERVISOR_NEEDED
    assert error(gate, admit(visit, EMERGENCY, second("90", "9999"))) is ErrorCode.WRONG_PIN
    assert GuardDecision.ADMITTED_BY_GUARD not in [entry.guard for entry in gate.entries()]
    assert error(gate, admit(visit, EMERGENCY, second("90"))) is None
    entry = last(gate)
    assert (entry.by, entry.second, entry.second_role) == ("07", "90", Role.SUPERVISOR)
    scan = gate.entries()[1]
    assert scan.decision is Decision.REFUSE


def test_a_supervisor_on_duty_is_not_his_own_second_person(gate: Gate) -> None:
    on_duty(gate, "90")
    visit = gate.verdict(RED).visit
    assert error(gate, admit(visit, EMERGENCY, second("90"))) is ErrorCode.SUPERVISOR_NEEDED
    assert error(gate, admit(visit, EMERGENCY, second("91"))) is None


def test_a_forged_code_takes_a_second_person(gate: Gate) -> None:
    on_duty(gate)
    stranger = replace_signature(YELLOW)
    visit = gate.verdict(stranger).visit
    reason = GuardReason.ID_REGISTERED
    assert error(gate, admit(visit, reason)) is ErrorCode.SECOND_PERSON_NEEDED
    assert error(gate, admit(visit, reason, second("07"))) is ErrorCode.SECOND_PERSON_NEEDED
    assert error(gate, admit(visit, reason, second("08"))) is None
    assert last(gate).second == "08"


def replace_signature(text: str) -> str:
    """The same code signed by somebody else under Zhejiang's key id."""
    claims = PassClaims(
        format=HEALTH_CODE,
        kind=PassKind.DYNAMIC,
        issuer="33",
        colour=Colour.GREEN,
        issued_at=NOW,
        expires_at=NOW + timedelta(hours=1),
        code_id=b"forged00",
    )
    stranger = IssuerKey.generate("33")
    forged = issue_health_code(claims, dataclasses.replace(stranger, key_id=ZHEJIANG.key_id))
    assert forged != text
    return forged


def test_second_pins_are_locked_out_as_logins_are(gate: Gate) -> None:
    on_duty(gate)
    visit = gate.verdict(RED).visit
    for _ in range(5):
        assert error(gate, admit(visit, EMERGENCY, second("90", "9999"))) is ErrorCode.WRONG_PIN
    assert error(gate, admit(visit, EMERGENCY, second("90"))) is ErrorCode.LOCKED_OUT
    assert gate.login("90", PINS["90"]) is ErrorCode.LOCKED_OUT
    assert error(gate, admit(visit, EMERGENCY, second("91"))) is None


def test_other_needs_words_which_only_the_hub_can_read(gate: Gate) -> None:
    hub = X25519PrivateKey.generate()
    gate.sealing_key = gate.folder / "hub.pem"
    gate.sealing_key.write_bytes(
        hub.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    gate.restart()
    on_duty(gate)
    assert error(gate, admit(None, OTHER)) is ErrorCode.NOTE_NEEDED
    assert error(gate, admit(None, OTHER, note="  ")) is ErrorCode.NOTE_NEEDED
    assert error(gate, admit(None, OTHER, note="a\nb")) is ErrorCode.BAD_VALUE
    assert error(gate, admit(None, OTHER, note="水管工 for house 4")) is None
    entry = last(gate)
    assert entry.note is not None
    context = sealing_context("d-0123456789abcdef", entry.seq)
    assert unseal_note(hub, entry.note, context) == "水管工 for house 4"
    stored = b"".join(file.read_bytes() for file in gate.folder.iterdir())
    assert "水管工".encode() not in stored
    assert b"house 4" not in stored


def test_without_the_hubs_key_a_note_is_asked_for_and_not_kept(gate: Gate) -> None:
    on_duty(gate)
    assert error(gate, admit(None, OTHER, note="plumber")) is None
    assert last(gate).note is None


def test_a_decision_is_taken_back_by_an_entry_of_its_own(gate: Gate) -> None:
    on_duty(gate)
    visit = gate.verdict(YELLOW).visit
    gate.decide(visit, admit=True, reason=STAFF)
    offer = gate.guards.undo
    assert offer is not None
    assert (offer.visit, offer.admitted, offer.seconds) == (visit, True, 30)
    shown, result = gate.undo(offer.entry)
    assert result == CommandResult(command=1)
    assert isinstance(shown, VerdictShown)
    assert (shown.visit, shown.guard, shown.decision) == (visit, None, Decision.CHECK)
    guard, undo = gate.entries()[-2:]
    assert guard.guard is GuardDecision.ADMITTED_BY_GUARD
    assert (undo.type, undo.undoes, undo.completes) == (EntryType.UNDO, guard.seq, visit)
    assert (undo.by, undo.role) == ("07", Role.GUARD)
    assert gate.guards.undo is None
    assert gate.recorder.tally.counts(gate.now().at) == {Decision.CHECK: 1}


def test_a_decision_about_a_person_without_a_code_is_taken_back_too(gate: Gate) -> None:
    on_duty(gate)
    gate.decide(None, admit=True, reason=STAFF)
    seq = last(gate).seq
    assert gate.undo(seq) == [CommandResult(command=1)]
    assert (last(gate).undoes, last(gate).completes) == (seq, None)
    assert gate.recorder.tally.counts(gate.now().at) == {}


def test_after_half_a_minute_a_decision_stands(gate: Gate) -> None:
    on_duty(gate)
    gate.decide(None, admit=True, reason=STAFF)
    seq = last(gate).seq
    gate.wait(30)
    assert gate.guards.undo is None
    assert error(gate, Undo(command=1, entry=seq)) is ErrorCode.TOO_LATE
    assert last(gate).seq == seq


def test_a_decision_is_undone_once(gate: Gate) -> None:
    on_duty(gate)
    gate.decide(None, admit=True, reason=STAFF)
    seq = last(gate).seq
    gate.undo(seq)
    assert error(gate, Undo(command=1, entry=seq)) is ErrorCode.TOO_LATE
    assert error(gate, Undo(command=1, entry=1)) is ErrorCode.TOO_LATE


def test_another_guard_takes_nothing_back_and_a_supervisor_does(gate: Gate) -> None:
    on_duty(gate, "07")
    gate.decide(None, admit=True, reason=STAFF)
    seq = last(gate).seq
    on_duty(gate, "08")
    assert error(gate, Undo(command=1, entry=seq)) is ErrorCode.NOT_ALLOWED
    gate.logout()
    assert error(gate, Undo(command=1, entry=seq)) is ErrorCode.LOGIN_NEEDED
    on_duty(gate, "90")
    assert error(gate, Undo(command=1, entry=seq)) is None


def test_a_supervisors_badge_takes_nothing_of_others_back(gate: Gate) -> None:
    on_duty(gate, "07")
    gate.decide(None, admit=True, reason=STAFF)
    seq = last(gate).seq
    gate.logout()
    shown_badge(gate, a_badge("90", Role.SUPERVISOR))
    assert error(gate, Undo(command=1, entry=seq)) is ErrorCode.NOT_ALLOWED


def test_an_open_question_is_open_again(gate: Gate) -> None:
    on_duty(gate)
    visit = gate.verdict(code(kind=PassKind.PAPER)).visit
    gate.decide(visit, admit=True, reason=EMERGENCY)
    gate.wait(10)
    shown, _ = gate.undo(last(gate).seq)
    assert isinstance(shown, VerdictShown)
    assert not shown.final
    measured = gate.measure(visit, 36.6)[0]
    assert isinstance(measured, VerdictShown)
    assert measured.decision is Decision.ADMIT


def test_undo_survives_a_crash_and_not_a_power_cut(gate: Gate) -> None:
    on_duty(gate)
    text = YELLOW
    visit = gate.verdict(text).visit
    gate.decide(visit, admit=True, reason=STAFF)
    first = last(gate).seq
    gate.restart()
    assert error(gate, Undo(command=1, entry=first)) is None
    again = gate.verdict(text)
    assert (again.visit, again.guard) == (visit, None)
    gate.decide(None, admit=True, reason=STAFF)
    second_one = last(gate).seq
    gate.reboot("another", after_s=5)
    on_duty(gate)
    assert error(gate, Undo(command=1, entry=second_one)) is ErrorCode.TOO_LATE


def test_a_crash_after_an_undo_finds_the_visit_undecided(gate: Gate) -> None:
    on_duty(gate)
    visit = gate.verdict(YELLOW).visit
    gate.decide(visit, admit=True, reason=STAFF)
    gate.undo(last(gate).seq)
    gate.restart()
    again = gate.verdict(YELLOW)
    assert (again.visit, again.guard) == (visit, None)


def test_without_a_roster_anybody_at_the_kiosk_takes_it_back(tmp_path: Path) -> None:
    gate = Gate(tmp_path, [ZHEJIANG])
    gate.decide(None, admit=True, reason=STAFF)
    assert error(gate, Undo(command=1, entry=last(gate).seq)) is None
    assert last(gate).by is None
    gate.ledger.close()


def test_a_roster_that_comes_later_does_not_give_away_what_nobody_signed(gate: Gate) -> None:
    gate.takes_up(None)
    gate.decide(None, admit=True, reason=STAFF)
    seq = last(gate).seq
    gate.takes_up(Roster(ROSTER.guards))
    on_duty(gate)
    assert error(gate, Undo(command=1, entry=seq)) is ErrorCode.NOT_ALLOWED


def test_an_elder_is_told_in_and_never_admitted_unmeasured_for_another_reason(gate: Gate) -> None:
    on_duty(gate)
    unmeasured = admit(None, GuardReason.ELDER_WITHOUT_PHONE)
    assert error(gate, unmeasured) is ErrorCode.NOT_ALLOWED
    assert last(gate).type is EntryType.SHIFT


def test_a_decision_is_weighed_by_the_rules_of_now_and_by_those_that_the_guard_saw(
    gate: Gate,
) -> None:
    """A question is open, or a verdict stands, while a stricter layer comes."""
    on_duty(gate)
    visit = gate.verdict(YELLOW).visit
    gate.pipeline.judge.rules = RuleSet(colour=ColourRules(yellow=Strict.REFUSE))
    by_hand = admit(visit, GuardReason.ID_REGISTERED)
    assert error(gate, by_hand) is ErrorCode.SECOND_PERSON_NEEDED
    gate.pipeline.judge.rules = RuleSet()
    assert error(gate, by_hand) is None
    refused = gate.verdict(RED).visit
    gate.pipeline.judge.rules = RuleSet(colour=ColourRules(yellow=Strict.REFUSE))
    assert error(gate, admit(refused, EMERGENCY)) is ErrorCode.SUPERVISOR_NEEDED


def test_nobody_says_how_many_are_inside_without_a_login(tmp_path: Path) -> None:
    """An empty site has room, and nobody in it who must not come in again."""
    gate = Gate(tmp_path, [], roster=ROSTER, direction=GateDirection.IN)
    emptied = CountInside(command=1, number=0)
    assert gate.refusal(emptied) is ErrorCode.LOGIN_NEEDED
    on_duty(gate)
    assert gate.refusal(emptied) is None
    gate.ledger.close()
