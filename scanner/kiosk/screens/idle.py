"""Waiting for a code: viewfinder, prompt or hint, counts, status, privacy notice."""

import math
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from scanner.domain.direction import Direction
from scanner.gate.messages import Preview
from scanner.gate.status import GuardStatus
from scanner.kiosk.intents import (
    ChangeDuty,
    ChangeLanguage,
    OpenInside,
    OpenWalkIn,
    TurnGate,
    UndoDecision,
)
from scanner.kiosk.palette import HINT, PLAIN, ButtonKind, Scheme
from scanner.kiosk.screens.base import GateScreen
from scanner.kiosk.session import Session
from scanner.kiosk.widgets.big_text import BigText
from scanner.kiosk.widgets.key_hints import KeyHints
from scanner.kiosk.widgets.news_bar import NewsBar
from scanner.kiosk.widgets.status_line import WAY_SIGNS, StatusLine
from scanner.kiosk.widgets.touch_button import TouchButton
from scanner.kiosk.widgets.viewfinder import Viewfinder

_KEYS = ("key.language", "key.manual", "key.quit")
_CAPTIONS = ("aim", "no_picture")
_WAY_KINDS = {Direction.IN: ButtonKind.ADMIT, Direction.OUT: ButtonKind.PLAIN}
_COUNTS = ("admitted", "checked", "refused")


