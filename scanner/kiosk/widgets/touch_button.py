"""A large button for fingers: two languages, no focus, no keyboard."""

import time
from collections.abc import Callable
from typing import Final

from textual import events
from textual.app import ComposeResult
from textual.containers import Container

from scanner.kiosk.intents import Intent
from scanner.kiosk.palette import BUTTONS, ButtonKind
from scanner.kiosk.session import Session
from scanner.kiosk.widgets.big_text import BigText

SETTLE_S: Final = 0.3
"""A tap that was meant for the screen before must not press what has just appeared under it."""


class TouchButton(Container):
    """Posts one intent for each tap.

    It never takes the focus, so that Enter, typed by a guard or by a barcode scanner, presses
    nothing.

    Args:
        session: for display and font.
        label: one line for each language.
        intent: makes the message that a tap posts.
        kind: what the button does, in colour.
    """

    can_focus = False

    def __init__(
        self,
        session: Session,
        *label: str,
        intent: Callable[[], Intent],
        kind: ButtonKind = ButtonKind.PLAIN,
        widget_id: str | None = None,
    ) -> None:
        super().__init__(id=widget_id, classes="touch")
        self._session = session
        self._label = label
        self._intent = intent
        self._scheme = BUTTONS[kind]
        self._usable_from_s = float("inf")
        self.styles.background = self._scheme.css_ground

    def compose(self) -> ComposeResult:
        """The label."""
        yield BigText(self._session, *self._label, scheme=self._scheme, centred=True)

    def on_mount(self) -> None:
        """Begin to settle."""
        self._usable_from_s = time.monotonic() + SETTLE_S

    def show(self, *label: str) -> bool:
        """Say something else, or nothing at all, which takes the button away.

        A button that comes back settles like a new one.

        Returns:
            True when the button came or went, so that its neighbours have other places now.
        """
        is_news = bool(label) is not self.display
        if label and is_news:
            self._usable_from_s = time.monotonic() + SETTLE_S
        self.display = bool(label)
        if label and label != self._label:
            self._label = label
            for text in self.query(BigText):
                text.update(*label)
        return is_news

    def on_click(self, event: events.Click) -> None:
        """A tap."""
        event.stop()
        if time.monotonic() >= self._usable_from_s:
            self.post_message(self._intent())
