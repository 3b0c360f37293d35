"""Who came and went, against a plain set of people: restarts, midnights and new keys in between."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from scanner.domain.direction import Direction
from scanner.domain.entries import ENTRY_VERSION, Entry, EntryType
from scanner.domain.verdicts import Decision, GuardDecision
from scanner.gate.comings import Comings, from_ledger
from scanner.gate.comings_memory import GONE_AFTER, Expected, Memory, nothing_known
from scanner.gate.crossings import Crossing, Presented, Totals
from scanner.ledger.site_key import SECRET_BYTES, Link, SiteKeys
from tests.builders import NOW

HERE: Final = "d-here"
THERE: Final = "d-there"
MINUTE: Final = timedelta(minutes=1)
ORIGIN: Final = Link(date(2026, 11, 20), bytes(SECRET_BYTES))
IN, OUT = Direction.IN, Direction.OUT
PEOPLE: Final = st.integers(0, 5)
DIRECTIONS: Final = st.sampled_from([IN, OUT])


def keys_of(day: date) -> SiteKeys:
    return ORIGIN.onwards(day).keys()


def who(person: int, *days: date) -> Presented:
    """A person as the keys of these days name them, the newest first."""
    keys = [keys_of(day) for day in days or (NOW.date(),)]
    names = tuple(key.name(b"person %d" % person) for key in keys)
    return Presented(keys[0].day, names, tuple(key.name(b"code %d" % person) for key in keys))


def an_entry(seq: int, at: datetime, **changes: object) -> Entry:
    entry = Entry(
        v=ENTRY_VERSION, seq=seq, at=at, boot="boot", mono_ms=0, type=EntryType.SCAN,
        decision=Decision.ADMIT,
    )  # fmt: skip
    return msgspec.structs.replace(entry, **changes)


def empty(now: datetime = NOW) -> Comings:
    """The memory of a gate whose guard has said that nobody is inside."""
    comings = Comings(nothing_known(HERE, 0, now))
    comings.note(an_entry(1, now, type=EntryType.OCCUPANCY, decision=None, occupancy=0))
    return comings


def pass_through(
    comings: Comings,
    person: int | None,
    direction: Direction,
    at: datetime = NOW,
    **changes: object,
) -> Entry:
    """A person, or one whom nobody tells apart, shows a code; admitted unless told otherwise."""
    seq = comings.seq + 1
    known = None if person is None else who(person)
    comings.expect(Expected(seq, direction, at, known))
    entry = an_entry(seq, at, direction=direction, **changes)
    comings.note(entry)
    return entry


class SiteAgainstASet(RuleBasedStateMachine):
    """One gate, its ledger and its keys; the model is the set of people inside."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)
        self.ledger: list[Entry] = []
        self.people: dict[int, datetime] = {}
        self.others = 0
        self.waiting: dict[int, tuple[int, Direction]] = {}
        self.undoable: tuple[Entry, dict[int, datetime]] | None = None
        self.keys = {self.now.date(): keys_of(self.now.date())}
        self.comings = Comings(nothing_known(HERE, 0, self.now))

    @initialize()
    def the_site_is_empty(self) -> None:
        self._write(type=EntryType.OCCUPANCY, decision=None, occupancy=0)

    @rule(person=PEOPLE, direction=DIRECTIONS, is_killed=st.booleans())
    def somebody_is_admitted(self, person: int, direction: Direction, is_killed: bool) -> None:
        self._agrees_about(person)
        before = dict(self.people)
        entry = self._scan(person, direction, Decision.ADMIT, is_killed=is_killed)
        self._let_through(person, direction)
        self.undoable = entry, before

    @rule(person=PEOPLE, direction=DIRECTIONS)
    def somebody_is_looked_at(self, person: int, direction: Direction) -> None:
        entry = self._scan(person, direction, Decision.CHECK)
        self.waiting[entry.seq] = person, direction

    @precondition(lambda self: self.waiting)
    @rule(admits=st.booleans(), is_killed=st.booleans())
    def the_guard_decides(self, admits: bool, is_killed: bool) -> None:
        seq, (person, direction) = self.waiting.popitem()
        guard = GuardDecision.ADMITTED_BY_GUARD if admits else GuardDecision.REFUSED_BY_GUARD
        self._write(
            type=EntryType.GUARD, decision=None, guard=guard, completes=seq, is_killed=is_killed
        )
        if admits:
            self._let_through(person, direction)
        self.undoable = None

    @precondition(lambda self: self.undoable)
    @rule()
    def the_guard_refuses_whom_the_gate_has_admitted(self) -> None:
        assert self.undoable is not None
        entry, before = self.undoable
        refused = GuardDecision.REFUSED_BY_GUARD
        self._write(type=EntryType.GUARD, decision=None, guard=refused, completes=entry.seq)
        self.people, self.undoable = before, None

    @precondition(lambda self: self.others < 3)
    @rule()
    def a_household_shows_its_paper_pass_on_the_way_in(self) -> None:
        self._scan(None, IN, Decision.ADMIT)
        self.others += 1

    @precondition(lambda self: self.others > 0)
    @rule()
    def a_person_without_a_code_is_let_out(self) -> None:
        guard = GuardDecision.ADMITTED_BY_GUARD
        self._write(type=EntryType.GUARD, decision=None, guard=guard, direction=OUT)
        self.others -= 1

    @rule()
    def the_gate_is_killed_and_comes_back(self) -> None:
        self._restart()

    @rule(minutes=st.sampled_from([1, 14, 90, 360, 1500]))
    def time_passes(self, minutes: int) -> None:
        self.now += minutes * MINUTE
        if minutes > 1:
            self.waiting.clear()
            self.undoable = None
        today = self.now.date()
        self.keys.setdefault(today, keys_of(today))
        self.comings.forget(self.now, timedelta(minutes=10))
        in_use = self.comings.days() | {today}
        self.keys = {day: key for day, key in self.keys.items() if day in in_use}
        self.people = {
            person: since for person, since in self.people.items() if self.now - since <= GONE_AFTER
        }

    @invariant()
    def the_number_is_the_sets(self) -> None:
        assert self.comings.inside == len(self.people) + self.others

    @invariant()
    def only_keys_of_three_days_are_in_use(self) -> None:
        assert len(self.keys) <= 3

    def _agrees_about(self, person: int) -> None:
        """Inside since when, whichever key names the person now."""
        last = self.comings.last(self._who(person))
        since = last.at if last is not None and last.direction is IN else None
        assert since == self.people.get(person)

    def _who(self, person: int) -> Presented:
        return who(person, *sorted(self.keys, reverse=True))

    def _scan(
        self,
        person: int | None,
        direction: Direction,
        decision: Decision,
        *,
        is_killed: bool = False,
    ) -> Entry:
        seq = len(self.ledger) + 1
        known = None if person is None else self._who(person)
        self.comings.expect(Expected(seq, direction, self.now, known))
        return self._write(decision=decision, direction=direction, is_killed=is_killed)

    def _write(self, *, is_killed: bool = False, **changes: object) -> Entry:
        """Append to the ledger; killed before the memory has heard of it, or not."""
        self.now += timedelta(seconds=1)
        entry = an_entry(len(self.ledger) + 1, self.now, **changes)
        self.ledger.append(entry)
        if is_killed:
            self._restart()
        else:
            self.comings.note(entry)
        return entry

    def _restart(self) -> None:
        kept = msgspec.msgpack.decode(msgspec.msgpack.encode(self.comings.memory), type=Memory)
        self.comings = Comings(kept)
        for entry in self.ledger[kept.seq :]:
            self.comings.note(entry)

    def _let_through(self, person: int, direction: Direction) -> None:
        if direction is IN:
            self.people[person] = self.now
        else:
            self.people.pop(person, None)