class IdleScreen(GateScreen):
    """The base screen; everything else comes on top of it and goes again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("f2", "manual", ""),
        ("f3", "turn", ""),
        ("f4", "inside", ""),
        ("f6", "duty", ""),
        ("f7", "undo", ""),
        ("q", "app.quit", ""),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._preview: Preview | None = None

    def compose(self) -> ComposeResult:
        """Header, picture and figures side by side, notice, buttons, keys."""
        session = self.session
        large, small = session.speech.large, session.speech.small
        with Horizontal(id="header"):
            yield Static("", id="site", markup=False)
            yield Static("", id="clock", markup=False)
        yield NewsBar(session)
        with Horizontal(id="body"):
            aim, empty = (f" {session.speech.both(f'idle.{key}')}" for key in _CAPTIONS)
            yield Viewfinder(session.display, aim, empty)
            with Vertical(id="side"):
                lines, scheme = self._prompt()
                yield BigText(session, *lines, scheme=scheme, widget_id="prompt")
                with Horizontal(id="counts"):
                    for name in _COUNTS:
                        yield Static("", id=f"count-{name}", classes="count", markup=False)
                yield StatusLine(session)
        yield Static("", id="privacy", markup=False)
        with Horizontal(classes="buttons"):
            yield TouchButton(
                session,
                large("button.manual"),
                small("button.manual"),
                intent=OpenWalkIn,
                widget_id="manual",
            )
            yield from self._passing_buttons()
            yield TouchButton(session, intent=UndoDecision, widget_id="undo")
            yield TouchButton(session, intent=ChangeDuty, widget_id="duty")
            yield TouchButton(
                session,
                large("button.other_language"),
                large("button.language"),
                intent=ChangeLanguage,
                widget_id="language",
            )
        yield KeyHints(session, _KEYS, PLAIN)

    def on_mount(self) -> None:
        """Show what is known already."""
        self.show_news()

    def show_advice(self) -> None:
        """Say what to do instead of what is wanted: it stands where the eyes already are."""
        lines, scheme = self._prompt()
        for prompt in self.query("#prompt").results(BigText):
            prompt.update(*lines, scheme=scheme)

    def show_keys_news(self) -> None:
        """Say what became of the keys, or take it away."""
        for bar in self.query(NewsBar):
            bar.show()

    def show_preview(self, preview: Preview) -> None:
        """A new picture for the viewfinder."""
        self._preview = preview
        for viewfinder in self.query(Viewfinder):
            viewfinder.show(preview)

    async def recompose(self) -> None:
        """Build the screen anew, after a change of language, with what was on it."""
        await super().recompose()
        self.show_news()
        if self._preview is not None:
            self.show_preview(self._preview)

    @property
    def way(self) -> tuple[Direction, bool] | None:
        """Which way people go, and whether the guard says it; None where the gate does not know."""
        status = self.session.status
        passing = status.passing if status else None
        return None if passing is None else (passing.direction, passing.can_turn)

    def show_news(self) -> None:
        """Show the session's newest greeting and status."""
        words, status, hello = self.session.speech.large, self.session.status, self.session.hello
        if hello is not None:
            self._say("site", f" {hello.site} · {hello.gate}")
            both = (self.session.speech.large, self.session.speech.small)
            notice = "\n".join(
                language("idle.privacy", days=hello.retention_days) for language in both
            )
            self._say("privacy", notice)
        if status is not None:
            self._say("clock", f"{self.session.clock(status.at)} ")
            today = (status.admitted, status.checked, status.refused)
            for name, count in zip(_COUNTS, today, strict=True):
                self._say(f"count-{name}", f"{words(f'idle.{name}')}\n{count}")
        for line in self.query(StatusLine):
            line.show()
        self._show_guards()

    def action_turn(self) -> None:
        """People go the other way, where the guard says which."""
        if self.way is not None and self.way[1]:
            self.post_message(TurnGate())

    def action_inside(self) -> None:
        """The guard has counted the people inside."""
        if self.way is not None:
            self.post_message(OpenInside())

    def _passing_buttons(self) -> ComposeResult:
        """Which way people go now, to be turned; and the number inside, to be set right."""
        if self.way is None:
            return
        large, small = self.session.speech.large, self.session.speech.small
        direction, can_turn = self.way
        if can_turn:
            key = f"button.way_{direction.value}"
            yield TouchButton(
                self.session,
                f"{WAY_SIGNS[direction]} {large(key)}",
                small(key),
                intent=TurnGate,
                kind=_WAY_KINDS[direction],
                widget_id="way",
            )
        yield TouchButton(
            self.session,
            large("button.inside"),
            small("button.inside"),
            intent=OpenInside,
            widget_id="inside",
        )

    def action_manual(self) -> None:
        """A person without a code."""
        self.post_message(OpenWalkIn())

    def action_duty(self) -> None:
        """Come on duty, or leave."""
        if self._guards.is_login_needed:
            self.post_message(ChangeDuty())

    def action_undo(self) -> None:
        """Take the last decision back."""
        if self._guards.undo is not None:
            self.post_message(UndoDecision())

    @property
    def _guards(self) -> GuardStatus:
        status = self.session.status
        return status.guards if status else GuardStatus()

    def _show_guards(self) -> None:
        """The buttons for duty and undo, as long as there is something to do with them."""
        guards, speech = self._guards, self.session.speech
        undo = guards.undo
        seconds = math.ceil(undo.seconds) if undo else 0
        key = "button.duty_end" if guards.guard else "button.duty_start"
        both = (speech.large, speech.small)
        is_news = False
        for button in self.query("#undo").results(TouchButton):
            label = [words("button.undo_in", seconds=seconds) for words in both if undo]
            is_news |= button.show(*label)
        for button in self.query("#duty").results(TouchButton):
            is_news |= button.show(*(words(key) for words in both if guards.is_login_needed))
        if is_news:  # pixels that stood where a gap is now are nobody's to paint over
            self.call_after_refresh(self.refresh)

    def _prompt(self) -> tuple[tuple[str, str], Scheme]:
        """The headline in both languages: the hint, the progress, or the request for a code."""
        speech, hint, parts = self.session.speech, self.session.hint, self.session.collecting
        if hint is None and parts is not None:
            large, small = (
                words("idle.collecting", have=parts.have, total=parts.total)
                for words in (speech.large, speech.small)
            )
            return (large, small), HINT
        key = "idle.prompt" if hint is None else f"hint.{hint.value}"
        return (speech.large(key), speech.small(key)), PLAIN if hint is None else HINT

    def _say(self, widget: str, text: str) -> None:
        for static in self.query(f"#{widget}").results(Static):
            static.update(text)
