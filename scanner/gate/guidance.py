"""Hints for the screen: told when they change, recorded nowhere."""

from scanner.domain.hints import Hint
from scanner.gate.messages import HintShown
from scanner.vision.hints import HintWatch
from scanner.vision.measures import Measures


class Guidance:
    """What the kiosks were last advised."""

    def __init__(self) -> None:
        self._watch = HintWatch()
        self._told: Hint | None = None

    def events(self, measures: Measures | None, at_s: float, *, is_wanted: bool) -> list[HintShown]:
        """The news after one more frame.

        Args:
            measures: of a frame in which nothing was read; None when no look was due.
            at_s: monotonic seconds of the frame's capture.
            is_wanted: somebody watches the viewfinder; whoever was read, or has a verdict, needs no
                hint.
        """
        hint = None
        if is_wanted:
            hint = self._watch.take(measures, at_s)
        else:
            self._watch.rest()
        if hint is self._told:
            return []
        self._told = hint
        return [HintShown(hint=hint)]
