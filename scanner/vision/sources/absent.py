"""The camera of a gate that has none, only a barcode scanner."""

import threading
from typing import Final

from scanner.vision.frames import Frame, FrameSource

NO_CAMERA: Final = "none"


class AbsentCamera(FrameSource):
    """Never delivers a frame, and costs nothing."""

    def __init__(self) -> None:
        self._closed = threading.Event()

    @property
    def name(self) -> str:
        """What the settings call it."""
        return NO_CAMERA

    def read(self) -> Frame | None:
        """Wait until `close` is called."""
        self._closed.wait()
        return None

    def close(self) -> None:
        """End the waiting."""
        self._closed.set()
