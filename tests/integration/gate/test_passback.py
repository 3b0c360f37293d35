"""Gates that know a direction: the same code again, in and out, dwell, occupancy, restarts."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from scanner.domain.direction import Direction, GateDirection
from scanner.domain.entries import EntryType
from scanner.domain.passes import Colour, DependantRecord, Holder, IdKind, PassKind
from scanner.domain.reasons import GuardReason, Reason
from scanner.domain.verdicts import Decision
from scanner.gate.messages import CommandResult, CountInside, ErrorCode, Turn, VerdictShown
from scanner.policy.rules import (
    CapacityRules,
    MaxAgeRules,
    PassbackRules,
    ResultRules,
    RuleSet,
    Strict,
)
from tests.builders import NOW, a_code, a_key
from tests.gate_builders import Gate

IN, OUT, BOTH = Direction.IN, Direction.OUT, GateDirection.BOTH
ONLY_IN = GateDirection.IN
RULES = RuleSet(max_age=MaxAgeRules(dynamic_s=7 * 86_400))
STRICT = replace(RULES, passback=PassbackRules(anti_passback=True))
Opener = Callable[..., Gate]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opener]:
    """Opens a gate."""
    with ExitStack() as stack:

        def open_gate(
            direction: GateDirection = ONLY_IN, rules: RuleSet = RULES, name: str = "a"
        ) -> Gate:
            folder = tmp_path / name
            folder.mkdir()
            gate = Gate(folder, [a_key()], rules, direction=direction, device=f"d-{name}")
            stack.callback(lambda: gate.ledger.close())  # noqa: PLW0108 - a restart opens another
            return gate

        yield open_gate


def code(person: int = 1, **changes: Any) -> str:
    """A code of this person that holds for days."""
    fields: dict[str, Any] = {
        "code_id": b"code-%d" % person,
        "holder": Holder("张*三", IdKind.RESIDENT_CARD, f"{person:04}"),
        "expires_at": NOW + timedelta(days=7),
    }
    return a_code(**{**fields, **changes})


def next_code(person: int = 1) -> str:
    """What the same person's phone shows a little later."""
    return code(person, code_id=b"next-%d" % person, issued_at=NOW)


def look_away(gate: Gate, seconds: float) -> None:
    """Nobody shows anything, in frames that come as ever."""
    for _ in range(round(seconds / 0.5)):
        gate.wait(0.4)
        gate.show()


def turn(gate: Gate, direction: Direction) -> None:
    (result,) = gate.pipeline.command(Turn(command=1, direction=direction), gate.now())
    assert result == CommandResult(command=1)


def count(gate: Gate, number: int) -> None:
    (result,) = gate.pipeline.command(CountInside(command=1, number=number), gate.now())
    assert result == CommandResult(command=1)


def inside(gate: Gate) -> int:
    assert gate.doorway is not None
    return gate.doorway.comings.inside


def seen(event: VerdictShown) -> tuple[Decision, tuple[Reason, ...]]:
    return event.decision, event.reasons


def let(gate: Gate, direction: Direction, text: str, after_s: float = 30) -> VerdictShown:
    """Some time later somebody goes that way through a gate for both."""
    gate.wait(after_s)
    turn(gate, direction)
    return gate.verdict(text)


ADMITTED = (Decision.ADMIT, (Reason.OK,))


def test_the_same_code_too_soon_is_looked_at_and_the_guard_may_let_it_through(
    opened: Opener,
) -> None:
    gate = opened()
    assert seen(gate.verdict(code())) == ADMITTED
    gate.wait(60)
    again = gate.verdict(code())
    assert seen(again) == (Decision.CHECK, (Reason.REPLAYED,))
    gate.decide(again.visit, admit=True, reason=GuardReason.ID_REGISTERED)
    gate.wait(121)
    assert seen(gate.verdict(code())) == ADMITTED


def test_a_gate_without_a_direction_follows_nobody(tmp_path: Path) -> None:
    gate = Gate(tmp_path, [a_key()], RULES)
    for _ in range(2):
        assert seen(gate.verdict(code())) == ADMITTED
        gate.wait(10)
    entries = gate.entries()
    assert [(e.direction, e.occupancy, e.dwell_s) for e in entries] == [(None, None, None)] * 2
    assert not list(tmp_path.glob("comings*")) + list(tmp_path.glob("site*"))


