"""From one answer of the gate to the next question to the guard: who logs in, who else agrees.

The gate says what a decision lacks, and the kiosk asks for that. It never knows by itself who may
do what: the rules are the gate's.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from msgspec.structs import replace
from textual.screen import Screen

from scanner.domain.reasons import GuardReason
from scanner.gate.guard_messages import BadgeResult, Login, Logout, SecondPerson, Undo
from scanner.gate.messages import Command, Decide, ErrorCode
from scanner.kiosk.screens.base import GateScreen
from scanner.kiosk.screens.note import NoteScreen
from scanner.kiosk.screens.pin import PinFor, PinScreen
from scanner.kiosk.session import Session

_ASKED_FOR: Final = {
    ErrorCode.LOGIN_NEEDED: PinFor.LOGIN,
    ErrorCode.SECOND_PERSON_NEEDED: PinFor.SECOND_PERSON,
    ErrorCode.SUPERVISOR_NEEDED: PinFor.SUPERVISOR,
}


class GuardFlow:
    """The steps of logins and decisions.

    Args:
        session: the screens' surroundings.
        send: gives a command its number and sends it.
        show: puts a screen over the idle screen; None goes back to what is below.
    """

    def __init__(
        self,
        session: Session,
        send: Callable[[Command], None],
        show: Callable[[GateScreen | None], Awaitable[None]],
    ) -> None:
        self._session = session
        self._send = send
        self._show = show

    async def duty(self) -> None:
        """The button of the idle screen: come on duty, or leave."""
        status = self._session.status
        if status is not None and status.guards.guard is not None:
            self._send(Logout(command=0))
        else:
            await self._show(PinScreen(self._session, PinFor.LOGIN))

    async def decide(self, command: Decide) -> None:
        """A reason was chosen; `other` needs words first."""
        if command.reason is GuardReason.OTHER and not command.note:
            await self._show(NoteScreen(self._session, command))
        else:
            self._send(command)

    def noted(self, screen: NoteScreen, note: str) -> None:
        """The words are there."""
        self._send(replace(screen.waiting, note=note))

    def pin(self, screen: PinScreen, number: str, pin: str) -> None:
        """Number and PIN are complete."""
        if screen.purpose is PinFor.LOGIN or screen.waiting is None:
            self._send(Login(command=0, guard=number, pin=pin))
        else:
            self._send(replace(screen.waiting, second=SecondPerson(number, pin)))

    def undo(self) -> None:
        """Take the last decision back, if there is one."""
        status = self._session.status
        offer = status.guards.undo if status else None
        if offer is not None:
            self._send(Undo(command=0, entry=offer.entry))

    async def lacks(self, command: Decide, error: ErrorCode) -> bool:
        """Ask for what a decision lacks; False where asking helps nothing."""
        without_pin = replace(command, second=None)
        if error is ErrorCode.NOTE_NEEDED:
            await self._show(NoteScreen(self._session, without_pin))
            return True
        purpose = _ASKED_FOR.get(error)
        if purpose is None or (command.second is not None and purpose is not PinFor.LOGIN):
            return False  # somebody else is needed: the screen stands already
        await self._show(PinScreen(self._session, purpose, without_pin))
        return True

    async def logged_in(self, screen: Screen[object]) -> None:
        """Somebody is on duty: what waited for that goes on."""
        if isinstance(screen, PinScreen) and screen.purpose is PinFor.LOGIN:
            if screen.waiting is not None:
                self._send(screen.waiting)
            else:
                await self._show(None)

    async def badge(self, screen: Screen[object], result: BadgeResult) -> None:
        """A badge was held before the lens."""
        if result in (BadgeResult.STARTED, BadgeResult.SAME):
            await self.logged_in(screen)
