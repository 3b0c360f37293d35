"""From the bytes of a barcode scanner to texts. Pure: time is an argument."""

import re
import unicodedata
from typing import Final

from scanner.peripherals.texts import ScannedText

MAX_BYTES: Final = 4096
"""As many as the longest text that the pass formats look at."""
GAP_S: Final = 0.25
"""Silence that ends a text without a terminator: a code comes in one go, a byte each 1 to 16 ms."""

_TERMINATORS: Final = re.compile(rb"[\r\n\t]")
_SYMBOLOGY: Final = re.compile(r"\][A-Za-z][0-9A-Za-z]")
"""ISO/IEC 15424: `]Q1` and the like, which many scanners can send ahead of the text."""


class TextAssembler:
    """Puts the pieces together that one scanner sends.

    A text ends with CR, LF, CR LF or TAB, or with `GAP_S` of silence. More than `MAX_BYTES`
    without an end is no code: it is dropped up to its end, and counted.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self._pending = bytearray()
        self._is_dropping = False
        self._last_s = 0.0

    def feed(self, chunk: bytes, at_s: float) -> list[ScannedText]:
        """Take in bytes of any number.

        Args:
            chunk: as read; may hold part of a text, or several, or a sign of life only.
            at_s: monotonic seconds when it was read.

        Returns:
            The texts that this chunk completes.
        """
        self._last_s = at_s
        *ended, rest = _TERMINATORS.split(chunk)
        texts = []
        for piece in ended:
            self._take(piece)
            texts += self._end()
        self._take(rest)
        return texts

    def idle(self, now_s: float) -> list[ScannedText]:
        """Nothing is waiting to be read: a text whose last byte is `GAP_S` old is complete.

        Only an empty read says so. The time between two reads alone would not: a busy machine
        reads late what arrived in time.
        """
        return self._end() if self.is_quiet(now_s) else []

    def is_quiet(self, now_s: float) -> bool:
        """The last byte is `GAP_S` old."""
        return now_s - self._last_s >= GAP_S

    def lose(self) -> None:
        """Some characters never arrived: what belongs to them is dropped up to its end."""
        self._drop()

    def _take(self, piece: bytes) -> None:
        if self._is_dropping:
            return
        self._pending += piece
        if len(self._pending) > MAX_BYTES:
            self._drop()

    def _drop(self) -> None:
        if not self._is_dropping:
            self.dropped += 1
        self._is_dropping = True
        self._pending.clear()

    def _end(self) -> list[ScannedText]:
        text = _clean(bytes(self._pending))
        self._pending.clear()
        self._is_dropping = False
        return [ScannedText(text, self._last_s)] if text else []


def _clean(sent: bytes) -> str:
    """The text that the code held, without what the scanner put around it."""
    try:
        text = sent.decode("utf-8")
    except UnicodeDecodeError:
        text = sent.decode("latin-1")
    text = "".join(char for char in text if unicodedata.category(char) != "Cc")
    prefix = _SYMBOLOGY.match(text)
    return text[prefix.end() :] if prefix else text