def test_a_phone_that_is_lowered_and_raised_again_is_one_person(opened: Opener) -> None:
    gate = opened()
    gate.verdict(code())
    look_away(gate, 1.5)
    assert gate.show(code()) == []
    assert len(gate.entries()) == 1
    assert inside(gate) == 1


def test_a_phone_that_went_to_the_next_person_gets_no_green_of_its_own(opened: Opener) -> None:
    gate = opened()
    gate.verdict(code())
    look_away(gate, 3.5)
    assert seen(gate.verdict(code())) == (Decision.CHECK, (Reason.REPLAYED,))


def test_one_whom_nobody_let_through_did_not_pass(opened: Opener) -> None:
    gate = opened()
    for colour in (Colour.RED, Colour.YELLOW):
        gate.verdict(code(colour=colour))
        gate.wait(30)
        assert inside(gate) == 0
    assert Reason.REPLAYED not in gate.verdict(code(colour=Colour.YELLOW)).reasons


def test_a_household_shares_its_paper_pass_and_each_counts(opened: Opener) -> None:
    gate = opened()
    dependant = DependantRecord("parent", "李*")
    text = code(kind=PassKind.DEPENDANT, dependant=dependant)
    for people in (1, 2):
        shown = gate.verdict(text)
        assert shown.reasons == (Reason.TEMPERATURE_NEEDED,)
        gate.measure(shown.visit, 36.5)
        assert inside(gate) == people
        gate.wait(10)


def test_in_out_dwell_and_occupancy_are_recorded(opened: Opener) -> None:
    gate = opened(BOTH)
    count(gate, 0)
    let(gate, IN, code(1))
    let(gate, IN, code(2))
    shown = let(gate, OUT, next_code(1), after_s=3600)
    assert seen(shown) == ADMITTED
    assert shown.direction is OUT
    assert shown.dwell_s is not None
    assert 3630 <= shown.dwell_s <= 3631
    scans = [entry for entry in gate.entries() if entry.type is EntryType.SCAN]
    assert [entry.direction for entry in scans] == [IN, IN, OUT]
    assert [entry.occupancy for entry in scans] == [0, 1, 2]
    assert [entry.dwell_s for entry in scans] == [None, None, 3660]
    assert inside(gate) == 1


def test_nobody_who_leaves_is_hindered_and_an_exit_without_entry_is_told(opened: Opener) -> None:
    gate = opened(BOTH, STRICT)
    count(gate, 0)
    stranger = let(gate, OUT, code(1))
    assert seen(stranger) == (Decision.ADMIT, (Reason.EXIT_WITHOUT_ENTRY,))
    entry = gate.entries()[-1]
    assert entry.reasons == (Reason.EXIT_WITHOUT_ENTRY,)
    let(gate, IN, code(2))
    back = let(gate, OUT, code(2), after_s=5)
    assert seen(back) == (Decision.ADMIT, (Reason.REPLAYED,))
    assert inside(gate) == 0


def test_whoever_is_inside_and_comes_in_again_is_looked_at(opened: Opener) -> None:
    gate = opened(BOTH, STRICT)
    let(gate, IN, code(1))
    again = let(gate, IN, next_code(1), after_s=3600)
    assert seen(again) == (Decision.CHECK, (Reason.STILL_INSIDE,))
    let(gate, OUT, next_code(1))
    assert seen(let(gate, IN, next_code(1), after_s=300)) == ADMITTED


@pytest.mark.parametrize("decision", [Strict.CHECK, Strict.REFUSE])
def test_a_full_site(opened: Opener, decision: Strict) -> None:
    results = ResultRules(over_capacity=decision)
    rules = replace(RULES, capacity=CapacityRules(limit=2), results=results)
    gate = opened(BOTH, rules)
    count(gate, 1)
    assert seen(let(gate, IN, code(1))) == ADMITTED
    assert seen(let(gate, IN, code(2))) == (Decision(decision), (Reason.OVER_CAPACITY,))
    assert seen(let(gate, OUT, code(1), after_s=300)) == ADMITTED
    assert seen(let(gate, IN, code(2))) == ADMITTED


