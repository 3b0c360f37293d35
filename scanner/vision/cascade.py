"""From a grey frame to the QR texts in it: one search, then closer looks where they may help.

A ladder whose every rung is climbed only when there is a reason to and time is left:

1. the engine searches the whole frame, always;
2. codes that it located and could not read are cut out and prepared (`closer_look.Rung`);
3. where nothing was located, the same at the place where a code was read in the last second,
   and at places with the texture of a code;
4. places that failed in several frames are laid over one another and tried once more.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from scanner.vision.closer_look import MOST_RUNGS, Crop, Rung, box_around, cut_out, refocused_gently
from scanner.vision.engines import Engine, Sighting
from scanner.vision.evidence import Evidence, Place, continued, overlap
from scanner.vision.frames import Box, Corners, Grey, QrText, mean_edge_px
from scanner.vision.layers import LEAST_LAYERS, laid_over
from scanner.vision.texture import looks_like_a_code, texture_boxes

MAX_PLACES_A_FRAME: Final = 2

_SAME_PLACE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Budget:
    """How long a frame may be looked at beyond the first search.

    Attributes:
        seconds: for all closer looks together; one that has begun is finished.
        clock: monotonic seconds.
    """

    seconds: float
    clock: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Look:
    """What one frame has shown.

    Attributes:
        codes: that were read; those that needed a closer look come last.
        evidence: to hand in with the next frame.
        unread: places of this frame that are or may be codes and could not be read.
    """

    codes: list[QrText]
    evidence: Evidence
    unread: tuple[Place, ...] = ()


def look(grey: Grey, engine: Engine, evidence: Evidence, at_s: float, budget: Budget) -> Look:
    """Read one frame of a stream.

    Args:
        grey: `(H, W) uint8`, of any size and memory layout.
        engine: finds and decodes.
        evidence: what the last `look` at this stream returned; `Evidence()` at its beginning.
        at_s: monotonic seconds when the frame was captured.
        budget: how much time there is.
    """
    until_s = budget.clock() + budget.seconds
    sightings = engine.search(grey)
    codes = [code for sighting in sightings if (code := _qr_text(sighting, sighting.corners))]
    attempts = _attempts(
        grey, _candidates(grey, sightings, evidence, has_read=bool(codes)), evidence, at_s
    )
    for rung in range(MOST_RUNGS + 1):
        for attempt in attempts:
            if attempt.is_over(rung):
                continue
            if budget.clock() >= until_s:
                break
            attempt.climb(engine)
    for attempt in attempts:
        known = {code.text for code in codes}  # one code may be located twice, and read once
        codes += [code for code in attempt.codes if code.text not in known]
    unread = tuple(attempt.place for attempt in attempts if not attempt.codes)
    read = [Place(box_around(code.corners), at_s, was_read=True) for code in codes]
    return Look(codes, evidence.with_places([*read, *unread], at_s), unread)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Where a closer look may help; pixels per module where a located code tells its size."""

    box: Box
    px_per_module: float | None = None


@dataclass(slots=True)
class _Attempt:
    """One place of this frame on its way up the ladder."""

    crop: Crop
    place: Place
    codes: list[QrText] = field(default_factory=list)

    def is_over(self, rung: int) -> bool:
        """Nothing is left to do at this level."""
        return bool(self.codes) or self.place.tried > rung or self.place.tried >= self._height

    def climb(self, engine: Engine) -> None:
        """Try the next rung; the topmost one is the evidence of all frames."""
        ladder, place = self.crop.ladder, self.place
        prepared: Grey | None
        rung: Rung | None = None
        if place.tried < len(ladder):
            rung = ladder[(place.first + place.tried) % len(ladder)]
            prepared = self.crop.through(rung, place.turn)
        else:
            prepared = _from_layers(place)
        self.place = replace(place, tried=place.tried + 1)
        if prepared is not None:
            crop = self.crop
            self.codes = [
                code
                for sighting in engine.search(prepared)
                if (code := _qr_text(sighting, crop.to_frame(sighting.corners, prepared, rung)))
            ]

    @property
    def _height(self) -> int:
        return len(self.crop.ladder) + (len(self.place.pictures) >= LEAST_LAYERS)


def _attempts(
    grey: Grey, candidates: list[_Candidate], evidence: Evidence, at_s: float
) -> list[_Attempt]:
    attempts = []
    for candidate in candidates:
        box = candidate.box
        before = evidence.of(box)
        same = before is not None and before.is_same(grey, at_s)
        crop = cut_out(grey, before.box if before is not None and same else box)
        if crop is None:
            continue
        if before is None or not same:
            before = continued(before, grey, box, crop.grey, len(crop.ladder), at_s)
        attempts.append(_Attempt(crop, replace(before, px_per_module=candidate.px_per_module)))
    return attempts


def _candidates(
    grey: Grey, sightings: list[Sighting], evidence: Evidence, *, has_read: bool
) -> list[_Candidate]:
    """Where a closer look may help, the most promising first."""
    located = [sighting for sighting in sightings if sighting.text is None]
    if located:
        located.sort(key=lambda sighting: mean_edge_px(sighting.corners), reverse=True)
        return [_located(sighting) for sighting in located[:MAX_PLACES_A_FRAME]]
    if has_read:
        return []
    boxes: list[Box] = []
    lately = [box for box in evidence.read_lately() if looks_like_a_code(grey, box)]
    for box in (*lately, *texture_boxes(grey)):
        if all(overlap(box, other) < _SAME_PLACE for other in boxes):
            boxes.append(box)
    return [_Candidate(box) for box in boxes[:MAX_PLACES_A_FRAME]]


def _located(sighting: Sighting) -> _Candidate:
    modules, box = sighting.modules, box_around(sighting.corners)
    return _Candidate(box, mean_edge_px(sighting.corners) / modules if modules else None)


def _from_layers(place: Place) -> Grey | None:
    mean = laid_over(place.pictures)
    return None if mean is None else refocused_gently(mean, place.turn)


def _qr_text(sighting: Sighting, corners: Corners) -> QrText | None:
    if sighting.text is None or sighting.modules is None:
        return None
    return QrText(sighting.text, corners, mean_edge_px(corners) / sighting.modules)
