"""What the last frames have shown of codes that could not be read yet: a value, soon forgotten."""

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np

from scanner.vision.frames import Box, Grey

FORGOTTEN_AFTER_S: Final = 1.0
MAX_PLACES: Final = 4
MAX_PICTURES: Final = 6
"""So many pictures of one place are kept: beyond that, a hand has moved too far anyway."""

_THUMBNAIL: Final = (24, 24)
_SAME_WITHIN: Final = 3.0  # grey levels, mean over a thumbnail: more than a sensor's noise leaves
_LEAST_OVERLAP: Final = 0.3  # of two boxes' union, from one frame to the next


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where a code is or may be.

    Attributes:
        box: in the last frame that showed it changed.
        seen_s: monotonic seconds of that frame.
        thumbnail: the place, small, for telling whether it is still the same picture.
        turn: how many pictures of it went up the whole ladder: each turn uses other figures.
        first: the rung that this picture began with.
        tried: how many rungs this very picture has seen.
        pictures: cut out of the last frames, oldest first, without those that were the same.
        was_read: a code was read there.
        px_per_module: of a code that was located there; None where its size is not known.
    """

    box: Box
    seen_s: float
    thumbnail: Grey | None = None
    turn: int = 0
    first: int = 0
    tried: int = 0
    pictures: tuple[Grey, ...] = ()
    was_read: bool = False
    px_per_module: float | None = None

    def is_same(self, grey: Grey, now_s: float) -> bool:
        """True while a frame shows there what it showed before, for at most a second on end."""
        if self.thumbnail is None or not 0 <= now_s - self.seen_s <= FORGOTTEN_AFTER_S:
            return False
        now = _thumbnail(grey, self.box)
        return now is not None and float(np.mean(cv2.absdiff(self.thumbnail, now))) <= _SAME_WITHIN


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """The places of a stream of frames; the empty value is where every stream begins."""

    places: tuple[Place, ...] = ()

    def of(self, box: Box) -> Place | None:
        """The place that a box of the next frame continues."""
        best = max(self.places, key=lambda place: overlap(place.box, box), default=None)
        return best if best is not None and overlap(best.box, box) >= _LEAST_OVERLAP else None

    def read_lately(self) -> list[Box]:
        """Where codes were read, the last one first."""
        places = sorted(self.places, key=lambda place: place.seen_s, reverse=True)
        return [place.box for place in places if place.was_read]

    def with_places(self, fresh: list[Place], now_s: float) -> "Evidence":
        """The evidence after one more frame: `fresh` places replace those that they continue."""
        kept = [
            place
            for place in self.places
            if 0 <= now_s - place.seen_s <= FORGOTTEN_AFTER_S
            and all(overlap(place.box, new.box) < _LEAST_OVERLAP for new in fresh)
        ]
        return Evidence((*fresh, *kept)[:MAX_PLACES])


def continued(
    before: Place | None, grey: Grey, box: Box, picture: Grey, rungs: int, now_s: float
) -> Place:
    """The place as a frame shows it that has changed there.

    Its picture may see all rungs, beginning with those that time did not suffice for: on a slow
    machine each frame of a code gets other ones.

    Args:
        before: the place that this box continues, if any.
        grey: the frame, `(H, W) uint8`.
        box: of the place in it.
        picture: the place with its surroundings.
        rungs: of the ladder of this picture.
        now_s: monotonic seconds of the frame.
    """
    thumbnail = _thumbnail(grey, box)
    if before is None:
        return Place(box, now_s, thumbnail, pictures=(picture,))
    is_through = before.tried >= rungs
    return replace(
        before,
        box=box,
        seen_s=now_s,
        thumbnail=thumbnail,
        turn=before.turn + is_through,
        first=0 if is_through else before.first + before.tried,
        tried=0,
        pictures=(*before.pictures, picture)[-MAX_PICTURES:],
        was_read=False,
    )


def overlap(one: Box, other: Box) -> float:
    """The share of two boxes' union that both cover."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (_area(one) + _area(other) - shared)


def _area(box: Box) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])


def _thumbnail(grey: Grey, box: Box) -> Grey | None:
    left, top, right, bottom = (max(value, 0) for value in box)
    part = grey[top:bottom, left:right]
    if not part.size:
        return None
    return np.asarray(cv2.resize(part, _THUMBNAIL, interpolation=cv2.INTER_AREA), dtype=np.uint8)
