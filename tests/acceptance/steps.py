"""What people do in the acceptance table, and what gate and ledger must make of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from scanner.domain.entries import Entry, EntryType
from scanner.domain.reasons import GuardReason, Reason
from scanner.domain.verdicts import Ask, Decision, GuardDecision
from scanner.gate.messages import (
    CommandResult,
    ConfirmIdentity,
    Decide,
    EnterTemperature,
    ErrorCode,
    VerdictShown,
)
from scanner.vision.sources.stage import Condition, Medium
from tests.acceptance.checkpoint import Checkpoint

ADMIT, CHECK, REFUSE = Decision.ADMIT, Decision.CHECK, Decision.REFUSE
Text = Callable[[datetime], str]
"""A code as its holder's phone or paper shows it at that time."""


@dataclass(frozen=True)
class Stage:
    """The gate, and the person before it.

    Attributes:
        visit: the person's; 0 before anybody came.
    """

    gate: Checkpoint
    visit: int = 0


@dataclass(frozen=True)
class Step:
    """One thing that happens, and what must come of it."""

    what: str
    run: Callable[[Stage], Stage]


def shows(
    code: Text,
    decision: Decision,
    *reasons: Reason,
    medium: Medium = Medium.PHONE,
    condition: Condition = Condition.CLEAN,
    asks: tuple[Ask, ...] = (),
    **kept: object,
) -> Step:
    """Somebody holds a code before the lens: screen and ledger say the same.

    Args:
        code: what is held up.
        decision, reasons, asks: of the machine, the worst reason first.
        medium, condition: how it is held up.
        kept: further fields of the entry.
    """

    def run(stage: Stage) -> Stage:
        gate = stage.gate
        shown = _verdict(gate.shows(code(gate.now().at), medium, condition))
        assert (shown.decision, shown.reasons, shown.asks) == (decision, reasons, asks)
        (entry,) = [entry for entry in gate.entries() if entry.seq == shown.visit]
        assert entry.type is EntryType.SCAN
        assert (entry.decision, entry.reasons, entry.asks) == (decision, reasons, asks)
        _has(entry, kept)
        return Stage(gate, shown.visit)

    return Step(f"shows → {decision}", run)


def shows_again(code: Text) -> Step:
    """The same once more: nothing new comes of it."""

    def run(stage: Stage) -> Stage:
        before = len(stage.gate.entries())
        stage.gate.shows(code(stage.gate.now().at))
        assert len(stage.gate.entries()) == before
        return stage

    return Step("shows again → nothing new", run)


def is_measured(celsius: float, decision: Decision, *reasons: Reason) -> Step:
    """The thermometer's reading completes the entry, or asks for another one."""

    def run(stage: Stage) -> Stage:
        command = EnterTemperature(command=1, visit=stage.visit, celsius=celsius)
        return _answered(stage, stage.gate.does(command), decision, reasons, temperature_c=celsius)

    return Step(f"{celsius} °C → {decision}", run)


def cannot_be_measured(celsius: float) -> Step:
    """Nobody asked for a temperature: the reading changes nothing."""

    def run(stage: Stage) -> Stage:
        command = EnterTemperature(command=1, visit=stage.visit, celsius=celsius)
        (result,) = stage.gate.does(command)
        assert result == CommandResult(command=1, error=ErrorCode.NOT_ASKED)
        return stage

    return Step(f"{celsius} °C → not asked", run)


def is_compared(decision: Decision, *reasons: Reason) -> Step:
    """The guard compares name and document: they are this person's."""

    def run(stage: Stage) -> Stage:
        events = stage.gate.does(ConfirmIdentity(command=1, visit=stage.visit))
        return _answered(stage, events, decision, reasons, id_compared=True)

    return Step(f"document matches → {decision}", run)


def guard(reason: GuardReason, *, admits: bool = True) -> Step:
    """The guard decides beside the machine, whose verdict stays as it is."""

    def run(stage: Stage) -> Stage:
        before = stage.gate.entries()
        command = Decide(command=1, visit=stage.visit, admit=admits, reason=reason)
        shown = _verdict(stage.gate.does(command))
        decision = GuardDecision.ADMITTED_BY_GUARD if admits else GuardDecision.REFUSED_BY_GUARD
        assert shown.guard is decision
        *kept, last = stage.gate.entries()
        assert kept == before
        assert (last.type, last.completes) == (EntryType.GUARD, stage.visit)
        assert (last.guard, last.guard_reason) == (decision, reason)
        return stage

    return Step(f"guard: {reason}", run)


def guard_may_not(reason: GuardReason) -> Step:
    """The guard cannot admit for this reason, and nothing is recorded."""

    def run(stage: Stage) -> Stage:
        before = stage.gate.entries()
        command = Decide(command=1, visit=stage.visit, admit=True, reason=reason)
        (result,) = stage.gate.does(command)
        assert result == CommandResult(command=1, error=ErrorCode.NOT_ALLOWED)
        assert stage.gate.entries() == before
        return stage

    return Step(f"guard may not: {reason}", run)


def waits(seconds: float = 0, *, minutes: float = 0) -> Step:
    """Time goes by."""

    def run(stage: Stage) -> Stage:
        stage.gate.waits(seconds + minutes * 60)
        return stage

    return Step(f"{seconds + minutes * 60:g} s later", run)


def is_recorded_as_gone() -> Step:
    """The last line says that nobody answered."""

    def run(stage: Stage) -> Stage:
        last = stage.gate.entries()[-1]
        assert (last.type, last.completes) == (EntryType.ABANDONED, stage.visit)
        return stage

    return Step("recorded as gone", run)


def _answered(
    stage: Stage,
    events: object,
    decision: Decision,
    reasons: tuple[Reason, ...],
    **kept: object,
) -> Stage:
    shown = _verdict(events)
    assert (shown.visit, shown.decision, shown.reasons) == (stage.visit, decision, reasons)
    entry = stage.gate.entries()[-1]
    assert (entry.type, entry.completes) == (EntryType.ANSWER, stage.visit)
    assert (entry.decision, entry.reasons) == (decision, reasons)
    _has(entry, kept)
    return stage


def _verdict(events: object) -> VerdictShown:
    assert isinstance(events, list)
    (shown,) = [event for event in events if isinstance(event, VerdictShown)]
    assert isinstance(shown, VerdictShown)
    return shown


def _has(entry: Entry, kept: dict[str, object]) -> None:
    assert {name: getattr(entry, name) for name in kept} == kept
