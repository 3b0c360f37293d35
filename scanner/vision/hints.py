"""Advice to the person whose code is not read: one hint at a time, calm, gone once it is read.

The thresholds come from rendered frames; `python -m tests.bench hints` prints the measures on both
sides of each one (docs/hints.md).
"""

from dataclasses import dataclass, field, replace
from typing import Final

from scanner.domain.hints import Hint
from scanner.vision.frames import Box
from scanner.vision.measures import Measures, Patch

LASTING_S: Final = 0.7
"""A cause must last so long before anybody is told: a card takes 0.3 s to arrive."""
LAPSE_S: Final = 0.35
"""A cause that is not seen for so long has ended; shorter gaps are flutter."""
LEAST_SHOWN_S: Final = 1.0
PATIENCE_S: Final = 20.0
"""Nobody stands there for so long without a change: it is a grille, or a picture on the wall."""
DARK: Final = 40
"""Grey level: where nothing is lighter, codes on paper get lost in the sensor's noise."""
DIM_SCREEN: Final = 60
DIM_BESIDE: Final = 0.6
"""A screen is dim when it is darker than that and has less than this share of the frame's light."""
FAST_PX_S: Final = 150
"""A calm hand has up to 60; 200 smear two modules in 20 ms of exposure, 400 are never read."""
FILLS: Final = 0.85
"""Of the frame's shorter side: what is so large has its corners outside."""
CUT: Final = 0.5
ROOMY_PX_PER_MODULE: Final = 5.0
"""A patch of that share that reaches the frame's edge has room to go farther with such modules."""
MOST_PX_PER_MODULE: Final = 10.0
"""Larger modules read no better."""
LEAST_PX_PER_MODULE: Final = 2.5
"""Smaller ones are lost to a little blur (docs/vision-bench.md)."""
NEAR: Final = 0.65
"""A soft code of that share of the frame is closer than the lens can focus."""
SOFT: Final = 0.2
SHARP: Final = 0.3
"""Sharpness: codes whose edges are softer than `SOFT` are lost; clean ones in focus have 0.4."""
SMALL_PX: Final = 260
"""Side of a patch: in smaller ones the white screen around it is taken for glare."""
TINY_PX: Final = 144
"""Side of a patch in which a code of version 10 has two pixels a module: where there are fewer, the
estimate may take clumps of modules for one."""
LEAST_PX: Final = 104
"""What is smaller and was not located is as likely a face or a lamp."""
EVEN: Final = 0.75
GRAINY: Final = 0.05
"""Small patches with less evenness are text or the rim of a phone, with less grain a head."""
SATURATED: Final = 250
WASHED: Final = 0.08
"""Share of a code that is as light as the sensor goes, its dark modules too."""
DIRTY_AFTER_S: Final = 120.0
DIRTY_LOOKS: Final = 10
"""So many seconds with a still code in view, spread over so long, and never a sharp edge."""

_LOOK_S: Final = 1.0
_SAME_PLACE: Final = 0.6
_OF_THE_GATE: Final = (Hint.TOO_DARK, Hint.DIRTY_LENS)


@dataclass(frozen=True, slots=True)
class Lens:
    """What speaks for a dirty lens.

    Attributes:
        since_s: monotonic seconds of the first soft look since the last sharp one.
        looks: still, soft codes since then, at most one a second.
        last_s: of the newest of them.
    """

    since_s: float = 0.0
    looks: int = 0
    last_s: float = 0.0

    def is_dirty(self, now_s: float) -> bool:
        """True once nothing else explains it."""
        return self.looks >= DIRTY_LOOKS and now_s - self.since_s >= DIRTY_AFTER_S


@dataclass(frozen=True, slots=True)
class Advice:
    """What was advised so far, and why.

    Attributes:
        shown: the hint on the screen.
        shown_s: monotonic seconds since when.
        cause: what the newest looks called for.
        since_s, last_s: when it was seen first and last.
        lens: evidence on the lens, which outlives the persons before it.
        wall: where something was advised in vain for `PATIENCE_S`: no person stands there.
    """

    shown: Hint | None = None
    shown_s: float = 0.0
    cause: Hint | None = None
    since_s: float = 0.0
    last_s: float = 0.0
    lens: Lens = field(default_factory=Lens)
    wall: Box | None = None


def advise(advice: Advice, measures: Measures | None, now_s: float) -> tuple[Advice, Hint | None]:
    """Take in one look.

    What spoils all other measures is named first, so that following a hint brings the next one to
    light: without light nothing can be measured; a smeared code has no size and no sharpness; one
    that is cut off has no size; glare is told from a white screen only in a code that is large
    enough. The dirty lens comes last, because each of the others explains a soft picture, too.

    Args:
        advice: what came out of the look before.
        measures: of a frame in which nothing was read; None when something was: no hint.
        now_s: monotonic seconds.

    Returns:
        The new state, and the hint to show.
    """
    if measures is None:
        return Advice(wall=advice.wall), None
    if measures.patch is not None and _is_same_place(measures.patch.box, advice.wall):
        measures = replace(measures, patch=None)
    lens = _lens(advice.lens, measures, now_s)
    advice = _noted(replace(advice, lens=lens), _cause(measures, lens, now_s), now_s)
    if measures.patch is not None and _is_in_vain(advice, now_s):
        advice = replace(advice, wall=measures.patch.box, cause=None, since_s=now_s)
    due = advice.cause if now_s - advice.since_s >= LASTING_S else None
    may_change = advice.shown is None or now_s - advice.shown_s >= LEAST_SHOWN_S
    if due is not advice.shown and may_change:
        advice = replace(advice, shown=due, shown_s=now_s)
    return advice, advice.shown


