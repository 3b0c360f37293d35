"""What people do in the acceptance table, and what gate and ledger must make of it."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from scanner.domain.direction import Direction
from scanner.domain.entries import Entry, EntryType, TrustWay
from scanner.domain.reasons import GuardReason, Reason
from scanner.domain.verdicts import Ask, Decision, GuardDecision
from scanner.domain.walk_ins import PersonKind, TypedNumber
from scanner.gate.messages import (
    CommandResult,
    ConfirmIdentity,
    CountInside,
    Decide,
    EnterTemperature,
    ErrorCode,
    Turn,
    VerdictShown,
    WalkIn,
)
from scanner.issuing.keys import IssuerKey
from scanner.kiosk.session import Session
from scanner.kiosk.terminal import Display
from scanner.kiosk.widgets.verdict_details import details_text, holder_line
from scanner.kiosk.words import speech
from scanner.ledger.reader import LedgerReader
from scanner.trust.bundle.store import Origin
from scanner.vision.sources.stage import Condition, Medium
from sync.agent.client import HubClient
from sync.agent.service import Agent, AgentPaths
from tests.acceptance.checkpoint import Checkpoint
from tests.faults.sync.proxy import Fault, Plan, spoiling_proxy
from tests.sync_builders import identity_of, lines_at, served

ADMIT, CHECK, REFUSE = Decision.ADMIT, Decision.CHECK, Decision.REFUSE
Text = Callable[[datetime], str]
"""A code as its holder's phone or paper shows it at that time."""


@dataclass(frozen=True)
class Stage:
    """The gate, and the person before it.

    Attributes:
        shown: the last verdict on the screen; None before anybody came.
    """

    gate: Checkpoint
    shown: VerdictShown | None = None

    @property
    def visit(self) -> int:
        """The person's."""
        assert self.shown is not None
        return self.shown.visit


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
        decision, reasons, asks: of the machine, the worst reason first; `OK` where none is told.
        medium, condition: how it is held up.
        kept: further fields of the entry.
    """

    why = reasons or (Reason.OK,)

    def run(stage: Stage) -> Stage:
        gate = stage.gate
        shown = _verdict(gate.shows(code(gate.now().at), medium, condition))
        assert (shown.decision, shown.reasons, shown.asks) == (decision, why, asks)
        (entry,) = [entry for entry in gate.entries() if entry.seq == shown.visit]
        assert entry.type is EntryType.SCAN
        assert (entry.decision, entry.reasons, entry.asks) == (decision, why, asks)
        _has(entry, kept)
        return Stage(gate, shown)

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
        return Stage(stage.gate, shown)

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


def comes(person: PersonKind, number: str | None = None) -> Step:
    """Somebody without a code: the guard says who, and the gate asks for a temperature."""

    def run(stage: Stage) -> Stage:
        typed = None if number is None else TypedNumber(number)
        shown = _verdict(stage.gate.does(WalkIn(command=1, person=person, number=typed)))
        expected = (CHECK, (Reason.TEMPERATURE_NEEDED, Reason.NO_CODE), (Ask.TEMPERATURE,))
        assert (shown.decision, shown.reasons, shown.asks) == expected
        entry = stage.gate.entries()[-1]
        assert (entry.type, entry.seq, entry.person) == (EntryType.WALK_IN, shown.visit, person)
        assert (entry.decision, entry.reasons, entry.asks) == expected
        assert (entry.subject is None) == (number is None)
        return Stage(stage.gate, shown)

    return Step(f"{person} without a code → CHECK", run)


def is_let_in_at(celsius: float, reason: GuardReason) -> Step:
    """The reading is good: the guard's word lets in, and the machine has still not admitted."""

    def run(stage: Stage) -> Stage:
        command = EnterTemperature(command=1, visit=stage.visit, celsius=celsius)
        shown = _verdict(stage.gate.does(command))
        admitted = GuardDecision.ADMITTED_BY_GUARD
        assert (shown.decision, shown.guard, shown.final) == (CHECK, admitted, True)
        answer, decided = stage.gate.entries()[-2:]
        assert (answer.type, answer.temperature_c) == (EntryType.ANSWER, celsius)
        assert (answer.decision, answer.completes) == (CHECK, stage.visit)
        assert (decided.type, decided.completes) == (EntryType.GUARD, stage.visit)
        assert (decided.guard, decided.guard_reason) == (admitted, reason)
        return stage

    return Step(f"{celsius} °C → admitted by guard", run)


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
    shown, why = _verdict(events), reasons or (Reason.OK,)
    assert (shown.visit, shown.decision, shown.reasons) == (stage.visit, decision, why)
    entry = stage.gate.entries()[-1]
    assert (entry.type, entry.completes) == (EntryType.ANSWER, stage.visit)
    assert (entry.decision, entry.reasons) == (decision, why)
    _has(entry, kept)
    return Stage(stage.gate, shown)


