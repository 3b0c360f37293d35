"""Waiting for a code: viewfinder, prompt, counts, status, privacy notice."""

from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from scanner.gate.messages import Preview
from scanner.kiosk.intents import ChangeLanguage, OpenDecision
from scanner.kiosk.palette import NIGHT, PLAIN
from scanner.kiosk.screens.base import GateScreen
from scanner.kiosk.widgets.big_text import BigText
from scanner.kiosk.widgets.key_hints import KeyHints
from scanner.kiosk.widgets.status_line import StatusLine
from scanner.kiosk.widgets.touch_button import TouchButton
from scanner.kiosk.widgets.viewfinder import Viewfinder

_KEYS = ("key.language", "key.manual", "key.quit")
_COUNTS = ("admitted", "checked", "refused")


class IdleScreen(GateScreen):
    """The base screen; everything else comes on top of it and goes again."""

    BINDINGS: ClassVar[list[BindingType]] = [("f2", "manual", ""), ("q", "app.quit", "")]

    def compose(self) -> ComposeResult:
        """Header, picture and figures side by side, notice, buttons, keys."""
        session = self.session
        large, small = session.speech.large, session.speech.small
        with Horizontal(id="header"):
            yield Static("", id="site", markup=False)
            yield Static("", id="clock", markup=False)
        with Horizontal(id="body"):
            yield Viewfinder(session.display, f" {session.speech.both('idle.aim')}")
            with Vertical(id="side"):
                yield BigText(session, large("idle.prompt"), PLAIN, widget_id="prompt")
                yield Static(small("idle.prompt"), id="prompt-small", markup=False)
                with Horizontal(id="counts"):
                    for name in _COUNTS:
                        yield Static("", id=f"count-{name}", classes="count", markup=False)
                yield StatusLine(session)
        yield Static("", id="privacy", markup=False)
        with Horizontal(classes="buttons"):
            label = (large("button.manual"), small("button.manual"))
            yield TouchButton(*label, partial(OpenDecision, admit=True), widget_id="manual")
            yield TouchButton(large("button.language"), "", ChangeLanguage, widget_id="language")
        yield KeyHints(session, _KEYS, NIGHT)

    def on_mount(self) -> None:
        """Show what is known already."""
        self.show_news()

    def show_preview(self, preview: Preview) -> None:
        """A new picture for the viewfinder."""
        for viewfinder in self.query(Viewfinder):
            viewfinder.show(preview)

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

    def action_manual(self) -> None:
        """A person without a code."""
        self.post_message(OpenDecision(admit=True))

    def _say(self, widget: str, text: str) -> None:
        for static in self.query(f"#{widget}").results(Static):
            static.update(text)