def _is_in_vain(advice: Advice, now_s: float) -> bool:
    """Nobody follows it, and it is not about the gate itself, which may stay as it is for long."""
    is_about_a_code = advice.cause is not None and advice.cause not in _OF_THE_GATE
    return is_about_a_code and now_s - advice.since_s >= PATIENCE_S


def _is_same_place(box: Box, wall: Box | None) -> bool:
    """Most of both boxes is common to them."""
    if wall is None:
        return False
    width = min(box[2], wall[2]) - max(box[0], wall[0])
    height = min(box[3], wall[3]) - max(box[1], wall[1])
    largest = max(_area(box), _area(wall))
    return width > 0 and height > 0 and width * height >= _SAME_PLACE * largest


def _area(box: Box) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])


def _noted(advice: Advice, cause: Hint | None, now_s: float) -> Advice:
    """The cause goes on, flutters, or another one takes its place."""
    if cause is not None and cause is advice.cause:
        return replace(advice, last_s=now_s)
    if advice.cause is not None and now_s - advice.last_s < LAPSE_S:
        return advice
    return replace(advice, cause=cause, since_s=now_s, last_s=now_s)


def _cause(measures: Measures, lens: Lens, now_s: float) -> Hint | None:
    patch = measures.patch
    hint = None if patch is None else _of_patch(patch, measures)
    if hint is None and lens.is_dirty(now_s):
        hint = Hint.DIRTY_LENS
    return hint


def _of_patch(patch: Patch, measures: Measures) -> Hint | None:
    is_soft = measures.sharpness is not None and measures.sharpness <= SOFT
    if measures.light < DARK:
        return Hint.TOO_DARK
    if patch.light < min(DIM_SCREEN, DIM_BESIDE * measures.light):
        return Hint.BRIGHTER_SCREEN
    if patch.speed_px_s is not None and patch.speed_px_s > FAST_PX_S:
        return Hint.HOLD_STILL
    if _is_too_near(patch, measures.room_px, is_soft=is_soft):
        return Hint.FARTHER
    if patch.side_px > SMALL_PX and patch.light >= SATURATED and patch.washed >= WASHED:
        return Hint.GLARE
    return _of_modules(patch, is_soft=is_soft)


def _is_too_near(patch: Patch, room_px: int, *, is_soft: bool) -> bool:
    """It does not fit into the frame, or is nearer than the lens focuses."""
    share, pitch = patch.side_px / room_px, patch.px_per_module or 0.0
    if share >= (NEAR if is_soft else FILLS):
        return True
    return patch.is_cut and share >= CUT and pitch >= ROOMY_PX_PER_MODULE


def _of_modules(patch: Patch, *, is_soft: bool) -> Hint | None:
    """Too small ones, or needlessly large ones, of what surely is a code.

    That is what was located, or is as even and grainy as nothing else. In a soft picture modules
    run into one another and look large.
    """
    is_even = patch.evenness >= EVEN and patch.grain >= GRAINY
    is_code = patch.is_located or (is_even and patch.side_px >= LEAST_PX)
    if not is_code or patch.px_per_module is None:
        return None
    is_tiny = patch.side_px <= TINY_PX and not patch.is_located
    if is_tiny or patch.px_per_module < LEAST_PX_PER_MODULE:
        return Hint.CLOSER
    is_needless = patch.px_per_module >= MOST_PX_PER_MODULE and not is_soft
    return Hint.FARTHER if is_needless else None


def _lens(lens: Lens, measures: Measures, now_s: float) -> Lens:
    sharpness, patch = measures.sharpness, measures.patch
    if sharpness is None:
        return lens
    if sharpness >= SHARP:
        return Lens()
    is_still = patch is not None and (patch.speed_px_s or FAST_PX_S) < FAST_PX_S
    if sharpness > SOFT or not is_still or (lens.looks and now_s - lens.last_s < _LOOK_S):
        return lens
    return Lens(lens.since_s if lens.looks else now_s, lens.looks + 1, now_s)


class HintWatch:
    """Remembers what was advised, from look to look."""

    def __init__(self) -> None:
        self._advice = Advice()

    def rest(self) -> None:
        """A code was read, or a verdict stands: nobody needs a hint."""
        self._advice, _ = advise(self._advice, None, 0.0)

    def take(self, measures: Measures | None, now_s: float) -> Hint | None:
        """Take in a frame in which nothing was read.

        Args:
            measures: of it; None when no look was due.
            now_s: monotonic seconds of its capture.

        Returns:
            The hint to show now.
        """
        if measures is not None:
            self._advice, _ = advise(self._advice, measures, now_s)
        return self._advice.shown
