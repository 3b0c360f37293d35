"""Delivers the frames of a recording at the speed at which they were recorded."""

import threading
import time


class Pacer:
    """Lets one frame through every `1 / fps` seconds; closing it wakes who waits.

    A reader that falls behind is not made to wait for the frames it has missed, and the beat
    starts anew from there: a recording is slowed down then, never played in a rush.
    """

    def __init__(self, fps: float | None) -> None:
        """None lets every frame through at once."""
        self._period_s = 1.0 / fps if fps else 0.0
        self._due_s = 0.0
        self._closed = threading.Event()

    @property
    def closed(self) -> bool:
        """True after `close`."""
        return self._closed.is_set()

    def wait(self) -> bool:
        """Wait until the next frame is due; False when closed."""
        pause_s = self._due_s - time.monotonic()
        if pause_s > 0:
            self._closed.wait(pause_s)
        self._due_s = max(self._due_s, time.monotonic()) + self._period_s
        return not self.closed

    def close(self) -> None:
        """Let nothing through any more."""
        self._closed.set()
