"""The play: one person after the other before the simulated lens, and a guard who answers."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from scanner.cli.demo.guard import Guard
from scanner.cli.demo.people import Person
from scanner.domain.verdicts import Decision, GuardDecision
from scanner.gate.messages import VerdictShown
from scanner.vision.sources.stage import EMPTY_GATE, Scene, write_stage

_STEP_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Pace:
    """How long people take, in seconds.

    Attributes:
        patience_s: a person waits for a verdict.
        answer_s: the demo's guard lets a human at the kiosk answer first.
        look_s: everybody looks at a verdict.
        gap_s: between two people; longer than the gate's debounce.
    """

    patience_s: float = 20.0
    answer_s: float = 0.2
    look_s: float = 0.2
    gap_s: float = 1.0


@dataclass(slots=True)
class Outcome:
    """What became of one person.

    Attributes:
        last: the last verdict that the gate showed; None when it never did.
        first_ms: from the frame to the first durable verdict, as the gate measured it.
        visits: numbers of the ledger entries that this person's scans made.
        admitted: verdicts that let the person in: each of them must reach the hub.
    """

    person: Person
    last: VerdictShown | None = None
    first_ms: float | None = None
    visits: set[int] = field(default_factory=set)
    admitted: list[int] = field(default_factory=list)

    @property
    def is_as_expected(self) -> bool:
        """Decided as this person ought to be, and recorded."""
        last, person = self.last, self.person
        return (
            last is not None
            and last.recorded
            and last.decision is person.expected
            and set(last.reasons) == set(person.reasons)
            and last.guard is person.guard
        )


class Play:
    """Directs the simulated camera.

    Args:
        stage: the folder that the simulated camera watches.
        guard: connected to the gate.
        pace: how long people take.
    """

    def __init__(self, stage: Path, guard: Guard, pace: Pace) -> None:
        self._stage = stage
        self._guard = guard
        self._pace = pace
        self._newest_visit = 0

    def run(self, people: Iterable[Person], is_over: Callable[[], bool]) -> Iterator[Outcome]:
        """Let everybody pass, one after the other; ends early when `is_over` says so."""
        for number, person in enumerate(people):
            if is_over():
                return
            outcome = self._present(person, number, is_over)
            self._newest_visit = max(self._newest_visit, *outcome.visits, 0)
            yield outcome
        write_stage(self._stage, EMPTY_GATE)

    def _present(self, person: Person, number: int, is_over: Callable[[], bool]) -> Outcome:
        write_stage(
            self._stage,
            Scene(text=person.text, medium=person.medium, condition=person.condition, seed=number),
        )
        outcome = Outcome(person)
        deadline = time.monotonic() + self._pace.patience_s
        act_at: float | None = None
        while time.monotonic() < deadline and not is_over():
            shown = self._guard.next_verdict(_STEP_S)
            if shown is not None and self._is_about_this_person(shown):
                self._take(outcome, shown)
                act_at = time.monotonic() + self._pace.answer_s
                deadline = time.monotonic() + self._pace.patience_s
            if outcome.last is None:
                continue
            if self._is_settled(outcome):
                break
            if act_at is not None and time.monotonic() >= act_at:
                self._act(person, outcome.last)
                act_at = None
        time.sleep(self._pace.look_s)
        write_stage(self._stage, EMPTY_GATE)
        time.sleep(self._pace.gap_s)
        return outcome

    def _is_about_this_person(self, shown: VerdictShown) -> bool:
        """A gate that comes back repeats what is on its screen; that may be somebody else."""
        return not shown.recorded or shown.visit > self._newest_visit

    def _take(self, outcome: Outcome, shown: VerdictShown) -> None:
        outcome.last = shown
        if outcome.first_ms is None:
            outcome.first_ms = shown.frame_to_verdict_ms
        if shown.recorded:
            outcome.visits.add(shown.visit)
        by_machine = shown.decision is Decision.ADMIT and shown.guard is None
        if by_machine or shown.guard is GuardDecision.ADMITTED_BY_GUARD:
            outcome.admitted.append(shown.visit)

    def _is_settled(self, outcome: Outcome) -> bool:
        last = outcome.last
        return last is not None and last.final and last.guard is outcome.person.guard

    def _act(self, person: Person, last: VerdictShown) -> None:
        """Answer what is asked for; after the machine's verdict, do what this guard does."""
        if last.asks:
            readings = person.readings_c
            done = 0 if last.temperature_c is None else readings.index(last.temperature_c) + 1
            if done < len(readings):
                self._guard.enter_temperature(last.visit, readings[done])
        elif person.guard is not None and last.guard is None:
            admit = person.guard is GuardDecision.ADMITTED_BY_GUARD
            self._guard.decide(last.visit, admit=admit, reason=person.guard_reason)
