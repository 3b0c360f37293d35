"""Steers the camera's exposure by the code that is held up, where the whole picture would mislead.

A camera exposes for the hall: a bright screen at night becomes a white area, a sheet held against
the daylight a black one. Here the place of the code says how much lighter or darker the picture
should be than the camera would make it, in exposure values (EV, each doubles the light). Nothing
is asked for that is not needed: what was read, or could be, changes nothing.

The controller is a value: `steer` takes the last one, what a frame shows, and limits.
"""

import math
from dataclasses import dataclass, replace
from typing import Final

from scanner.vision.code_light import STEP_EV, CodeLight, code_light, correction_ev
from scanner.vision.evidence import Place, overlap
from scanner.vision.frames import Box, Frame, QrText
from scanner.vision.measures import Measures
from scanner.vision.wishes import Span

LEAST_STEP_EV: Final = 0.25
SETTLE_FRAMES: Final = 5
"""A camera needs so many frames until a picture shows a new exposure."""
AGREE_S: Final = 0.08
"""Two looks so far apart must agree: a hand that passes is no code."""
LINGER_S: Final = 5.0
"""The exposure stays for so long after the last sight of a place: the next person is coming."""
DARK_LINGER_S: Final = 0.4
"""The same where the darkened picture shows nothing else: it must not look like a covered lens."""
DARK: Final = 40
HOME_STEP_EV: Final = 0.5
HOME_EVERY_S: Final = 0.5
"""Then it goes back to the camera's own in steps so small and so far apart."""
IN_VAIN_S: Final = 6.0
"""What is steered by for so long and never read is a lamp, a window or a grille."""
GONE_AFTER_S: Final = 3.0
"""What is passed over and out of sight for so long has gone."""
HELPED_FOR_S: Final = 300.0
"""For so long the exposure that helped the last person is tried first with the next one."""

_MAX_WALLS: Final = 4
_SAME_PLACE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Sight:
    """What one frame shows that exposure could be steered by.

    Attributes:
        at_s: monotonic seconds of its capture.
        number: of the frame.
        was_read: a code was read in it.
        places: what is or may be a code that could not be read, the most promising first.
        frame_light: grey level that hardly anything in the frame exceeds; None when not measured.
    """

    at_s: float
    number: int
    was_read: bool = False
    places: tuple[tuple[Box, CodeLight], ...] = ()
    frame_light: float | None = None


@dataclass(frozen=True, slots=True)
class Wall:
    """A place that nobody holds up, passed over for as long as it stays in view.

    Attributes:
        box: of the place.
        seen_s: monotonic seconds when it was seen last.
    """

    box: Box
    seen_s: float


@dataclass(frozen=True, slots=True)
class Steering:
    """What is asked of the camera, and why.

    Attributes:
        bias_ev: more light than the camera would take by itself; 0 leaves it to the camera.
        by: the place that called for the last change; None while there is none.
        changed_at: number of the frame that the last change answered; None before the first.
        way: of the last change by a place: 1 for more light, -1 for less; 0 for none yet.
        step_ev: the longest step that is left: each turning back halves it.
        wanted_way, wanted_s: what the newest looks agree on, and since when.
        seen_s: monotonic seconds of the last place or code.
        since_s: of the first change by a place since a code was read; None while there is none.
        moved_s: of the last step home.
        helped_ev, helped_s: the bias at which a code was read, and when.
        walls: places to pass over.
    """

    bias_ev: float = 0.0
    by: Box | None = None
    changed_at: int | None = None
    way: int = 0
    step_ev: float = STEP_EV
    wanted_way: int = 0
    wanted_s: float = 0.0
    seen_s: float = 0.0
    since_s: float | None = None
    moved_s: float = 0.0
    helped_ev: float = 0.0
    helped_s: float = -math.inf
    walls: tuple[Wall, ...] = ()


def steer(steering: Steering, sight: Sight, span: Span | None) -> Steering:
    """Take in one look.

    Args:
        steering: what came out of the look before; `Steering()` at the beginning.
        sight: what the frame shows.
        span: what the camera can do; None when it cannot be steered at all.

    Returns:
        The new state; its `bias_ev` is what the camera is to be asked for.
    """
    if span is None:
        return Steering()
    steering = replace(steering, walls=_still_there(steering.walls, sight))
    if sight.was_read:
        return _helped(steering, sight.at_s)
    place = _chosen(sight.places, steering)
    if place is None:
        return _homeward(steering, sight)
    box, light = place
    steering = replace(steering, seen_s=sight.at_s)
    if steering.since_s is not None and sight.at_s - steering.since_s >= IN_VAIN_S:
        walls = (Wall(box, sight.at_s), *steering.walls)[:_MAX_WALLS]
        return _home(replace(steering, walls=walls), 0.0, sight)
    return _corrected(replace(steering, by=box), sight, correction_ev(light), span)


def _chosen(
    places: tuple[tuple[Box, CodeLight], ...], steering: Steering
) -> tuple[Box, CodeLight] | None:
    """The place that is steered by already, else the first whose light is wrong, else any.

    A darkened picture shows others that need light: they are not what it was darkened for.
    """
    held_up = [place for place in places if not _is_wall(place[0], steering)]
    for place in held_up:
        if steering.by is not None and overlap(steering.by, place[0]) >= _SAME_PLACE / 2:
            return place
    if steering.bias_ev and steering.way:
        return None
    wrong = (place for place in held_up if correction_ev(place[1]))
    return next(wrong, held_up[0] if held_up else None)


