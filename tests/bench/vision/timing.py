"""How long a frame takes: every contestant in turn on the same frames, on one core and on two."""

import os
import time
from dataclasses import dataclass

import cv2
import numpy as np

from scanner.vision.frames import Grey
from scanner.vision.sources.rendering import SceneRenderer
from scanner.vision.sources.stage import Scene as StagedScene
from scanner.vision.stillness import has_stirred, looked_at
from tests.bench.vision.contestants import SLOW, contestants
from tests.bench.vision.photos import empty_photos
from tests.bench.vision.recall import SEEDS, table_cases
from tests.bench.vision.scenes import Condition, draw_wall

ROUNDS = 3
GATE = "motion gate alone"


@dataclass(frozen=True, slots=True)
class Spread:
    """Milliseconds of one frame."""

    median: float
    p95: float


Times = dict[str, dict[str, Spread]]
"""By set of frames, then by contestant."""


def measure(cores: int) -> Times | None:
    """The times on so many cores; None where the machine has fewer."""
    all_cores = os.sched_getaffinity(0)
    if len(all_cores) < cores:
        return None
    os.sched_setaffinity(0, set(sorted(all_cores)[:cores]))
    cv2.setNumThreads(cores)
    try:
        return {name: _spreads(frames) for name, frames in frame_sets().items()}
    finally:
        os.sched_setaffinity(0, all_cores)
        cv2.setNumThreads(len(all_cores))


def frame_sets() -> dict[str, list[Grey]]:
    """Empty gates, cluttered walls, photos, sharp codes, and a cut through all scenes."""
    hall = SceneRenderer(1280, 720)
    sharp = [case for case in table_cases(SEEDS[0]) if case.condition is Condition.CLEAN]
    sets = {
        "empty gate": [hall.render(StagedScene(seed=n), 5.0, n) for n in range(16)],
        "empty, cluttered wall": [draw_wall(9_000 + number) for number in range(24)],
        "empty, photos": empty_photos(),
        "sharp code": [case.scene().render() for case in sharp if case.size >= 2.5],
        "all scenes": [case.scene().render() for case in table_cases(SEEDS[0])[::9]],
    }
    return {name: frames for name, frames in sets.items() if frames}


def _spreads(frames: list[Grey]) -> dict[str, Spread]:
    times: dict[str, list[float]] = {}
    readers = contestants()
    for turn in range(ROUNDS):
        for grey in frames:
            for name, read in readers.items():
                if name in SLOW and turn:
                    continue  # one round is enough
                began = time.perf_counter()
                read(grey)
                times.setdefault(name, []).append(time.perf_counter() - began)
            seen = looked_at(grey, 0.0, is_empty=True)
            began = time.perf_counter()
            has_stirred(seen, grey, 0.1)
            times.setdefault(GATE, []).append(time.perf_counter() - began)
    return {
        name: Spread(float(np.median(seconds)) * 1e3, float(np.percentile(seconds, 95)) * 1e3)
        for name, seconds in times.items()
    }
