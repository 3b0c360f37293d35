"""People without a code before a whole pipeline: what the guard sees, and what the card keeps."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec.structs import replace

from scanner.domain.direction import GateDirection
from scanner.domain.entries import Entry, EntryType, encode_entry
from scanner.domain.id_documents import Alphabet
from scanner.domain.passes import Colour
from scanner.domain.reasons import GuardReason, Reason
from scanner.domain.verdicts import Ask, Decision, GuardDecision
from scanner.domain.walk_ins import MAX_DEPENDANTS, PersonKind, VisitorDetails
from scanner.gate.messages import CommandResult, ErrorCode, Event, Idle, VerdictShown, WalkIn
from scanner.ledger.seal import sealing_context, unseal_visitor
from scanner.policy.joining import join
from scanner.policy.rules import RuleSet, Strict, WalkInRules
from tests.builders import a_code, a_key
from tests.gate_builders import Gate
from tests.guard_builders import PINS, ROSTER
from tests.integration.gate.test_pipeline import full_disk
from tests.policy_builders import a_layer

KEY = a_key("33")
CARD, OTHER_CARD = "11010519491231002X", "810000199408230021"
ADMITTED, REFUSED = GuardDecision.ADMITTED_BY_GUARD, GuardDecision.REFUSED_BY_GUARD
VISITOR = VisitorDetails("3-2-501", "13800000000", "张三")
HUB = X25519PrivateKey.generate()


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    gate = Gate(tmp_path, [KEY])
    yield gate
    gate.ledger.close()


def shown(events: list[Event]) -> VerdictShown:
    """The one verdict among the events, after which the command was carried out."""
    *_, result = events
    assert result == CommandResult(command=1)
    (verdict,) = (event for event in events if isinstance(event, VerdictShown))
    return verdict


def next_screen(gate: Gate) -> VerdictShown:
    """What stands there once the screen of the one before is over."""
    (event,) = gate.wait(1.1)
    assert isinstance(event, VerdictShown)
    return event


def error(events: list[Event]) -> ErrorCode | None:
    (result,) = events
    assert isinstance(result, CommandResult)
    return result.error


def said(entries: list[Entry]) -> list[tuple[EntryType, int | None]]:
    return [(entry.type, entry.completes) for entry in entries]


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        (PersonKind.ELDER, GuardReason.ELDER_WITHOUT_PHONE),
        (PersonKind.CHILD, GuardReason.CHILD_WITH_GUARDIAN),
        (PersonKind.PAPER_PASS, GuardReason.PAPER_PASS),
        (PersonKind.STAFF, GuardReason.STAFF_ON_DUTY),
    ],
)
def test_two_taps_and_a_temperature_let_somebody_in(
    gate: Gate, person: PersonKind, reason: GuardReason
) -> None:
    asked = shown(gate.walk_in(person))
    assert (asked.decision, asked.asks, asked.guard) == (Decision.CHECK, (Ask.TEMPERATURE,), None)
    assert (asked.person, asked.recorded) == (person, True)
    done = shown(gate.measure(asked.visit, 36.6))
    assert (done.decision, done.guard, done.final) == (Decision.CHECK, ADMITTED, True)
    came, answered, decided = gate.entries()
    assert (came.type, came.decision, came.person) == (EntryType.WALK_IN, Decision.CHECK, person)
    assert came.reasons == (Reason.TEMPERATURE_NEEDED, Reason.NO_CODE)
    assert (answered.type, answered.completes) == (EntryType.ANSWER, came.seq)
    assert (answered.decision, answered.temperature_c) == (Decision.CHECK, 36.6)
    assert (decided.type, decided.completes) == (EntryType.GUARD, came.seq)
    assert (decided.guard, decided.guard_reason) == (ADMITTED, reason)


def test_an_emergency_is_let_in_by_the_second_tap(gate: Gate) -> None:
    assert shown(gate.walk_in(PersonKind.EMERGENCY)).guard is ADMITTED
    came, decided = gate.entries()
    assert (came.type, came.decision) == (EntryType.WALK_IN, Decision.CHECK)
    assert decided.guard_reason is GuardReason.EMERGENCY_MEDICAL


def test_a_high_temperature_lets_nobody_in_by_the_first_tap(gate: Gate) -> None:
    visit = shown(gate.walk_in(PersonKind.ELDER)).visit
    assert shown(gate.measure(visit, 38.5)).asks == (Ask.TEMPERATURE,)
    high = shown(gate.measure(visit, 38.4))
    assert (high.guard, high.decision, high.final) == (None, Decision.CHECK, True)
    assert high.reasons[0] is Reason.TEMPERATURE_HIGH
    refused = gate.decide(visit, admit=False, reason=GuardReason.TEMPERATURE_CONFIRMED)
    assert shown(refused).guard is REFUSED


def test_who_was_not_measured_is_let_in_for_an_emergency_only(gate: Gate) -> None:
    visit = shown(gate.walk_in(PersonKind.CHILD)).visit
    by_hand = gate.decide(visit, admit=True, reason=GuardReason.CHILD_WITH_GUARDIAN)
    assert error(by_hand) is ErrorCode.NOT_ALLOWED
    emergency = gate.decide(visit, admit=True, reason=GuardReason.EMERGENCY_MEDICAL)
    assert shown(emergency).guard is ADMITTED


def test_who_is_never_measured_is_recorded_as_gone(gate: Gate) -> None:
    visit = shown(gate.walk_in(PersonKind.ELDER)).visit
    gate.wait(121)
    assert said(gate.entries()) == [(EntryType.WALK_IN, None), (EntryType.ABANDONED, visit)]
    assert error(gate.measure(visit, 36.5)) is ErrorCode.NO_SUCH_VISIT


def test_a_number_leaves_a_pseudonym_and_nothing_else(gate: Gate) -> None:
    visit = shown(gate.walk_in(PersonKind.RESIDENT_CARD, CARD)).visit
    gate.measure(visit, 36.6)
    shown(gate.walk_in(PersonKind.RESIDENT_CARD, CARD.lower()))
    first, *_, again = gate.entries()
    assert first.subject is not None
    assert len(first.subject) == 16
    assert (first.subject, first.subject_key) == (again.subject, again.subject_key)
    everything = b"".join(path.read_bytes() for path in gate.folder.iterdir() if path.is_file())
    for part in (CARD, CARD[:14], CARD[-6:], CARD[6:14]):
        assert part.encode() not in everything


@pytest.mark.parametrize(
    ("person", "number"),
    [
        (PersonKind.RESIDENT_CARD, "110105194912310021"),
        (PersonKind.RESIDENT_CARD, "110105491231002"),
        (PersonKind.RESIDENT_CARD, ""),
        (PersonKind.RESIDENT_CARD, None),
        (PersonKind.PASSPORT, "E1"),
        (PersonKind.HONG_KONG_MACAU_PERMIT, "E12345678"),
        (PersonKind.TAIWAN_PERMIT, "1234567"),
        (PersonKind.TYPED_NUMBER, "HN4"),
        (PersonKind.ELDER, CARD),
        (PersonKind.EMERGENCY, CARD),
    ],
)
def test_what_cannot_be_this_persons_number_is_not_taken(
    gate: Gate, person: PersonKind, number: str | None
) -> None:
    assert error(gate.walk_in(person, number)) is ErrorCode.BAD_VALUE
    assert gate.entries() == []


@pytest.mark.parametrize(
    ("person", "number"),
    [
        (PersonKind.PASSPORT, "E12345678"),
        (PersonKind.HONG_KONG_MACAU_PERMIT, "H12345678"),
        (PersonKind.TAIWAN_PERMIT, "12345678"),
        (PersonKind.TYPED_NUMBER, "460100123"),
    ],
)
def test_foreigners_and_registered_people_have_numbers_of_their_own(
    gate: Gate, person: PersonKind, number: str
) -> None:
    visit = shown(gate.walk_in(person, number)).visit
    assert shown(gate.measure(visit, 36.6)).guard is ADMITTED
    came, _, decided = gate.entries()
    assert came.person is person
    assert came.subject is not None
    assert decided.guard_reason is GuardReason.ID_REGISTERED


def test_a_sites_registered_numbers_look_as_its_rules_say(tmp_path: Path) -> None:
    walk_in = WalkInRules(number_alphabet=Alphabet.DIGITS, number_longest=8)
    gate = Gate(tmp_path, [KEY], replace(RuleSet(), walk_in=walk_in))
    assert shown(gate.walk_in(PersonKind.TYPED_NUMBER, "46 12")).recorded
    assert error(gate.walk_in(PersonKind.TYPED_NUMBER, "HN4612")) is ErrorCode.BAD_VALUE
    assert error(gate.walk_in(PersonKind.TYPED_NUMBER, "123456789")) is ErrorCode.BAD_VALUE
    gate.ledger.close()


def test_a_number_refused_today_is_told_and_takes_a_second_decision(gate: Gate) -> None:
    first = shown(gate.walk_in(PersonKind.RESIDENT_CARD, CARD)).visit
    gate.decide(first, admit=False, reason=GuardReason.ID_MISMATCH)
    again = shown(gate.walk_in(PersonKind.RESIDENT_CARD, CARD))
    assert again.reasons[0] is Reason.REFUSED_EARLIER
    assert again.decision is Decision.CHECK
    measured = shown(gate.measure(again.visit, 36.6))
    assert (measured.guard, measured.final) == (None, True)
    other = shown(gate.walk_in(PersonKind.RESIDENT_CARD, OTHER_CARD))
    assert Reason.REFUSED_EARLIER not in other.reasons
    gate.decide(again.visit, admit=True, reason=GuardReason.ID_REGISTERED)
    third = shown(gate.walk_in(PersonKind.RESIDENT_CARD, CARD))
    assert Reason.REFUSED_EARLIER not in third.reasons


def test_a_refusal_is_remembered_across_a_restart(gate: Gate) -> None:
    first = shown(gate.walk_in(PersonKind.PASSPORT, "E12345678")).visit
    gate.decide(first, admit=False, reason=GuardReason.ID_MISMATCH)
    gate.restart()
    again = shown(gate.walk_in(PersonKind.PASSPORT, "E12345678"))
    assert again.reasons[0] is Reason.REFUSED_EARLIER


def test_a_visitor_is_not_taken_where_nothing_can_be_sealed(gate: Gate) -> None:
    events = gate.walk_in(PersonKind.VISITOR, visitor=VISITOR)
    assert error(events) is ErrorCode.CANNOT_SEAL
    assert gate.entries() == []


@pytest.fixture
def sealing_gate(tmp_path: Path) -> Iterator[Gate]:
    path = tmp_path / "hub.pem"
    pem = HUB.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    path.write_bytes(pem)
    gate = Gate(tmp_path, [KEY], sealing_key=path)
    yield gate
    gate.ledger.close()


def test_whom_a_visitor_visits_is_for_the_hub_alone(sealing_gate: Gate) -> None:
    gate = sealing_gate
    visit = shown(gate.walk_in(PersonKind.VISITOR, visitor=VISITOR)).visit
    assert shown(gate.measure(visit, 36.6)).guard is ADMITTED
    came, _, decided = gate.entries()
    assert decided.guard_reason is GuardReason.VISITOR_REGISTERED
    assert came.subject is None
    assert came.sealed is not None
    context = sealing_context(gate.ledger.device_id, came.seq)
    assert unseal_visitor(HUB, came.sealed, context) == VISITOR
    everything = b"".join(path.read_bytes() for path in gate.folder.iterdir() if path.is_file())
    for part in (VISITOR.host, VISITOR.phone, VISITOR.name):
        assert part.encode() not in everything


@pytest.mark.parametrize(
    "visitor",
    [None, VisitorDetails("", "13800000000"), VisitorDetails("3-2-501", "call me")],
)
def test_a_visitor_who_cannot_be_reached_is_not_taken(
    sealing_gate: Gate, visitor: VisitorDetails | None
) -> None:
    events = sealing_gate.walk_in(PersonKind.VISITOR, visitor=visitor)
    assert error(events) is ErrorCode.BAD_VALUE


def test_a_site_that_takes_no_visitors_lets_one_in_for_an_emergency_only(
    sealing_gate: Gate,
) -> None:
    gate = sealing_gate
    gate.pipeline.judge.rules = replace(RuleSet(), walk_in=WalkInRules(visitor=Strict.REFUSE))
    sent = shown(gate.walk_in(PersonKind.VISITOR, visitor=VISITOR))
    assert (sent.decision, sent.guard, sent.asks) == (Decision.REFUSE, None, ())
    by_hand = gate.decide(sent.visit, admit=True, reason=GuardReason.OTHER)
    assert error(by_hand) is ErrorCode.NOT_ALLOWED
    emergency = gate.decide(sent.visit, admit=True, reason=GuardReason.EMERGENCY_MEDICAL)
    assert shown(emergency).guard is ADMITTED


def test_a_guardian_and_three_children_go_in_one_after_the_other(gate: Gate) -> None:
    asked = shown(gate.walk_in(PersonKind.GUARDIAN, dependants=3))
    assert (asked.person, asked.party_place, asked.party_size) == (PersonKind.GUARDIAN, 0, 3)
    guardian = asked.visit
    assert shown(gate.measure(guardian, 36.4)).guard is ADMITTED
    visits = []
    for place, celsius in enumerate((36.5, 36.6, 36.7), start=1):
        asked = next_screen(gate)
        assert (asked.person, asked.party_place) == (PersonKind.DEPENDANT, place)
        assert asked.asks == (Ask.TEMPERATURE,)
        assert shown(gate.measure(asked.visit, celsius)).guard is ADMITTED
        visits.append(asked.visit)
    came = [entry for entry in gate.entries() if entry.type is EntryType.WALK_IN]
    assert [entry.party for entry in came] == [None, guardian, guardian, guardian]
    readings = {e.completes: e.temperature_c for e in gate.entries() if e.type is EntryType.ANSWER}
    assert readings == dict(zip([guardian, *visits], (36.4, 36.5, 36.6, 36.7), strict=True))
    decided = [e for e in gate.entries() if e.type is EntryType.GUARD]
    assert {e.completes for e in decided} == {guardian, *visits}
    assert [event for event in gate.wait(3) if isinstance(event, Idle)]


def test_children_follow_a_green_guardian(gate: Gate) -> None:
    guardian = gate.verdict(a_code(KEY)).visit
    asked = shown(gate.walk_in(PersonKind.DEPENDANT, dependants=2, guardian=guardian))
    assert (asked.party_place, asked.party_size) == (1, 2)
    assert shown(gate.measure(asked.visit, 36.5)).guard is ADMITTED
    second = next_screen(gate)
    assert shown(gate.measure(second.visit, 36.5)).guard is ADMITTED
    came = [entry for entry in gate.entries() if entry.type is EntryType.WALK_IN]
    assert [entry.party for entry in came] == [guardian, guardian]


def test_nobody_follows_a_guardian_who_is_not_in(gate: Gate) -> None:
    red = gate.verdict(a_code(KEY, colour=Colour.RED)).visit
    events = gate.walk_in(PersonKind.DEPENDANT, dependants=1, guardian=red)
    assert error(events) is ErrorCode.NOT_ALLOWED
    nobody = gate.walk_in(PersonKind.DEPENDANT, dependants=1, guardian=99)
    assert error(nobody) is ErrorCode.NO_SUCH_VISIT
    assert said(gate.entries()) == [(EntryType.SCAN, None)]


def test_with_the_guardian_refused_the_children_are_asked_nothing(gate: Gate) -> None:
    guardian = shown(gate.walk_in(PersonKind.GUARDIAN, dependants=2)).visit
    gate.decide(guardian, admit=False, reason=GuardReason.ID_MISMATCH)
    gone = [e.completes for e in gate.entries() if e.type is EntryType.ABANDONED]
    assert gone == [guardian + 1, guardian + 2]


def test_with_the_guardian_gone_the_children_are_gone(gate: Gate) -> None:
    guardian = shown(gate.walk_in(PersonKind.GUARDIAN, dependants=2)).visit
    assert isinstance(gate.dismiss(guardian)[0], Idle)
    gone = [e.completes for e in gate.entries() if e.type is EntryType.ABANDONED]
    assert gone == [guardian, guardian + 1, guardian + 2]


def test_a_child_does_not_go_in_while_the_guardian_waits(gate: Gate) -> None:
    guardian = shown(gate.walk_in(PersonKind.GUARDIAN, dependants=1)).visit
    child = shown(gate.measure(guardian + 1, 36.5))
    assert (child.guard, child.decision, child.final) == (None, Decision.CHECK, True)
    assert child.reasons == (Reason.GUARDIAN_NOT_ADMITTED, Reason.NO_CODE)


def test_a_feverish_child_stops_and_the_next_one_still_goes(gate: Gate) -> None:
    guardian = gate.verdict(a_code(KEY)).visit
    first = shown(gate.walk_in(PersonKind.DEPENDANT, dependants=2, guardian=guardian)).visit
    gate.measure(first, 38.5)
    ill = shown(gate.measure(first, 38.6))
    assert (ill.guard, ill.final) == (None, True)
    (event,) = gate.wait(20.1)
    assert isinstance(event, VerdictShown)
    assert shown(gate.measure(event.visit, 36.5)).guard is ADMITTED


def test_each_child_has_its_full_time_and_those_without_a_reading_are_gone(gate: Gate) -> None:
    guardian = shown(gate.walk_in(PersonKind.GUARDIAN, dependants=3)).visit
    gate.wait(100)
    gate.measure(guardian, 36.5)
    first = next_screen(gate)
    gate.wait(100)
    assert shown(gate.measure(first.visit, 36.5)).guard is ADMITTED
    gate.wait(121)
    gone = [e.completes for e in gate.entries() if e.type is EntryType.ABANDONED]
    assert gone == [first.visit + 1, first.visit + 2]


@pytest.mark.parametrize(
    ("person", "dependants", "guardian"),
    [
        (PersonKind.GUARDIAN, 0, None),
        (PersonKind.GUARDIAN, MAX_DEPENDANTS + 1, None),
        (PersonKind.GUARDIAN, -1, None),
        (PersonKind.GUARDIAN, 1, 1),
        (PersonKind.DEPENDANT, 1, None),
        (PersonKind.ELDER, 1, None),
        (PersonKind.ELDER, 0, 1),
    ],
)
def test_a_party_that_makes_no_sense_is_not_taken(
    gate: Gate, person: PersonKind, dependants: int, guardian: int | None
) -> None:
    command = WalkIn(command=1, person=person, dependants=dependants, guardian=guardian)
    assert error(gate.pipeline.command(command, gate.now())) is ErrorCode.BAD_VALUE
    assert gate.entries() == []


def test_a_scan_between_tap_and_thermometer_loses_nobody(gate: Gate) -> None:
    elder = shown(gate.walk_in(PersonKind.ELDER)).visit
    assert gate.verdict(a_code(KEY)).decision is Decision.ADMIT
    (event,) = gate.wait(3.1)
    assert isinstance(event, VerdictShown)
    assert event.visit == elder
    assert shown(gate.measure(elder, 36.6)).guard is ADMITTED


def test_unrecorded_is_not_admitted(gate: Gate) -> None:
    elder = shown(gate.walk_in(PersonKind.ELDER)).visit
    with full_disk():
        assert error(gate.walk_in(PersonKind.EMERGENCY)) is ErrorCode.CANNOT_RECORD
        assert error(gate.walk_in(PersonKind.GUARDIAN, dependants=2)) is ErrorCode.CANNOT_RECORD
        assert error(gate.measure(elder, 36.6)) is ErrorCode.CANNOT_RECORD
    assert said(gate.entries()) == [(EntryType.WALK_IN, None)]
    assert shown(gate.measure(elder, 36.6)).guard is ADMITTED


def test_everyone_counts_once_by_what_was_decided_last(gate: Gate) -> None:
    visit = shown(gate.walk_in(PersonKind.ELDER)).visit
    gate.measure(visit, 36.6)
    shown(gate.walk_in(PersonKind.EMERGENCY))
    counts = gate.recorder.tally.counts(gate.now().at)
    assert (counts[Decision.ADMIT], counts[Decision.CHECK]) == (2, 0)


def test_no_entry_of_a_walk_in_is_long(sealing_gate: Gate) -> None:
    shown(sealing_gate.walk_in(PersonKind.VISITOR, visitor=VISITOR))
    assert all(len(encode_entry(entry)) < 1400 for entry in sealing_gate.entries())


@pytest.fixture
def named_gate(tmp_path: Path) -> Iterator[Gate]:
    """A gate whose guards have names; 07 is one."""
    gate = Gate(tmp_path, [KEY], roster=ROSTER)
    yield gate
    gate.ledger.close()


def test_nobody_says_who_came_before_a_guard_is_on_duty(named_gate: Gate) -> None:
    assert error(named_gate.walk_in(PersonKind.EMERGENCY)) is ErrorCode.LOGIN_NEEDED
    assert named_gate.entries() == []


def test_the_guard_on_duty_stands_for_the_tap(named_gate: Gate) -> None:
    assert named_gate.login("07", PINS["07"]) is None
    visit = shown(named_gate.walk_in(PersonKind.ELDER)).visit
    assert shown(named_gate.measure(visit, 36.6)).guard is ADMITTED
    decided = named_gate.entries()[-1]
    assert (decided.type, decided.by) == (EntryType.GUARD, "07")


def test_a_shift_that_ends_before_the_reading_lets_nobody_in(named_gate: Gate) -> None:
    assert named_gate.login("07", PINS["07"]) is None
    visit = shown(named_gate.walk_in(PersonKind.ELDER)).visit
    assert named_gate.logout() is None
    measured = shown(named_gate.measure(visit, 36.6))
    assert (measured.guard, measured.decision, measured.final) == (None, Decision.CHECK, True)


def test_a_tap_can_be_taken_back(gate: Gate) -> None:
    visit = shown(gate.walk_in(PersonKind.EMERGENCY)).visit
    undone = shown(gate.undo(gate.entries()[-1].seq))
    assert (undone.visit, undone.guard, undone.decision) == (visit, None, Decision.CHECK)
    assert gate.entries()[-1].type is EntryType.UNDO


def test_a_refusal_that_was_taken_back_is_told_to_nobody(gate: Gate) -> None:
    visit = shown(gate.walk_in(PersonKind.RESIDENT_CARD, CARD)).visit
    gate.decide(visit, admit=False, reason=GuardReason.ID_MISMATCH)
    gate.undo(gate.entries()[-1].seq)
    again = shown(gate.walk_in(PersonKind.RESIDENT_CARD, CARD))
    assert Reason.REFUSED_EARLIER not in again.reasons


def test_whoever_comes_in_without_a_code_is_counted_as_inside(tmp_path: Path) -> None:
    gate = Gate(tmp_path, [KEY], direction=GateDirection.IN)
    elder = shown(gate.walk_in(PersonKind.ELDER))
    assert inside(gate) == 0, "nobody has let the elder in yet"
    gate.measure(elder.visit, 36.6)
    assert inside(gate) == 1
    gate.restart()
    assert inside(gate) == 1
    gate.ledger.close()


def inside(gate: Gate) -> int:
    assert gate.doorway is not None
    return gate.doorway.comings.inside


@pytest.fixture
def ruled(tmp_path: Path) -> Iterator[Callable[..., Gate]]:
    """Opens a gate with one layer's rules."""
    with ExitStack() as stack:

        def opened(text: str, direction: GateDirection | None = None) -> Gate:
            gate = Gate(tmp_path, [KEY], join([a_layer(text)]), direction=direction)
            stack.callback(gate.ledger.close)
            return gate

        yield opened


