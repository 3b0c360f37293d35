"""An app that hears fingers only: whatever types like a barcode scanner reaches no screen."""

from functools import partial

from textual import events
from textual.app import App

from scanner.kiosk.bursts import SAME_BURST_S, Typing


class FingersOnlyApp(App[None]):
    """Every key waits `SAME_BURST_S` before bindings, screens or fields see it.

    One filter at the entrance covers every screen that will ever be added.
    """

    def __init__(self) -> None:
        super().__init__()
        self._typing = Typing()
        self._waiting_key: events.Key | None = None

    async def on_event(self, event: events.Event) -> None:
        """Hold keys back; everything else goes on as usual."""
        if not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
            return
        before = self._waiting_key
        self._typing, counts = self._typing.key(event.time)
        self._waiting_key = event if self._typing.waiting else None
        self.set_timer(SAME_BURST_S, partial(self._keyboard_quiet, event))
        if counts and before is not None:
            await super().on_event(before)

    async def _keyboard_quiet(self, key: events.Key) -> None:
        """The timer queues behind every key that was pressed in the meantime."""
        if key is not self._waiting_key:
            return
        self._waiting_key = None
        self._typing = self._typing.quiet()
        await super().on_event(key)