TestSiteAgainstASet = SiteAgainstASet.TestCase
TestSiteAgainstASet.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


def test_a_new_gate_knows_nobody_and_says_so_for_two_days() -> None:
    comings = Comings(nothing_known(HERE, 0, NOW))
    assert not comings.is_followed(NOW)
    assert not comings.is_counted(NOW)
    assert comings.is_followed(NOW + GONE_AFTER)
    assert comings.is_counted(NOW + GONE_AFTER)


def test_a_guard_who_counts_makes_the_number_sure_and_names_nobody() -> None:
    comings = Comings(nothing_known(HERE, 0, NOW))
    comings.note(an_entry(1, NOW, type=EntryType.OCCUPANCY, decision=None, occupancy=17))
    assert comings.inside == 17
    assert comings.is_counted(NOW)
    assert not comings.is_followed(NOW)


def test_an_empty_site_is_followed_from_then_on() -> None:
    comings = empty()
    assert comings.is_followed(NOW)
    assert comings.last(who(1)) is None


def test_while_names_are_lost_everybody_who_leaves_is_counted_off() -> None:
    comings = Comings(nothing_known(HERE, 0, NOW))
    comings.note(an_entry(1, NOW, type=EntryType.OCCUPANCY, decision=None, occupancy=17))
    pass_through(comings, 1, OUT)
    assert comings.inside == 16