def test_a_guard_who_refuses_whom_the_gate_admitted_takes_the_crossing_back(
    opened: Opener,
) -> None:
    gate = opened()
    shown = gate.verdict(code())
    assert inside(gate) == 1
    gate.decide(shown.visit, admit=False, reason=GuardReason.ID_MISMATCH)
    assert inside(gate) == 0
    gate.wait(30)
    assert seen(gate.verdict(code())) == (Decision.CHECK, (Reason.REFUSED_EARLIER,))


def test_a_code_that_was_handed_back_is_looked_at_though_the_service_restarted(
    opened: Opener,
) -> None:
    gate = opened()
    first = gate.verdict(code())
    gate.wait(30)
    gate.restart()
    again = gate.verdict(code())
    assert seen(again) == (Decision.CHECK, (Reason.REPLAYED,))
    assert again.visit != first.visit


def test_a_decision_that_is_undone_takes_the_crossing_back(opened: Opener) -> None:
    gate = opened()
    yellow = gate.verdict(code(colour=Colour.YELLOW))
    gate.decide(yellow.visit, admit=True, reason=GuardReason.ID_REGISTERED)
    assert inside(gate) == 1
    gate.undo(gate.entries()[-1].seq)
    assert gate.entries()[-1].type is EntryType.UNDO
    assert inside(gate) == 0
    gate.restart()
    assert inside(gate) == 0


def test_people_without_a_code_are_counted(opened: Opener) -> None:
    gate = opened(BOTH)
    count(gate, 0)
    gate.decide(None, admit=True, reason=GuardReason.STAFF_ON_DUTY)
    gate.decide(None, admit=False, reason=GuardReason.ID_MISMATCH)
    assert inside(gate) == 1
    turn(gate, OUT)
    gate.decide(None, admit=True, reason=GuardReason.ID_REGISTERED)
    assert inside(gate) == 0
    guards = [entry for entry in gate.entries() if entry.guard is not None]
    assert [entry.direction for entry in guards] == [IN, IN, OUT]


def test_a_question_is_answered_for_the_direction_in_which_it_was_asked(opened: Opener) -> None:
    gate = opened(BOTH)
    count(gate, 0)
    yellow = gate.verdict(code(colour=Colour.YELLOW))
    turn(gate, OUT)
    gate.decide(yellow.visit, admit=True, reason=GuardReason.ID_REGISTERED)
    assert inside(gate) == 1


def test_only_a_gate_for_both_can_be_turned(opened: Opener) -> None:
    gate = opened(ONLY_IN)
    (result,) = gate.pipeline.command(Turn(command=1, direction=OUT), gate.now())
    assert result == CommandResult(command=1, error=ErrorCode.NOT_ALLOWED)


@pytest.mark.parametrize("number", [-1, 1_000_001])
def test_no_site_holds_such_a_number(opened: Opener, number: int) -> None:
    gate = opened()
    (result,) = gate.pipeline.command(CountInside(command=1, number=number), gate.now())
    assert result == CommandResult(command=1, error=ErrorCode.BAD_VALUE)


def test_after_a_restart_everything_is_as_before(opened: Opener) -> None:
    gate = opened(BOTH, STRICT)
    count(gate, 5)
    let(gate, IN, code(1))
    yellow = let(gate, IN, code(2, colour=Colour.YELLOW))
    turn(gate, OUT)
    for _ in range(2):
        gate.restart()
        assert gate.doorway is not None
        assert gate.doorway.direction is OUT
        assert gate.doorway.is_counted(gate.now().at)
        assert inside(gate) == 6
    assert seen(let(gate, IN, code(1), after_s=300)) == (Decision.CHECK, (Reason.STILL_INSIDE,))
    assert yellow.visit


def test_the_person_before_a_gate_that_comes_back_is_no_replay_of_themselves(
    opened: Opener,
) -> None:
    gate = opened(rules=STRICT)
    before = gate.verdict(code())
    gate.restart()
    after = gate.verdict(code())
    assert seen(after) == ADMITTED
    assert after.visit == before.visit
    assert inside(gate) == 1


@pytest.mark.parametrize("left", [0, 3])
def test_a_kill_between_entry_and_memory_loses_nobody(opened: Opener, left: int) -> None:
    gate = opened(BOTH, STRICT)
    count(gate, 0)
    gate.verdict(code(1))
    _tear_last_record(gate.folder, left)
    gate.restart()
    assert inside(gate) == 1
    assert seen(let(gate, IN, code(1), after_s=300)) == (Decision.CHECK, (Reason.STILL_INSIDE,))


