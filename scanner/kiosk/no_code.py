"""The way of a person without a code through the screens: who it is, what is typed, how many come.

What was typed leaves this process with the message that carries it: the screen's form is emptied,
and what waits for the gate's answer is remembered without it.
"""

from abc import abstractmethod
from typing import Final

from msgspec import structs

from scanner.domain.id_documents import NumberForm
from scanner.domain.walk_ins import NUMBERED, PersonKind
from scanner.gate.messages import Command, VerdictShown, WalkIn
from scanner.kiosk import intents
from scanner.kiosk.forms import Form
from scanner.kiosk.guarded_app import GuardedApp
from scanner.kiosk.screens.form import FORGET_S, FormScreen
from scanner.kiosk.screens.party import PartyScreen
from scanner.kiosk.screens.who import WhoScreen
from scanner.kiosk.session import Session

_NO_CODE = WhoScreen | PartyScreen | FormScreen
_TYPED: Final = NUMBERED | {PersonKind.VISITOR}


def remembered(command: Command) -> Command:
    """A command as it is kept until its answer comes: without what was typed about a person."""
    if isinstance(command, WalkIn):
        return structs.replace(command, number=None, visitor=None)
    return command


class NoCodeApp(GuardedApp):
    """What taps about people without a code lead to; the rest of the app is its subclass."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._unanswered: dict[int, Command] = {}

    @property
    @abstractmethod
    def visit_on_screen(self) -> int | None:
        """The recorded visit whose verdict is known."""

    async def on_open_walk_in(self) -> None:
        """Somebody is here without a code."""
        self.session.problem = ""
        await self.overlay(WhoScreen(self.session))

    async def on_choose_person(self, message: intents.ChoosePerson) -> None:
        """Ask for what this person has to tell, or let the gate ask."""
        person, status, hello = message.person, self.session.status, self.session.hello
        self.session.problem = ""
        if person is PersonKind.VISITOR and status is not None and not status.can_seal:
            self.problem("error.cannot_seal")
        elif person in _TYPED:
            numbers = hello.number_form if hello else NumberForm()
            await self.overlay(FormScreen(self.session, Form.of(person, numbers)))
        elif person is PersonKind.GUARDIAN:
            await self.overlay(PartyScreen(self.session, guardian=None))
        else:
            self._tell(person)

    async def on_open_party(self) -> None:
        """Others come along with the person on the screen."""
        self.session.problem = ""
        await self.overlay(PartyScreen(self.session, self.visit_on_screen))

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

    def set_aside(self, verdict: VerdictShown) -> None:
        """Somebody else's verdict covers what the guard types; the own one ends it.

        What was typed waits for a minute, as on its screen.
        """
        top = self.screen
        if isinstance(top, _NO_CODE) and self._is_telling:
            return
        super().set_aside(verdict)
        if isinstance(top, FormScreen):
            self.set_timer(FORGET_S, top.wipe)

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
        self.forget_aside()
        self.send(
            WalkIn(
                command=self.next_command(),
                person=person,
                number=form.number() if form else None,
                visitor=form.visitor() if form else None,
                dependants=dependants,
                guardian=guardian,
            )
        )
