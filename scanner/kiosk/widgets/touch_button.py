"""A large button for fingers: two languages, no focus, no keyboard."""

import time
from collections.abc import Callable
from typing import Final

from textual import events
from textual.widgets import Static

from scanner.kiosk.intents import Intent

SETTLE_S: Final = 0.3
"""A tap that was meant for the screen before must not press what has just appeared under it."""


class TouchButton(Static):
    """Posts one intent for each tap.

    It never takes the focus, so that Enter, typed by a guard or by a barcode scanner, presses
    nothing.

    Args:
        large: the label.
        small: the label in the second language, below it; may be empty.
        intent: makes the message that a tap posts.
        kind: CSS class: `admit`, `refuse`, `plain`.
    """

    can_focus = False

    def __init__(
        self,
        large: str,
        small: str,
        intent: Callable[[], Intent],
        *,
        kind: str = "plain",
        widget_id: str | None = None,
    ) -> None:
        label = f"{large}\n{small}" if small else large
        super().__init__(label, id=widget_id, classes=f"touch {kind}", markup=False)
        self._intent = intent
        self._usable_from_s = float("inf")

    def on_mount(self) -> None:
        """Begin to settle."""
        self._usable_from_s = time.monotonic() + SETTLE_S

    def on_click(self, event: events.Click) -> None:
        """A tap."""
        event.stop()
        if time.monotonic() >= self._usable_from_s:
            self.post_message(self._intent())
