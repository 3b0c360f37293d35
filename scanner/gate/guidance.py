"""Hints for the screen: told when they change, recorded nowhere."""

from scanner.domain.hints import Hint
from scanner.gate.messages import HintShown
from scanner.vision.frames import Frame
from scanner.vision.hints import HintWatch


class Guidance:
    """What the kiosks were last advised."""

    def __init__(self) -> None:
        self._watch = HintWatch()
        self._told: Hint | None = None

    def events(self, unread: Frame | None) -> list[HintShown]:
        """The news after one more frame.

        Args:
            unread: a frame in which nothing was read while somebody watches the viewfinder; None
                for any other frame: whoever was read, or has a verdict, needs no hint.
        """
        if unread is None:
            self._watch.rest()
            hint = None
        else:
            hint = self._watch.look(unread)
        if hint is self._told:
            return []
        self._told = hint
        return [HintShown(hint=hint)]