COMPARED = '[[rule]]\nid = "compared"\nwhen = { site = "venue" }\nask = ["id_compare"]'
FULL = "[capacity]\nlimit = 1\n"


@pytest.mark.parametrize(
    ("person", "excused"), [(PersonKind.STAFF, False), (PersonKind.EMERGENCY, True)]
)
def test_a_layers_rule_is_weighed_of_people_without_codes_and_never_of_an_emergency(
    ruled: Callable[..., Gate], person: PersonKind, excused: bool
) -> None:
    gate = ruled('[[rule]]\nid = "closed"\nwhen = { site = "venue" }\ndecision = "REFUSE"')
    verdict = shown(gate.walk_in(person))
    assert (verdict.guard is ADMITTED) is excused
    assert (Reason.SITE_RULE in verdict.reasons) is not excused
    assert (verdict.decision is Decision.REFUSE) is not excused


def test_what_a_layer_asks_of_everybody_is_asked_of_people_without_codes(
    ruled: Callable[..., Gate],
) -> None:
    gate = ruled(COMPARED)
    asked = shown(gate.walk_in(PersonKind.ELDER))
    assert set(asked.asks) == {Ask.TEMPERATURE, Ask.ID_COMPARE}
    measured = shown(gate.measure(asked.visit, 36.5))
    assert (measured.asks, measured.guard) == ((Ask.ID_COMPARE,), None)
    assert shown(gate.compare(asked.visit)).guard is ADMITTED


def test_nobody_without_a_code_is_let_into_a_full_site_by_the_first_tap(
    ruled: Callable[..., Gate],
) -> None:
    gate = ruled(FULL, GateDirection.IN)
    first, second = (shown(gate.walk_in(PersonKind.CHILD)).visit for _ in range(2))
    assert shown(gate.measure(first, 36.5)).guard is ADMITTED
    told = shown(gate.measure(second, 36.5))
    assert (told.guard, told.decision) == (None, Decision.CHECK)
    assert Reason.OVER_CAPACITY in told.reasons
    assert shown(gate.walk_in(PersonKind.EMERGENCY)).guard is ADMITTED