def _is_wall(box: Box, steering: Steering) -> bool:
    return any(overlap(wall.box, box) >= _SAME_PLACE for wall in steering.walls)


def _still_there(walls: tuple[Wall, ...], sight: Sight) -> tuple[Wall, ...]:
    """The walls without those that have gone: somebody else may stand there next."""
    seen = (
        replace(wall, seen_s=sight.at_s)
        if any(overlap(wall.box, box) >= _SAME_PLACE for box, _ in sight.places)
        else wall
        for wall in walls
    )
    return tuple(wall for wall in seen if sight.at_s - wall.seen_s <= GONE_AFTER_S)


def _helped(steering: Steering, now_s: float) -> Steering:
    """A code was read: this exposure is right, and it stays."""
    if steering.bias_ev:
        steering = replace(steering, helped_ev=steering.bias_ev, helped_s=now_s)
    return replace(
        steering, seen_s=now_s, since_s=None, by=None, wanted_way=0, way=0, step_ev=STEP_EV
    )


def _corrected(steering: Steering, sight: Sight, wanted_ev: float, span: Span) -> Steering:
    """One step towards more or less light, if it is time for one."""
    way = 0 if not wanted_ev else (1 if wanted_ev > 0 else -1)
    if _settles(steering, sight.number):
        way = 0
    if way != steering.wanted_way:
        return replace(steering, wanted_way=way, wanted_s=sight.at_s)
    if not way or sight.at_s - steering.wanted_s < AGREE_S:
        return steering
    step_ev = steering.step_ev / 2 if way == -steering.way else steering.step_ev
    if step_ev < LEAST_STEP_EV:
        return steering
    bias_ev = steering.bias_ev + way * min(abs(wanted_ev), step_ev)
    if _helped_before(steering, way, sight.at_s):
        bias_ev = steering.helped_ev
    bias_ev = min(max(bias_ev, span.lowest), span.highest)
    if abs(bias_ev - steering.bias_ev) < LEAST_STEP_EV:
        return steering
    return replace(
        steering,
        bias_ev=bias_ev,
        changed_at=sight.number,
        way=way,
        step_ev=step_ev,
        wanted_way=0,
        since_s=sight.at_s if steering.since_s is None else steering.since_s,
    )


def _helped_before(steering: Steering, way: int, now_s: float) -> bool:
    """The first step of a presentation goes at once where the last person's code was read."""
    is_first = steering.way == 0 and not steering.bias_ev
    is_recent = now_s - steering.helped_s <= HELPED_FOR_S
    return is_first and is_recent and steering.helped_ev * way > 0


def _homeward(steering: Steering, sight: Sight) -> Steering:
    """Nothing is held up: after a while the camera gets its own way back, step by step."""
    steering = replace(steering, wanted_way=0)
    away_s = sight.at_s - steering.seen_s
    if not steering.bias_ev or away_s < DARK_LINGER_S:
        return steering
    is_dark = sight.frame_light is not None and sight.frame_light < DARK
    if is_dark and steering.bias_ev < 0:
        return _home(steering, 0.0, sight)
    if away_s < LINGER_S or sight.at_s - steering.moved_s < HOME_EVERY_S:
        return steering
    left_ev = max(abs(steering.bias_ev) - HOME_STEP_EV, 0.0)
    return _home(steering, math.copysign(left_ev, steering.bias_ev), sight)


def _home(steering: Steering, bias_ev: float, sight: Sight) -> Steering:
    return replace(
        steering,
        bias_ev=bias_ev,
        moved_s=sight.at_s,
        changed_at=sight.number,
        way=0,
        step_ev=STEP_EV,
        wanted_way=0,
        since_s=None,
        by=None,
    )


def _settles(steering: Steering, number: int) -> bool:
    """The frames on their way were exposed before the last change."""
    changed_at = steering.changed_at
    return changed_at is not None and 0 <= number - changed_at < SETTLE_FRAMES


class ExposureWatch:
    """Steers by the frames of one camera; one that shows no place and no code costs nothing."""

    def __init__(self) -> None:
        self._steering = Steering()

    def look(
        self,
        frame: Frame,
        codes: list[QrText],
        unread: tuple[Place, ...],
        measures: Measures | None,
        span: Span | None,
    ) -> float:
        """Take in one frame; where nothing could be a code, it costs nothing.

        Args:
            frame: as captured.
            codes: that were read in it.
            unread: places in it that are or may be codes and could not be read.
            measures: of it, where they were taken.
            span: what the camera can do; None when it cannot be steered.

        Returns:
            The bias to ask the camera for, in EV; 0 leaves the exposure to it.
        """
        has_looked = bool(codes or unread) or measures is not None
        if has_looked and (span is not None or self._steering.bias_ev):
            sight = _sight(frame, codes, unread, measures)
            self._steering = steer(self._steering, sight, span)
        return self._steering.bias_ev


def _sight(
    frame: Frame, codes: list[QrText], unread: tuple[Place, ...], measures: Measures | None
) -> Sight:
    boxes = [] if codes else [place.box for place in unread]
    if not codes and measures is not None:
        boxes += [measures.white] if measures.white is not None else []
        boxes += [measures.patch.box] if measures.patch is not None else []
    lit = ((box, code_light(frame.grey, box)) for box in boxes)
    return Sight(
        at_s=frame.captured_s,
        number=frame.number,
        was_read=bool(codes),
        places=tuple((box, light) for box, light in lit if light is not None),
        frame_light=measures.light if measures is not None else None,
    )