def _verdict(events: object) -> VerdictShown:
    assert isinstance(events, list)
    (shown,) = [event for event in events if isinstance(event, VerdictShown)]
    assert isinstance(shown, VerdictShown)
    return shown


def _has(entry: Entry, kept: dict[str, object]) -> None:
    assert {name: getattr(entry, name) for name in kept} == kept


def a_bundle_comes(keys: Iterable[IssuerKey], way: Origin) -> Step:
    """A newer bundle is signed and brought; the gate takes it up while it runs."""

    def run(stage: Stage) -> Stage:
        stage.gate.publishes(keys, way)
        stage.gate.looks_for_news()
        last = stage.gate.entries()[-1]
        assert (last.type, last.trust_way) == (EntryType.TRUST, TrustWay(way.value))
        return stage

    return Step(f"a bundle comes by {way}", run)


def is_turned(direction: Direction) -> Step:
    """The guard lets people go the other way."""

    def run(stage: Stage) -> Stage:
        events = stage.gate.does(Turn(command=1, direction=direction))
        assert events[-1] == CommandResult(command=1)
        return stage

    return Step(f"people go {direction}", run)


def are_inside(number: int) -> Step:
    """The guard counts who is inside: from there on the gate knows it."""

    def run(stage: Stage) -> Stage:
        events = stage.gate.does(CountInside(command=1, number=number))
        assert events[-1] == CommandResult(command=1)
        return stage

    return Step(f"{number} are inside", run)


def screen_says(*lines: str) -> Step:
    """The card below the verdict, in English, word for word: nothing else stands there."""

    def run(stage: Stage) -> Stage:
        shown = stage.shown
        assert shown is not None
        session = Session(Display(), None, speech(("en",)))
        card = [holder_line(shown), *details_text(session, shown).plain.splitlines()]
        assert card == list(lines)
        return stage

    return Step("the screen says", run)


def card_never_says(*words: str) -> Step:
    """None of this is anywhere in what the gate keeps."""

    def run(stage: Stage) -> Stage:
        kept = stage.gate.card()
        assert [word for word in words if word.encode() in kept] == []
        return stage

    return Step("the card does not say", run)


def everything_reaches_the_hub_once(folder: str, *faults: Fault) -> Step:
    """Sync brings the ledger to a real hub over a wire that breaks; each line arrives once.

    Args:
        folder: name of the hub's folder beside the ledger.
        faults: of the first connections, one after the other.
    """

    def run(stage: Stage) -> Stage:
        gate = stage.gate
        ledger = gate.folder / "ledger.db"
        paths = AgentPaths(ledger, gate.folder / "outbox.json", gate.folder / "sync-status.json")
        with (
            served(gate.folder / folder, [gate.device]) as (hub, port),
            spoiling_proxy(port, Plan(list(faults))) as proxy,
        ):
            hub.config = replace(hub.config, public_url=f"http://127.0.0.1:{proxy}")
            client = HubClient(f"http://127.0.0.1:{proxy}", gate.device)
            agent = Agent(paths, gate.device, identity_of(hub), client, interval_s=60)
            assert agent.run_once(threading.Event(), timeout_s=30)
            there = [line for _, _, line in lines_at(gate.folder / folder / "hub.db", gate.device)]
        with LedgerReader(ledger) as reader:
            here = [line.line for line in reader.lines_after(0, 1000, 1 << 20)]
        assert there == here
        return stage

    return Step(f"everything reaches the hub once, {[fault.name for fault in faults]}", run)
