"""The kiosk: shows what the gate sends, sends what the guard wants, knows nothing else."""

import asyncio
import signal
import sys
import traceback
from datetime import tzinfo
from functools import partial
from pathlib import Path
from typing import ClassVar, Final

from rich.text import Text
from textual.binding import Binding, BindingType

from scanner.domain.direction import Direction
from scanner.domain.hints import Hint
from scanner.gate.guard_messages import BadgeShown, Login, Undo
from scanner.gate.messages import (
    Collecting,
    Command,
    CommandResult,
    ConfirmDocument,
    ConfirmIdentity,
    CountInside,
    Decide,
    Dismiss,
    EnterTemperature,
    Event,
    Hello,
    HintShown,
    Idle,
    StickTold,
    TrustChanged,
    Turn,
    VerdictShown,
)
from scanner.gate.status import Status
from scanner.kiosk import intents
from scanner.kiosk.connection import GateConnection, GateLost, GateSent
from scanner.kiosk.guarded_app import NOTE_S
from scanner.kiosk.news import NEWS_S, is_worth_telling
from scanner.kiosk.no_code import NoCodeApp, remembered
from scanner.kiosk.pictures import Font
from scanner.kiosk.screens.base import GateScreen
from scanner.kiosk.screens.decision import DecisionScreen
from scanner.kiosk.screens.idle import IdleScreen
from scanner.kiosk.screens.inside import InsideScreen
from scanner.kiosk.screens.no_gate import NoGateScreen
from scanner.kiosk.screens.verdict import VerdictScreen
from scanner.kiosk.session import Session
from scanner.kiosk.terminal import Display
from scanner.kiosk.words import speech

ANSWER_S: Final = 2.0
"""A command that is not answered by then has, as far as we know, not been carried out."""