def test_after_a_power_cut_the_number_is_the_ledgers_and_unsure(opened: Opener) -> None:
    gate = opened(BOTH, STRICT)
    count(gate, 5)
    let(gate, IN, code(1))
    for path in gate.folder.glob("comings*"):
        path.unlink()
    (gate.folder / "site-keys").unlink(missing_ok=True)
    gate.restart()
    assert gate.doorway is not None
    assert inside(gate) == 6
    assert not gate.doorway.is_counted(gate.now().at)
    assert seen(let(gate, OUT, code(1), after_s=300)) == ADMITTED
    assert inside(gate) == 5
    count(gate, 3)
    assert gate.doorway.is_counted(gate.now().at)
    assert inside(gate) == 3


def test_whoever_came_in_before_midnight_leaves_after_it(opened: Opener) -> None:
    gate = opened(BOTH, STRICT)
    count(gate, 0)
    let(gate, IN, code(1))
    for _ in range(26):
        gate.wait(3600)
    gate.restart()
    assert gate.doorway is not None
    assert gate.doorway.keys is not None
    assert len({names.day for names in (gate.doorway.keys,)} | gate.doorway.comings.days()) == 2
    shown = let(gate, OUT, code(1))
    assert seen(shown) == ADMITTED
    assert shown.dwell_s is not None
    assert shown.dwell_s // 3600 == 26
    for _ in range(2):
        gate.wait(3600)
    assert gate.doorway.comings.days() == set()
    assert _past_keys(gate) == b"\x90"


def test_whoever_does_not_leave_counts_as_gone_after_two_days(opened: Opener) -> None:
    gate = opened(BOTH, STRICT)
    count(gate, 0)
    let(gate, IN, code(1))
    for _ in range(49):
        gate.wait(3600)
    assert inside(gate) == 0
    assert gate.doorway is not None
    assert gate.doorway.comings.own.lost == 1


def test_without_a_folder_in_ram_people_are_still_admitted_and_it_is_said(opened: Opener) -> None:
    gate = opened()
    (gate.folder / "site.key").write_bytes(b"no key")
    gate.restart()
    assert gate.doorway is not None
    assert not gate.doorway.is_well
    assert seen(gate.verdict(code())) == ADMITTED
    assert inside(gate) == 1


def test_neither_keys_nor_names_are_in_the_ledger(opened: Opener) -> None:
    gate = opened()
    gate.verdict(code())
    assert gate.doorway is not None
    (crossing,) = gate.doorway.comings.crossings()
    ledger = (gate.folder / "ledger.db").read_bytes() + (gate.folder / "ledger.db-wal").read_bytes()
    for name in (*crossing.who.person, *crossing.who.code):
        assert name not in ledger
        assert name.hex().encode() not in ledger


def _past_keys(gate: Gate) -> bytes:
    return (gate.folder / "site-keys").read_bytes()


def _tear_last_record(folder: Path, left: int) -> None:
    """As when the process was killed before the journal's last record was written, or amid it."""
    (path,) = folder.glob("comings.*.journal")
    data, starts = path.read_bytes(), [0]
    while starts[-1] < len(data):
        at = starts[-1]
        starts.append(at + 4 + int.from_bytes(data[at : at + 4], "big"))
    path.write_bytes(data[: starts[-2] + left])


def test_of_two_decisions_both_taken_back_nobody_is_left_inside(opened: Opener) -> None:
    gate = opened()
    visit = gate.verdict(code(colour=Colour.YELLOW)).visit
    for admit, reason in (
        (True, GuardReason.ID_REGISTERED),
        (False, GuardReason.ID_MISMATCH),
    ):
        gate.decide(visit, admit=admit, reason=reason)
    admitted, refused = (entry.seq for entry in gate.entries()[-2:])
    gate.undo(refused)
    assert inside(gate) == 1
    gate.undo(admitted)
    assert inside(gate) == 0


def test_a_gate_that_is_alone_in_its_site_keeps_no_news_for_others(opened: Opener) -> None:
    gate = opened()
    gate.verdict(code())
    assert gate.doorway is not None
    assert inside(gate) == 1
    assert gate.doorway.news() == []
