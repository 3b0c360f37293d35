"""A pipeline on a real ledger, and a clock that only moves when told."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from scanner.domain.direction import GateDirection
from scanner.domain.entries import Entry, EntryType
from scanner.domain.reasons import GuardReason
from scanner.domain.walk_ins import PersonKind, TypedNumber, VisitorDetails
from scanner.gate.doorway import Door, Doorway
from scanner.gate.guard_book import RECALL
from scanner.gate.guard_messages import Login, Logout, SecondPerson, Undo
from scanner.gate.guardhouse import NO_WISHES, CheckedPin, GuardRules
from scanner.gate.instant import Instant
from scanner.gate.messages import (
    Command,
    CommandResult,
    ConfirmDocument,
    ConfirmIdentity,
    Decide,
    Dismiss,
    EnterTemperature,
    ErrorCode,
    Event,
    VerdictShown,
    WalkIn,
)
from scanner.gate.pipeline import Pipeline
from scanner.gate.recorder import Recorder
from scanner.gate.status import GuardStatus
from scanner.gate.visits import Timing
from scanner.guards.pins import fits
from scanner.guards.roster import Roster
from scanner.issuing.keys import IssuerKey
from scanner.ledger.store import Ledger
from scanner.policy.recognition import ANYWHERE, HostRecognition
from scanner.policy.rules import RuleSet
from scanner.trust.key_ring import KeyRing
from scanner.trust.keys import NO_REVOCATIONS, Revocations
from scanner.trust.staleness import Staleness
from scanner.vision.frames import Point, QrText
from tests.builders import NOW

FRAME: Final = (1280, 720)


class Keys(KeyRing):
    """A key ring that was signed an hour ago."""

    version = "test-1"
    issued_at = NOW - timedelta(hours=1)
    revocations: Revocations = NO_REVOCATIONS

    def age(self, now: datetime) -> timedelta:
        return now - self.issued_at

    def staleness(self, now: datetime) -> Staleness:
        return Staleness.FRESH if now >= self.issued_at else Staleness.DEGRADED

    def issuer_staleness(self, issuer: str, now: datetime) -> Staleness:  # noqa: ARG002
        return Staleness.FRESH

    def revocation_staleness(self, issuer: str, now: datetime) -> Staleness:  # noqa: ARG002
        return Staleness.FRESH


class Gate:
    """One gate, with trust in the keys of `issuers`."""

    def __init__(
        self,
        folder: Path,
        issuers: Iterable[IssuerKey],
        rules: RuleSet | None = None,
        host: HostRecognition = ANYWHERE,
        sealing_key: Path | None = None,
        roster: Roster | None = None,
        guard_rules: GuardRules = NO_WISHES,
        direction: GateDirection | None = None,
        device: str = "d-0123456789abcdef",
        gates: int = 1,
    ) -> None:
        self.gates = gates
        self.direction = direction
        self.device = device
        self.folder = folder
        self.issuers = tuple(issuers)
        self.rules = rules or RuleSet()
        self.host = host
        self.sealing_key = sealing_key
        self.roster = roster
        self.guard_rules = guard_rules
        self.boot = "boot"
        self.seconds = 100.0
        self.started_s = 0.0
        self._start()

    def _start(self) -> None:
        self.ledger = Ledger.open(self.folder / "ledger.db", self.device)
        self.recorder = Recorder(self.ledger, self.folder, sealing_key=self.sealing_key)
        keys = Keys(key.trusted() for key in self.issuers)
        self.pipeline = Pipeline(self.rules, keys, self.recorder, Timing(), self.guard_rules)
        self.pipeline.judge.host = self.host
        for entry in self.ledger.latest(1000):
            self.recorder.recall(entry)
        now = self.now()
        recent = list(self.ledger.since(now.at - RECALL))
        self.doorway: Doorway | None = None
        if self.direction is not None:
            door = Door(self.direction, self.folder / "site.key", self.gates)
            self.doorway = Doorway(door, self.ledger, self.folder, now)
        self.pipeline.start(self.ledger.latest(100), now, "1.0", self.doorway)
        self.takes_up(self.roster)
        self.pipeline.guards.start(reversed(recent), now)

    def restart(self) -> None:
        """As after kill -9: nothing is closed in order."""
        self.ledger.close()
        self._start()

    def reboot(self, boot: str, after_s: float = 40.0) -> None:
        """As after a power cut: the kernel counts from nothing."""
        self.seconds += after_s
        self.boot, self.started_s = boot, self.seconds
        self.restart()

    def now(self) -> Instant:
        at = NOW + timedelta(seconds=self.seconds - 100)
        up_s = self.seconds - self.started_s
        return Instant(at, is_sure=True, mono_s=self.seconds, boot=self.boot, up_s=up_s)

    def takes_up(self, roster: Roster | None, *, is_damaged: bool = False) -> None:
        self.roster = roster
        self.pipeline.guards.take_up(roster, is_damaged=is_damaged, instant=self.now())

    def command(self, command: Command) -> list[Event]:
        """As the service does it, with the PIN compared on the spot."""
        wanted = self.pipeline.guards.pin_to_check(command, self.now())
        checked = CheckedPin(wanted.sealed, fits(wanted.pin, wanted.sealed)) if wanted else None
        return self.pipeline.command(command, self.now(), checked)

    def refusal(self, command: Command) -> ErrorCode | None:
        """Why a command was not carried out; None when it was."""
        result = self.command(command)[-1]
        assert isinstance(result, CommandResult)
        return result.error

    def login(self, guard: str, pin: str) -> ErrorCode | None:
        return self.refusal(Login(command=1, guard=guard, pin=pin))

    def logout(self) -> ErrorCode | None:
        return self.refusal(Logout(command=1))

    def undo(self, entry: int) -> list[Event]:
        return self.command(Undo(command=1, entry=entry))

    def on_duty(self) -> str | None:
        """The number of the guard on duty."""
        return self.guards.guard

    @property
    def guards(self) -> GuardStatus:
        return self.pipeline.guards.status(self.now())

    def show(self, *texts: str) -> list[Event]:
        """One frame with these codes, the first one in the middle."""
        codes = [QrText(text, _square(640 + 250 * i), 4.0) for i, text in enumerate(texts)]
        self.seconds += 0.1
        return self.pipeline.codes(codes, FRAME, self.seconds - 0.02, self.now)

    def verdict(self, *texts: str) -> VerdictShown:
        (event,) = self.show(*texts)
        assert isinstance(event, VerdictShown)
        return event

    def wait(self, seconds: float) -> list[Event]:
        self.seconds += seconds
        return self.pipeline.tick(self.now())

    def measure(self, visit: int, celsius: float) -> list[Event]:
        command = EnterTemperature(command=1, visit=visit, celsius=celsius)
        return self.pipeline.command(command, self.now())

    def compare(self, visit: int) -> list[Event]:
        """The guard finds that name and document are this person's."""
        return self.pipeline.command(ConfirmIdentity(command=1, visit=visit), self.now())

    def document(self, visit: int) -> list[Event]:
        """The guard saw the document that the rules want."""
        return self.pipeline.command(ConfirmDocument(command=1, visit=visit), self.now())

    def decide(
        self,
        visit: int | None,
        *,
        admit: bool,
        reason: GuardReason,
        note: str = "",
        second: SecondPerson | None = None,
    ) -> list[Event]:
        return self.command(
            Decide(command=1, visit=visit, admit=admit, reason=reason, note=note, second=second)
        )

    def walk_in(
        self,
        person: PersonKind,
        number: str | None = None,
        visitor: VisitorDetails | None = None,
        **party: int,
    ) -> list[Event]:
        """The guard says who came without a code."""
        typed = None if number is None else TypedNumber(number)
        command = WalkIn(command=1, person=person, number=typed, visitor=visitor, **party)
        return self.pipeline.command(command, self.now())

    def dismiss(self, visit: int) -> list[Event]:
        return self.pipeline.command(Dismiss(command=1, visit=visit), self.now())

    def entries(self) -> list[Entry]:
        """Without the START lines."""
        return [e for e in self.ledger.latest(1000) if e.type is not EntryType.START]


def _square(x: float) -> tuple[Point, Point, Point, Point]:
    return ((x - 100, 260), (x + 100, 260), (x + 100, 460), (x - 100, 460))