class KioskApp(NoCodeApp):
    """The guard's screen.

    Args:
        socket: the gate's Unix socket.
        display: how pictures get onto this screen.
        font: for big glyphs, or None.
        language: the large language; None leaves it to the gate's settings.
        timezone: of the clock on the screen; None for the machine's own.
    """

    CSS_PATH = "kiosk.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        ("f1", "language", ""),
        Binding("ctrl+c", "quit", priority=True),
    ]

    def __init__(
        self,
        socket: Path,
        display: Display,
        font: Font | None,
        *,
        language: str | None = None,
        timezone: tzinfo | None = None,
    ) -> None:
        self._chosen = (language,) if language else ()
        super().__init__(Session(display, font, speech(self._chosen), timezone))
        self._connection = GateConnection(socket, self.post_message)
        self._idle = IdleScreen(self.session)
        self._verdict: VerdictShown | None = None
        self._last_command = 0

    async def on_mount(self) -> None:
        """Show the base screen and begin to connect; SIGTERM leaves as q does."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.exit)
        await self.push_screen(self._idle)
        self._connection.start()

    def on_unmount(self) -> None:
        """Let go of the gate."""
        self._connection.stop()

    async def on_gate_sent(self, message: GateSent) -> None:
        """An event of the gate."""
        await self._take(message.event)

    async def on_gate_lost(self, message: GateLost) -> None:
        """Nobody is admitted by a screen without a gate: say so over everything else."""
        top = self.screen
        if not (isinstance(top, NoGateScreen) and top.trouble is message.trouble):
            self._unanswered.clear()
            self.session.problem = ""
            await self.overlay(NoGateScreen(self.session, message.trouble))

    def on_preview_waiting(self) -> None:
        """A new picture; nothing is drawn while another screen covers the viewfinder."""
        preview = self._connection.take_preview()
        if preview is not None and self.screen is self._idle:
            self._idle.show_preview(preview)

    async def _take(self, event: Event) -> None:
        match event:
            case Hello():
                self.session.hello, self.session.hint = event, None
                self.forget_aside()
                self.session.speech = speech((*self._chosen, *event.languages))
                await self.overlay(None)
                await self._idle.recompose()
                self._idle.show_news()
            case Status():
                way = self._idle.way
                self.session.status = event
                if self._idle.way != way:
                    await self._idle.recompose()
                self._idle.show_news()
            case HintShown():
                self._advise(event.hint, self.session.collecting)
            case Collecting():
                self._advise(self.session.hint, event)
            case TrustChanged():
                if is_worth_telling(event):
                    self._show_news(event)
            case StickTold():
                self._show_news(event)
            case BadgeShown(result=result):
                await self.badge_shown(result)
            case VerdictShown():
                self.set_aside(event)
                self._verdict = event
                self._advise(None, None)
                self.session.problem = ""
                await self.overlay(VerdictScreen(self.session, event))
            case Idle():
                self._verdict = None
                self._advise(self.session.hint, None)
                await self.uncover_idle()
            case CommandResult():
                await self._answered(event)

    async def action_language(self) -> None:
        """Swap the languages on every screen."""
        self.session.speech = self.session.speech.switched()
        for screen in self.screen_stack:
            if isinstance(screen, GateScreen):
                await screen.recompose()
        self._idle.show_news()

    async def on_change_language(self) -> None:
        """The button does what the key does."""
        await self.action_language()

    async def on_open_decision(self, message: intents.OpenDecision) -> None:
        """Ask the guard for the reason; the list stays when the gate goes back to idle."""
        top = self.screen
        visit = top.visit if isinstance(top, DecisionScreen) else self.visit_on_screen
        self.session.problem = ""
        await self.overlay(DecisionScreen(self.session, admit=message.admit, visit=visit))

    async def on_back(self) -> None:
        """Back to the verdict that is being decided, if it still stands."""
        self.session.problem = ""
        await self.uncover(None)

    def on_give_temperature(self, message: intents.GiveTemperature) -> None:
        """A reading for the person on the screen."""
        if (visit := self.visit_on_screen) is not None:
            number = self.next_command()
            self.send(EnterTemperature(command=number, visit=visit, celsius=message.celsius))

    def on_same_person(self) -> None:
        """The person on the screen is the one whom the code names."""
        if (visit := self.visit_on_screen) is not None:
            self.send(ConfirmIdentity(command=self.next_command(), visit=visit))

    def on_saw_document(self) -> None:
        """The person on the screen has the document that the rules want."""
        if (visit := self.visit_on_screen) is not None:
            self.send(ConfirmDocument(command=self.next_command(), visit=visit))

    def on_turn_gate(self) -> None:
        """People go the other way; the gate's next status says so."""
        way = self._idle.way
        if way is not None:
            other = Direction.OUT if way[0] is Direction.IN else Direction.IN
            self.send(Turn(command=self.next_command(), direction=other))

    async def on_open_inside(self) -> None:
        """The guard has counted the people inside."""
        self.session.problem = ""
        await self.overlay(InsideScreen(self.session))

    def on_give_inside(self, message: intents.GiveInside) -> None:
        """So many are inside; the screen goes when it is recorded."""
        self.send(CountInside(command=self.next_command(), number=message.number))

    def on_close_verdict(self) -> None:
        """The gate closes the visit and answers with `Idle` or with the next open question."""
        if self._verdict is not None:
            self.send(Dismiss(command=self.next_command(), visit=self._verdict.visit))

    @property
    def visit_on_screen(self) -> int | None:
        """The recorded visit on the screen."""
        verdict = self._verdict
        return verdict.visit if verdict is not None and verdict.recorded else None

    async def uncover(self, screen: GateScreen | None) -> None:
        """This screen, or the verdict that still stands, or the idle screen."""
        if screen is None and self._verdict is not None:
            screen = VerdictScreen(self.session, self._verdict)
        await self.overlay(screen)

    def next_command(self) -> int:
        """A number that no command of this kiosk has had."""
        self._last_command += 1
        return self._last_command

    def send(self, command: Command) -> None:
        """Send a command that carries its number, and wait for its result."""
        if self._connection.send(command):
            self._unanswered[command.command] = remembered(command)
            self.set_timer(ANSWER_S, partial(self._answer_due, command.command))
            self.problem("")
        else:
            self.problem("error.no_answer")

    def _advise(self, hint: Hint | None, collecting: Collecting | None) -> None:
        if (hint, collecting) != (self.session.hint, self.session.collecting):
            self.session.hint, self.session.collecting = hint, collecting
            self._idle.show_advice()

    async def _answered(self, result: CommandResult) -> None:
        command = self._unanswered.pop(result.command, None)
        if result.error is not None:
            self.problem(f"error.{result.error.value}")
            if isinstance(command, Decide):
                await self.guards.lacks(command, result.error)
        elif isinstance(command, Login):
            await self.guards.logged_in(self.screen)
        elif isinstance(command, Undo):
            self.note("done.undone")
        elif isinstance(command, Decide) and command.visit is None:
            await self.overlay(None)
            self.note("done.admitted" if command.admit else "done.refused")
        elif isinstance(command, CountInside) and isinstance(self.screen, InsideScreen):
            await self.on_back()

    def _answer_due(self, command: int) -> None:
        if self._unanswered.pop(command, None) is not None:
            self.problem("error.no_answer")

    def problem(self, key: str) -> None:
        """Say what went wrong, until something else is said; an empty key takes it away."""
        self.session.note, self.session.problem = "", key
        if isinstance(self.screen, GateScreen):
            self.screen.show_notes()

    def note(self, key: str) -> None:
        """Say that a decision about a person without a code is on disk, for a few seconds."""
        self.session.note, self.session.problem = key, ""
        self._idle.show_notes()
        self.set_timer(NOTE_S, self._note_over)

    def _show_news(self, event: TrustChanged | StickTold) -> None:
        """On the idle screen, below any verdict: a person before the gate comes first."""
        self.session.news = event
        self._idle.show_keys_news()
        self.set_timer(NEWS_S, partial(self._news_over, event))

    def _news_over(self, event: TrustChanged | StickTold) -> None:
        if self.session.news is event:
            self.session.news = None
            self._idle.show_keys_news()

    def _note_over(self) -> None:
        self.session.note = ""
        self._idle.show_notes()

    async def overlay(self, screen: GateScreen | None) -> None:
        """Put one screen over the idle screen in place of any other; None uncovers it."""
        covered = self.screen is not self._idle
        if screen is None:
            if covered:
                await self.pop_screen()
        elif covered:
            await self.switch_screen(screen)
        else:
            await self.push_screen(screen)

    def _fatal_error(self) -> None:
        """Say where it happened and nothing else.

        Textual would print the values of all locals, a holder's name among them.
        """
        kind, _, trace = sys.exc_info()
        frames = traceback.extract_tb(trace)
        where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
        self.panic(Text(f"checkpoint kiosk: {kind.__name__ if kind else 'error'} at {where}"))