def test_after_a_power_cut_the_ledger_tells_the_number_and_it_is_unsure() -> None:
    before = empty()
    entries = [an_entry(1, NOW, type=EntryType.OCCUPANCY, decision=None, occupancy=0)]
    entries += [pass_through(before, person, IN) for person in range(5)]
    entries.append(pass_through(before, 2, OUT))
    entries.append(pass_through(before, 3, OUT, decision=Decision.CHECK))
    later = NOW + 5 * MINUTE
    after = Comings(from_ledger(HERE, entries, later))
    assert after.inside == before.inside == 4
    assert not after.is_counted(later)
    assert not after.is_followed(later)
    assert after.last(who(1)) is None


def test_whoever_is_told_apart_is_not_counted_twice_nor_off_twice() -> None:
    comings = empty()
    for direction, inside in ((IN, 1), (IN, 1), (OUT, 0), (OUT, 0)):
        pass_through(comings, 1, direction)
        assert comings.inside == inside


@pytest.mark.parametrize("decision", [Decision.ADMIT, Decision.CHECK])
@pytest.mark.parametrize("guard", GuardDecision)
def test_a_guards_decision_that_is_taken_back_leaves_the_machines(
    decision: Decision, guard: GuardDecision
) -> None:
    comings = empty()
    scan = pass_through(comings, 1, IN, decision=decision)
    before = comings.inside, comings.last(who(1))
    comings.note(
        an_entry(scan.seq + 1, NOW, type=EntryType.GUARD, decision=None, guard=guard,
                 completes=scan.seq)
    )  # fmt: skip
    assert comings.inside == (guard is GuardDecision.ADMITTED_BY_GUARD)
    undo = an_entry(
        scan.seq + 2, NOW, type=EntryType.UNDO, decision=None, completes=scan.seq,
        undoes=scan.seq + 1,
    )  # fmt: skip
    comings.note(undo)
    assert (comings.inside, comings.last(who(1))) == before
    assert comings.note(undo) is None


def test_an_admission_without_a_code_is_taken_back() -> None:
    comings = empty()
    admitted = GuardDecision.ADMITTED_BY_GUARD
    comings.note(
        an_entry(2, NOW, type=EntryType.GUARD, decision=None, guard=admitted, direction=IN)
    )
    comings.note(an_entry(3, NOW, type=EntryType.UNDO, decision=None, undoes=2))
    assert comings.inside == 0


def test_a_code_that_nobody_could_record_lends_its_name_to_no_one() -> None:
    comings = empty()
    comings.expect(Expected(2, IN, NOW, who(1)))  # the ledger was full
    guard = GuardDecision.ADMITTED_BY_GUARD
    comings.note(an_entry(2, NOW, type=EntryType.GUARD, decision=None, guard=guard, direction=IN))
    assert comings.inside == 1
    assert comings.last(who(1)) is None


