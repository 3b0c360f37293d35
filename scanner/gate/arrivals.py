"""The pipeline's front half: which of the texts that are read is news, when a pass is whole.

Cameras read the same code thirty times a second and barcode scanners repeat themselves; posters
come back into view, and some passes are spread over several codes. What passes here is decided
once.
"""

from collections.abc import Sequence
from typing import Final

from scanner.formats.guard_badge import is_badge
from scanner.formats.parts import Collection, collect
from scanner.formats.registry import part_of, recognises
from scanner.gate.background import Background
from scanner.gate.presence import Presence
from scanner.vision.choice import choose
from scanner.vision.frames import QrText

SCANNER_REPEAT_S: Final = 2.0
FRAME_GAP_S: Final = 0.3
"""The longest pause between two frames in which a code may have come or gone unseen."""

BLIND_S: Final = 5.0
"""After a longer pause whatever is in view is there anew."""


def held_up(codes: Sequence[QrText], frame_size: tuple[int, int]) -> QrText | None:
    """The code that is meant: one that some format recognises before any other, then by place.

    Args:
        codes: everything that was read from one frame.
        frame_size: width and height in pixels.
    """
    passes = [code for code in codes if _is_meant(code.text)]
    return choose(passes or codes, frame_size)


def _is_meant(text: str) -> bool:
    """Whether somebody holds this up on purpose: a pass of some format, or a guard's badge."""
    return recognises(text) or is_badge(text)


class Arrivals:
    """What is in view now, what belongs to the place, and what is still being collected."""

    def __init__(self) -> None:
        self._presence = Presence()
        self._background = Background()
        self._parts: Collection | None = None
        self._looked_s: float | None = None

    @property
    def collection(self) -> Collection | None:
        """The pass in several codes that is not whole yet."""
        return self._parts

    def from_frame(
        self, codes: Sequence[QrText], frame_size: tuple[int, int], now_s: float
    ) -> str | None:
        """The text that one frame brings, or None when nothing in it is news.

        Args:
            codes: everything that was read from the frame.
            frame_size: width and height in pixels.
            now_s: monotonic seconds.
        """
        self._look(now_s)
        for code in codes:  # what is in view stays present, whichever code is meant
            self._presence.is_text_present(code.text, now_s)
        chosen = held_up(codes, frame_size)
        if chosen is None or self._presence.is_text_present(chosen.text, now_s):
            return None
        if not _is_meant(chosen.text) and self._background.has(
            chosen.text, chosen.corners, frame_size[0], now_s
        ):
            self._presence.arrives(chosen.text, None, now_s)
            return None
        return chosen.text

    def from_scanner(self, text: str, now_s: float) -> str | None:
        """The same for what a barcode scanner read; its repeats are no news either."""
        self._presence.forget_absent(now_s)
        return None if self._presence.is_text_present(text, now_s) else text

    def hold(self, text: str, received_s: float) -> None:
        """Many scanners send a code again while it stays before them: it counts as held."""
        self._presence.hold(text, received_s + SCANNER_REPEAT_S)

    def whole(self, text: str, now_s: float) -> str | None:
        """The whole text of the pass that `text` is or completes; None while parts are missing."""
        part = part_of(text)
        if part is None:
            return text
        self._presence.arrives(text, None, now_s)
        collection = collect(self._parts, part, now_s)
        self._parts = None if collection.text else collection
        return collection.text

    def is_new(self, text: str, identity: bytes | None, now_s: float) -> bool:
        """False when the same pass is in view already under another text; notes it in any case."""
        return self._presence.arrives(text, identity, now_s)

    def _look(self, now_s: float) -> None:
        """Count only time in which frames came: a camera that stalls sees nobody leave."""
        pause_s = 0.0 if self._looked_s is None else now_s - self._looked_s
        self._looked_s = now_s
        if FRAME_GAP_S < pause_s <= BLIND_S:
            self._presence.was_blind(pause_s - FRAME_GAP_S)
        self._presence.forget_absent(now_s)

    def forgets_parts(self, now_s: float) -> bool:
        """True once, when a collection was given up because nobody showed the rest."""
        if self._parts is None or not self._parts.is_forgotten(now_s):
            return False
        self._parts = None
        return True
