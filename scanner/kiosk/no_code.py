"""The way of a person without a code through the screens: who it is, what is typed, how many come.

What was typed leaves this process with the message that carries it: the screen's form is emptied,
and what waits for the gate's answer is remembered without it.
"""

from abc import abstractmethod
from typing import Final

from msgspec import structs
from textual.timer import Timer

from scanner.domain.id_documents import NumberForm
from scanner.domain.walk_ins import NUMBERED, PersonKind
from scanner.gate.messages import Command, WalkIn
from scanner.kiosk import intents
from scanner.kiosk.forms import Form
from scanner.kiosk.keyboard import FingersOnlyApp
from scanner.kiosk.screens.base import GateScreen
from scanner.kiosk.screens.form import FORGET_S, FormScreen
from scanner.kiosk.screens.party import PartyScreen
from scanner.kiosk.screens.who import WhoScreen
from scanner.kiosk.session import Session

_Resting = WhoScreen | PartyScreen | FormScreen
_TYPED: Final = NUMBERED | {PersonKind.VISITOR}


def remembered(command: Command) -> Command:
    """A command as it is kept until its answer comes: without what was typed about a person."""
    if isinstance(command, WalkIn):
        return structs.replace(command, number=None, visitor=None)
    return command


class NoCodeApp(FingersOnlyApp):
    """What taps about people without a code lead to; the rest of the app is its subclass."""

    session: Session

    def __init__(self) -> None:
        super().__init__()
        self._resting: _Resting | None = None
        self._rest_over: Timer | None = None
        self._unanswered: dict[int, Command] = {}

    @abstractmethod
    async def _overlay(self, screen: GateScreen | None) -> None: ...

    @abstractmethod
    def _problem(self, key: str) -> None: ...

    @abstractmethod
    def _next_command(self) -> int: ...

    @abstractmethod
    def _send(self, command: Command) -> None: ...

    @property
    @abstractmethod
    def _visit(self) -> int | None: ...

    async def on_open_walk_in(self) -> None:
        """Somebody is here without a code."""
        self.session.problem = ""
        await self._overlay(WhoScreen(self.session))

    async def on_choose_person(self, message: intents.ChoosePerson) -> None:
        """Ask for what this person has to tell, or let the gate ask."""
        person, status, hello = message.person, self.session.status, self.session.hello
        self.session.problem = ""
        if person is PersonKind.VISITOR and status is not None and not status.can_seal:
            self._problem("error.cannot_seal")
        elif person in _TYPED:
            numbers = hello.number_form if hello else NumberForm()
            await self._overlay(FormScreen(self.session, Form.of(person, numbers)))
        elif person is PersonKind.GUARDIAN:
            await self._overlay(PartyScreen(self.session, guardian=None))
        else:
            self._tell(person)

    async def on_open_party(self) -> None:
        """Others come along with the person on the screen."""
        self.session.problem = ""
        await self._overlay(PartyScreen(self.session, self._visit))

    def on_choose_count(self, message: intents.ChooseCount) -> None:
        """So many come along, with the guardian on the screen or with one who has no code."""
        if isinstance(self.screen, PartyScreen):
            guardian = self.screen.guardian
            person = PersonKind.GUARDIAN if guardian is None else PersonKind.DEPENDANT
            self._tell(person, dependants=message.count, guardian=guardian)

    def on_send_form(self, message: intents.SendForm) -> None:
        """The form is on its way: the screen forgets it."""
        if isinstance(self.screen, FormScreen):
            self._tell(message.form.person, message.form)
            self.screen.wipe()

    def rest(self) -> None:
        """Another verdict covers what the guard is doing: keep that for a while."""
        top = self.screen
        if isinstance(top, _Resting) and not self._is_telling:
            self._resting = top.again()
            self._rest_over = self.set_timer(FORGET_S, self.forget)

    def forget(self) -> None:
        """Nothing is gone on with."""
        self._resting = None
        if self._rest_over is not None:
            self._rest_over.stop()

    def taken_up(self) -> GateScreen | None:
        """What the guard was doing before the verdict; once."""
        screen = self._resting
        self.forget()
        return screen

    @property
    def _is_telling(self) -> bool:
        """Whether the gate has yet to answer who came: the next verdict is that person's."""
        return any(isinstance(command, WalkIn) for command in self._unanswered.values())

    def _tell(
        self,
        person: PersonKind,
        form: Form | None = None,
        *,
        dependants: int = 0,
        guardian: int | None = None,
    ) -> None:
        """Tell the gate who came; a second tap before it has answered is the same person."""
        if self._is_telling:
            return
        self.forget()
        self._send(
            WalkIn(
                command=self._next_command(),
                person=person,
                number=form.number() if form else None,
                visitor=form.visitor() if form else None,
                dependants=dependants,
                guardian=guardian,
            )
        )