def test_the_visit_that_goes_on_after_a_restart_is_not_its_own_past() -> None:
    comings = empty()
    entry = pass_through(comings, 1, IN)
    assert comings.last(who(1)) is not None
    assert comings.last(who(1), besides=entry.seq) is None


def crossed(person: int, direction: Direction, minutes: float, gate: str = THERE) -> Crossing:
    return Crossing(who(person), direction, NOW + minutes * MINUTE, gate, int(minutes * 10))


def test_crossings_may_be_heard_in_any_order_and_twice() -> None:
    heard = [crossed(1, IN, 1), crossed(1, OUT, 2), crossed(1, IN, 3, HERE)]
    for order in (heard, heard[::-1], [*heard[1:], heard[0], *heard]):
        comings = empty()
        for crossing in order:
            comings.hear(crossing)
        assert comings.last(who(1)) == heard[2]


def test_what_is_taken_back_leaves_what_was_before() -> None:
    comings = empty()
    for crossing in (crossed(1, IN, 1), crossed(1, OUT, 2)):
        comings.hear(crossing)
    comings.hear_taken_back(crossed(1, OUT, 2))
    assert comings.last(who(1)) == crossed(1, IN, 1)
    comings.hear_taken_back(crossed(1, OUT, 2))
    assert comings.last(who(1)) == crossed(1, IN, 1)
    comings.hear_taken_back(crossed(1, IN, 1))
    assert comings.last(who(1)) is None


def test_a_gate_that_never_had_yesterdays_key_makes_no_second_person() -> None:
    yesterday, today = NOW.date() - timedelta(days=1), NOW.date()
    comings = empty()
    entered = Crossing(who(1, yesterday), IN, NOW + MINUTE, HERE, 5)
    comings.hear(entered)
    comings.hear(Crossing(who(1, today), IN, NOW + 2 * MINUTE, THERE, 6))
    comings.hear(Crossing(who(1, today, yesterday), OUT, NOW + 3 * MINUTE, HERE, 7))
    (last,) = comings.crossings()
    assert last.direction is OUT


def test_what_happens_here_is_later_than_what_a_gate_with_a_fast_clock_said() -> None:
    comings = empty()
    comings.hear(crossed(1, IN, 1))
    pass_through(comings, 1, OUT, NOW)
    last = comings.last(who(1))
    assert last is not None
    assert last.direction is OUT


def test_an_older_report_of_another_gate_is_nothing_new() -> None:
    comings = empty()
    assert comings.hear_totals(THERE, Totals(NOW, ins=9, outs=2, counted=11))
    assert not comings.hear_totals(THERE, Totals(NOW, ins=8, outs=2, counted=10))
    assert comings.inside == 7
    assert comings.hear_totals(THERE, Totals(NOW + MINUTE, ins=1, counted=1))
    assert comings.inside == 1


def test_no_gate_is_told_what_it_counted_itself() -> None:
    comings = empty()
    assert not comings.hear_totals(HERE, Totals(NOW + MINUTE, ins=9, counted=99))
    assert comings.inside == 0


def test_a_guards_number_holds_at_every_gate() -> None:
    here, there = empty(), Comings(nothing_known(THERE, 0, NOW))
    pass_through(here, None, IN)
    there.hear_totals(HERE, here.own)
    at = NOW + MINUTE
    there.note(an_entry(1, at, type=EntryType.OCCUPANCY, decision=None, occupancy=40))
    assert there.correction is not None
    assert here.hear_correction(there.correction)
    here.hear_totals(THERE, there.own)
    assert here.inside == there.inside == 40
    assert not here.hear_correction(replace(there.correction, at=NOW))


def test_after_a_power_cut_another_gates_word_goes_before_the_ledgers() -> None:
    entry = an_entry(1, NOW, type=EntryType.OCCUPANCY, decision=None, occupancy=40)
    there = Comings(nothing_known(THERE, 0, NOW))
    there.hear_totals(HERE, Totals(NOW, ins=0, counted=1))
    there.note(replace(entry, occupancy=40))
    after = Comings(from_ledger(THERE, [entry], NOW + MINUTE))
    assert there.correction is not None
    assert after.hear_correction(there.correction)
