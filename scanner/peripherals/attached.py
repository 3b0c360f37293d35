"""Keeps the gate's barcode scanners open, whatever happens to them, and their texts at hand."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Self

from scanner.domain.errors import ScannerError
from scanner.log import EventLog
from scanner.peripherals.texts import ScannedText, TextSource

MAX_WAITING: Final = 16
"""Texts that nobody has taken yet; a device that floods the gate displaces its own."""

_log = EventLog(__name__)


class AttachedScanner:
    """A thread that reads one scanner and opens it again after each failure.

    A scanner that was unplugged thus comes back by itself. The pause between two attempts doubles
    up to `longest_pause_s`.
    """

    def __init__(
        self,
        open_source: Callable[[], TextSource],
        *,
        first_pause_s: float = 0.5,
        longest_pause_s: float = 5.0,
    ) -> None:
        self._open_source = open_source
        self._first_pause_s = first_pause_s
        self._longest_pause_s = longest_pause_s
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._texts: deque[ScannedText] = deque(maxlen=MAX_WAITING)
        self._failure: ScannerError | None = None
        self._is_open = False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def start(self) -> None:
        """Open the scanner and read it; without effect while that goes on."""
        if self._thread is None:
            self._stopping.clear()
            self._thread = threading.Thread(target=self._run, name="scanner", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Give the device back; returns within the time of one read."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._stopping.set()
            thread.join()

    def take(self) -> list[ScannedText]:
        """What was scanned since the last call, oldest first."""
        texts = []
        while self._texts:
            texts.append(self._texts.popleft())
        return texts

    @property
    def is_open(self) -> bool:
        """The device is there and being read."""
        return self._is_open

    @property
    def failure(self) -> ScannerError | None:
        """Why the device is not there; gone once it was opened again."""
        return self._failure

    def _run(self) -> None:
        pause_s = self._first_pause_s
        while not self._stopping.is_set():
            try:
                self._play()
            except ScannerError as error:
                failure = error
            except Exception as error:  # noqa: BLE001 - this loop must survive its device
                failure = ScannerError(f"A scanner failed with {type(error).__name__}.")
            else:
                return
            if self._is_open:
                pause_s = self._first_pause_s
            self._fail(failure)
            self._stopping.wait(pause_s)
            pause_s = min(2 * pause_s, self._longest_pause_s)

    def _play(self) -> None:
        """Read the scanner until it fails or `stop` is called."""
        with self._open_source() as source:
            _log.info("scanner_ready", device=source.name)
            self._is_open, self._failure = True, None
            dropped = 0
            while not self._stopping.is_set():
                self._texts.extend(source.read())
                if source.dropped > dropped:
                    dropped = source.dropped
                    _log.warning("scanner_input_dropped", device=source.name, so_far=dropped)
        self._is_open = False

    def _fail(self, failure: ScannerError) -> None:
        if self._is_open or self._failure is None:
            _log.warning("scanner_lost", found=failure.found)
        self._is_open, self._failure = False, failure


def taken(scanners: Sequence[AttachedScanner]) -> list[ScannedText]:
    """What was scanned on any of them, oldest first."""
    texts = [text for scanner in scanners for text in scanner.take()]
    return sorted(texts, key=lambda text: text.received_s)
