"""The part of the app that is about guards: logins, second persons, notes, undo."""

from abc import abstractmethod
from functools import partial
from typing import Final

from msgspec.structs import replace

from scanner.gate.guard_messages import BadgeResult
from scanner.gate.messages import Command, Decide, VerdictShown
from scanner.kiosk import intents
from scanner.kiosk.guard_flow import GuardFlow
from scanner.kiosk.keyboard import FingersOnlyApp
from scanner.kiosk.screens.base import GateScreen
from scanner.kiosk.screens.decision import DecisionScreen
from scanner.kiosk.screens.desk import DeskScreen
from scanner.kiosk.screens.note import NoteScreen
from scanner.kiosk.screens.pin import PinScreen
from scanner.kiosk.session import Session

NOTE_S: Final = 5.0
"""How long the screen says what became of something."""


class GuardedApp(FingersOnlyApp):
    """Turns what a guard wants into steps, and remembers what the next person interrupted."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.guards = GuardFlow(session, self._number, self.uncover)
        self._aside: DeskScreen | None = None

    @abstractmethod
    def send(self, command: Command) -> None:
        """Send a command that carries its number."""

    @abstractmethod
    def next_command(self) -> int:
        """A number that no command has had."""

    @abstractmethod
    async def overlay(self, screen: GateScreen | None) -> None:
        """Put one screen over the idle screen; None uncovers it."""

    @abstractmethod
    async def uncover(self, screen: GateScreen | None) -> None:
        """This screen, or whatever stands when nobody wants anything."""

    @abstractmethod
    def problem(self, key: str) -> None:
        """Say what went wrong; an empty key takes it away."""

    @abstractmethod
    def note(self, key: str) -> None:
        """Say what was done, for a few seconds."""

    async def badge_shown(self, result: BadgeResult) -> None:
        """A badge was held before the lens: say what it led to, and go on with what waited."""
        key = f"badge.{result.value}"
        if result is BadgeResult.STARTED:
            self.note(key)
        else:
            self.problem(key)
            self.set_timer(NOTE_S, partial(self._problem_over, key))
        await self.guards.badge(self.screen, result)

    async def on_choose_reason(self, message: intents.ChooseReason) -> None:
        """The guard decided; the gate answers with the verdict that carries the decision."""
        if isinstance(self.screen, DecisionScreen):
            visit = self.screen.visit
            await self.guards.decide(
                Decide(command=0, admit=message.admit, reason=message.reason, visit=visit)
            )

    async def on_change_duty(self) -> None:
        """Come on duty, or leave."""
        await self.guards.duty()

    def on_undo_decision(self) -> None:
        """Take the last decision back."""
        self.guards.undo()

    def on_give_note(self, message: intents.GiveNote) -> None:
        """What it was, in words."""
        if isinstance(self.screen, NoteScreen):
            self.guards.noted(self.screen, message.note)

    def on_give_pin(self, message: intents.GivePin) -> None:
        """Somebody typed number and PIN."""
        if isinstance(self.screen, PinScreen):
            self.guards.pin(self.screen, message.number, message.pin)

    def set_aside(self, verdict: VerdictShown) -> None:
        """The next person goes first; what the guard was doing for another one comes back."""
        top = self.screen
        if isinstance(top, DeskScreen) and (top.visit is None or top.visit != verdict.visit):
            self._aside = top

    def forget_aside(self) -> None:
        """Nothing comes back: the gate is another one, perhaps."""
        self._aside = None

    async def uncover_idle(self) -> None:
        """Nobody is there: what was put aside comes back, and what the guard does now stays."""
        if not isinstance(self.screen, DeskScreen):
            aside, self._aside = self._aside, None
            await self.overlay(aside.again() if aside else None)

    def _problem_over(self, key: str) -> None:
        if self.session.problem == key:
            self.problem("")

    def _number(self, command: Command) -> None:
        """Send a command under a new number."""
        self.send(replace(command, command=self.next_command()))
