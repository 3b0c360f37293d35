"""Who came, who went, and how many are inside. Pure: entries, times and names come in.

Only the ledger's entries say who was let through, live and after a restart alike: this follows them
as `tally` does. The names, which no entry may carry, are noted beside before the entry is
written, so that no moment of a crash loses one or counts one twice.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Final

from msgspec.structs import replace

from scanner.domain.direction import Direction
from scanner.domain.entries import Entry, EntryType
from scanner.domain.verdicts import Decision, GuardDecision
from scanner.gate.comings_memory import GONE_AFTER, Change, Expected, Memory, nothing_known
from scanner.gate.crossings import Correction, Crossing, Presented, Totals
from scanner.gate.known_people import KnownPeople

_MOST_EXPECTED: Final = 128
_EXPECTED_FOR: Final = timedelta(minutes=15)
"""No guard decides about somebody later than that."""
_MOST_GATES: Final = 64
_MOST_DECISIONS: Final = 8
"""About one person, of those that may still be taken back."""
_TICK: Final = timedelta(microseconds=1)


class Comings:
    """The memory of one gate of a site.

    Args:
        memory: `nothing_known` or what a former process wrote.
    """

    def __init__(self, memory: Memory) -> None:
        self.gate = memory.gate
        self.seq = memory.seq
        self._people = KnownPeople(memory.known)
        self._expected = {expected.visit: expected for expected in memory.expected}
        self._totals = dict(memory.totals)
        self._correction = memory.correction
        self._began = memory.began
        self._followed_from = memory.followed_from
        self._counted_from = memory.counted_from

    @property
    def memory(self) -> Memory:
        """What a later process needs to go on."""
        return Memory(
            gate=self.gate,
            seq=self.seq,
            known=tuple(self._people),
            expected=tuple(self._expected.values()),
            totals=dict(self._totals),
            correction=self._correction,
            began=self._began,
            followed_from=self._followed_from,
            counted_from=self._counted_from,
        )

    @property
    def own(self) -> Totals:
        """What this gate counted."""
        return self._totals[self.gate]

    @property
    def correction(self) -> Correction | None:
        """The last one that holds."""
        return self._correction

    @property
    def inside(self) -> int:
        """How many people are in the site, by all its gates."""
        offset = self._correction.offset if self._correction else 0
        return max(0, self._sum + offset)

    def is_followed(self, now: datetime) -> bool:
        """Whether everybody who can be inside now is known to have come in."""
        return now >= self._followed_from

    def is_counted(self, now: datetime) -> bool:
        """Whether `inside` is to be believed."""
        return now >= self._counted_from

    def crossings(self) -> Iterator[Crossing]:
        """The last one of each person."""
        return (known.last for known in self._people)

    def days(self) -> set[date]:
        """The days whose keys somebody is still known by."""
        return {crossing.who.day for crossing in self.crossings()}

    def last(self, who: Presented, besides: int = 0) -> Crossing | None:
        """The last time that somebody was let through.

        Args:
            who: under every key in use.
            besides: a visit here that does not count, because it is the one that goes on.
        """
        return self._people.last(who, (self.gate, besides))

    def expected(self, visit: int) -> Expected | None:
        """Who stood at the gate in that visit, while a guard may still decide about it."""
        return self._expected.get(visit)

    def expect(self, expected: Expected) -> None:
        """Somebody stands at the gate; to be told before their entry is written."""
        self._expected[expected.visit] = expected
        while len(self._expected) > _MOST_EXPECTED:
            del self._expected[next(iter(self._expected))]

    def note(self, entry: Entry) -> Change | None:
        """Follow one entry of this gate; entries come in the order of the ledger.

        Returns:
            What the other gates should hear; None when nothing has changed.
        """
        self.seq = max(self.seq, entry.seq)
        if entry.type is EntryType.OCCUPANCY:
            return self._corrected(entry)
        visit = entry.seq if entry.completes is None else entry.completes
        if entry.type is EntryType.UNDO:
            return self._undone(entry)
        if entry.direction is not None and self._is_without_code(entry):
            self.expect(Expected(visit, entry.direction, entry.at))
        lets_through = _lets_through(entry)
        expected = self._expected.get(visit)
        if expected is None or lets_through is None:
            return None
        if entry.guard is not None:
            decided = (*expected.decided, (entry.seq, expected.crossed))
            expected = replace(expected, decided=decided[-_MOST_DECISIONS:])
            self._expected[visit] = expected
        return self._settled(expected, lets_through, entry.at)

    def hear(self, crossing: Crossing) -> None:
        """Somebody was let through, here or at another gate; hearing it twice changes nothing."""
        emptied = self._correction is not None and self._correction.emptied
        if self._correction and emptied and crossing.at < self._correction.at:
            return
        self._people.hear(crossing)

    def hear_taken_back(self, crossing: Crossing) -> None:
        """Somebody was not let through after all."""
        self._people.take_back(crossing)

    def hear_totals(self, gate: str, totals: Totals) -> bool:
        """What another gate counted; an older report than the known one is nothing new."""
        known = self._totals.get(gate)
        is_new = known is None or totals.order > known.order
        if gate == self.gate or not is_new:
            return False
        if known is None and len(self._totals) >= _MOST_GATES:
            return False
        self._totals[gate] = totals
        return True

    def hear_correction(self, correction: Correction) -> bool:
        """A guard counted at some gate; the later correction holds."""
        if self._correction is not None and correction.order <= self._correction.order:
            return False
        self._correction = correction
        is_of_this_memory = correction.at >= self._began
        if is_of_this_memory:
            self._counted_from = min(self._counted_from, correction.at)
        if correction.emptied:
            self._people.forget_until(correction.at)
            if is_of_this_memory:
                self._followed_from = min(self._followed_from, correction.at)
        return True

    def forget(self, now: datetime, gone_for: timedelta) -> bool:
        """Let time pass: who left is forgotten, who did not within two days counts as gone.

        Args:
            now: aware UTC.
            gone_for: how long it matters that somebody has left.

        Returns:
            Whether anything was forgotten.
        """
        stale = self._people.forget(now, came_in=GONE_AFTER, left=gone_for)
        for crossing in stale:
            if crossing.direction is Direction.IN and crossing.gate == self.gate:
                self._change(lost=self.own.lost + 1)
        settled = [v for v, one in self._expected.items() if now - one.at > _EXPECTED_FOR]
        for visit in settled:
            del self._expected[visit]
        return bool(stale or settled)

    @property
    def _sum(self) -> int:
        return sum(totals.inside for totals in self._totals.values())

    def _corrected(self, entry: Entry) -> Change | None:
        if entry.occupancy is None:
            return None
        offset = entry.occupancy - self._sum
        self.hear_correction(Correction(entry.at, self.gate, offset, entry.occupancy == 0))
        self._change()
        return Change()

    def _undone(self, entry: Entry) -> Change | None:
        """A guard's decision was taken back: what was before it holds again."""
        visit = entry.undoes if entry.completes is None else entry.completes
        expected = self._expected.get(visit or 0)
        before = dict(expected.decided) if expected else {}
        if expected is None or entry.undoes not in before:
            return None
        others = tuple(one for one in expected.decided if one[0] != entry.undoes)
        expected = replace(expected, decided=others)
        self._expected[expected.visit] = expected
        return self._settled(expected, before[entry.undoes], entry.at)

    def _settled(self, expected: Expected, lets_through: bool, at: datetime) -> Change | None:
        """Somebody is let through, or not after all; None where that is so already."""
        if lets_through is expected.crossed:
            return None
        counted = self._changes_number(expected, at) if lets_through else False
        if counted or expected.counted:
            self._count(expected.direction, 1 if lets_through else -1)
        visit = expected.visit
        self._expected[visit] = replace(expected, crossed=lets_through, counted=counted)
        if expected.who is None:
            return Change()
        last = self.last(expected.who, visit)
        # Another gate's clock may be a little ahead: what happens now is the later all the same.
        at = at if last is None else max(at, last.at + _TICK)
        crossing = Crossing(expected.who, expected.direction, at, self.gate, visit)
        if lets_through:
            self.hear(crossing)
        else:
            self.hear_taken_back(crossing)
        return Change(crossing, taken_back=not lets_through)

    def _is_without_code(self, entry: Entry) -> bool:
        """Nobody was announced: a person without a code, or one from before this memory."""
        if entry.completes is not None:
            return False
        return entry.type is not EntryType.SCAN or entry.seq not in self._expected

    def _changes_number(self, expected: Expected, now: datetime) -> bool:
        """Whoever is inside already is not counted twice, nor off who never was."""
        if expected.who is None:
            return True
        last = self.last(expected.who)
        is_inside = last is not None and last.direction is Direction.IN
        if expected.direction is Direction.IN:
            return not is_inside
        return is_inside or not self.is_followed(now)

    def _count(self, direction: Direction, step: int) -> None:
        """One person more, or one less; what was counted before a memory began is not undone."""
        if direction is Direction.IN:
            self._change(ins=max(0, self.own.ins + step))
        else:
            self._change(outs=max(0, self.own.outs + step))

    def _change(self, **fields: int) -> None:
        self._totals[self.gate] = replace(self.own, counted=self.own.counted + 1, **fields)


def from_ledger(gate: str, entries: Iterable[Entry], now: datetime) -> Memory:
    """The memory of a gate after a power cut: how many are inside, as far as that was recorded.

    Args:
        gate: its device id.
        entries: of the last two days, oldest first.
        now: aware UTC.
    """
    comings = Comings(nothing_known(gate, 0, now))
    for entry in entries:
        comings.note(entry)
    memory, blank = comings.memory, nothing_known(gate, comings.seq, now)
    correction = memory.correction
    if correction is not None:
        # Its offset does not know the other gates; theirs of the same guard goes before it.
        correction = replace(correction, at=correction.at - _TICK)
    return replace(blank, totals=memory.totals, correction=correction, expected=memory.expected)


def _lets_through(entry: Entry) -> bool | None:
    """Whether somebody is let through by this entry; None where it says nothing about it."""
    if entry.guard is not None:
        return entry.guard is GuardDecision.ADMITTED_BY_GUARD
    return None if entry.decision is None else entry.decision is Decision.ADMIT
