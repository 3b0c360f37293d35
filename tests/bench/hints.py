"""What a look for hints costs beside bare zxing-cpp, and the measures that its thresholds part."""

import statistics
import time
from collections.abc import Callable
from itertools import product

import cv2
import numpy as np
import zxingcpp

from scanner.vision.frames import Grey
from scanner.vision.hints import LEAST_PX_PER_MODULE
from scanner.vision.measures import Measures, Patch, glance, measure
from scanner.vision.reader import QrReader
from scanner.vision.sources.stage import Condition, Medium, Scene
from tests.bench.vision.payloads import Code, codes
from tests.bench.vision.scenes import Condition as BenchCondition
from tests.bench.vision.scenes import Scene as BenchScene
from tests.hint_frames import (
    Holder,
    a_scene,
    an_empty_gate,
    in_the_dark,
    through_a_dirty_lens,
    with_glare,
)

SEEDS = range(6)
PITCHES = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 8.0)
PITCH_CONDITIONS = (
    BenchCondition.CLEAN,
    BenchCondition.NOISE_10,
    BenchCondition.NOISE_20,
    BenchCondition.BLUR_10,
    BenchCondition.BLUR_15,
    BenchCondition.TILT_25,
    BenchCondition.LOW_LIGHT,
    BenchCondition.BENT_30,
)
MOST_SIDE_PX = 560
MEDIA = (Medium.PHONE, Medium.PAPER)
ROUNDS = 60
GAP_S = 1 / 15
EXPOSURE_S = 0.02
FORMATS = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
Take = Callable[[Scene, int], tuple[Grey, Grey]]
"""Two frames in a row of one scene."""


def run() -> None:
    """Print the cost as medians and a ratio within this run, then a line for each difficulty."""
    _print_cost()
    _print_pitch()
    for name, take in _takes().items():
        _print_measures(name, take)


def _takes() -> dict[str, Take]:
    takes: dict[str, Take] = {f"stage: {name}": _staged(name) for name in Condition}
    takes |= {f"at {scale} of the size": _scaled(scale) for scale in (0.2, 0.25, 0.3, 0.4, 0.6)}
    takes |= {f"at {scale} of the size": _scaled(scale) for scale in (1.5, 2.0, 3.0, 4.0)}
    takes |= {f"hand at {speed} px/s": _waving(speed) for speed in (50, 100, 200, 400, 800)}
    takes |= {f"light at {share}": _dark(share) for share in (0.2, 0.12, 0.08, 0.06)}
    takes |= {f"screen at {share}": _dim(share) for share in (0.4, 0.2, 0.1, 0.06)}
    takes |= {"glare, saturated": _changed(lambda grey: with_glare(grey, (620, 330)))}
    takes |= {f"dirty lens, sigma {sigma}": _dirty(sigma) for sigma in (2, 3, 4, 5)}
    takes |= {"1.6 times, blurred": _near_and_soft, "no code on it": _without_code}
    return takes | {"empty gate": lambda scene, _: (an_empty_gate(scene.seed),) * 2}


def _print_cost() -> None:
    """Taken in turn, so that a busy machine slows all of them alike."""
    print("1280x720                glance and measures ms   bare zxing-cpp ms   ratio")
    card, empty = Holder(a_scene()), an_empty_gate()
    for name, before, grey in (
        ("600 characters", card.frame(1.0, 0), card.frame(1.1, 1)),
        ("empty gate", empty, an_empty_gate(1, 1)),
    ):
        earlier = glance(before, 1.0)
        ours_s, bare_s = [], []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            measure(grey, glance(grey, 1.0 + GAP_S), earlier)
            between = time.perf_counter()
            zxingcpp.read_barcodes(grey, formats=FORMATS, try_rotate=False)
            ours_s.append(between - began)
            bare_s.append(time.perf_counter() - between)
        ours, bare = (statistics.median(times) * 1e3 for times in (ours_s, bare_s))
        print(f"{name:22} {ours:24.2f} {bare:19.2f} {ours / bare:7.2f}")


def _print_pitch() -> None:
    """Pixels per module as estimated from a patch, beside what was rendered."""
    print("px/module    of codes found as a patch: least, median, most; told below 2.5 of how many")
    for condition in PITCH_CONDITIONS:
        for true in PITCHES:
            found = [pitch for code in codes() if (pitch := _pitch(code, true, condition))]
            if found:
                below = sum(pitch < LEAST_PX_PER_MODULE for pitch in found)
                least, middle, most = min(found), statistics.median(found), max(found)
                print(
                    f"{condition:12} {true:4.2f}: {least:5.2f} {middle:5.2f} {most:5.2f}"
                    f"   {below} of {len(found)}"
                )


def _pitch(code: Code, true: float, condition: BenchCondition) -> float | None:
    """What is told of a code that fills no more than the frame, where the patch is the code."""
    side = true * code.modules.shape[0]
    if side > MOST_SIDE_PX:
        return None
    seed = 1_000 + round(100 * true) + code.version
    grey = BenchScene(code, true, condition, seed).render()
    patch = measure(grey, glance(grey, 1.0), None).patch
    if patch is None or not 0.8 * side <= patch.side_px <= 1.6 * side + 32:
        return None
    return patch.px_per_module


def _print_measures(name: str, take: Take) -> None:
    """How many are read of how many, and least and most of each measure over all scenes."""
    reader, read, seen = QrReader(), 0, []
    for seed, medium in product(SEEDS, MEDIA):
        before, grey = take(a_scene(seed, medium), seed)
        read += bool(reader.read(grey))
        seen.append(measure(grey, glance(grey, 1.0 + GAP_S), glance(before, 1.0)))
    patches = [measures.patch for measures in seen if measures.patch is not None]
    print(
        f"{name:20} {read:3} of {len(seen)} found {len(patches):2}"
        f" side {_range(patches, lambda patch: patch.side_px)}"
        f" code {_range(patches, lambda patch: patch.light)}"
        f" frame {_range(seen, lambda measures: measures.light)}"
        f" px/s {_range(patches, lambda patch: patch.speed_px_s)}"
        f" washed {_range(patches, lambda patch: patch.washed, 2)}"
        f" px/module {_range(patches, lambda patch: patch.px_per_module, 1)}"
        f" sharp {_range(seen, lambda measures: measures.sharpness, 2)}"
        f" even {_range(patches, lambda patch: patch.evenness, 2)}"
        f" grain {_range(patches, lambda patch: patch.grain, 2)}"
    )


def _range(
    items: list[Patch] | list[Measures],
    value: Callable[..., float | None],
    digits: int = 0,
) -> str:
    values = [found for item in items if (found := value(item)) is not None]
    return f"{min(values):.{digits}f}-{max(values):.{digits}f}" if values else "-"


def _staged(condition: Condition) -> Take:
    def take(scene: Scene, number: int) -> tuple[Grey, Grey]:
        return _pair(Holder(a_scene(scene.seed, scene.medium, condition)), number)

    return take


def _scaled(scale: float) -> Take:
    return lambda scene, number: _pair(Holder(scene, scale), number)


def _dim(screen: float) -> Take:
    return lambda scene, number: _pair(Holder(scene, screen=screen), number)


def _dark(share: float) -> Take:
    return _changed(lambda grey: in_the_dark(grey, share))


def _dirty(sigma: float) -> Take:
    return _changed(lambda grey: through_a_dirty_lens(grey, sigma))


def _changed(change: Callable[[Grey], Grey], scale: float = 1.0) -> Take:
    def take(scene: Scene, number: int) -> tuple[Grey, Grey]:
        before, grey = _pair(Holder(scene, scale), number)
        return change(before), change(grey)

    return take


def _near_and_soft(scene: Scene, number: int) -> tuple[Grey, Grey]:
    return _changed(
        lambda grey: np.asarray(cv2.GaussianBlur(grey, (0, 0), 6), dtype=np.uint8), 1.6
    )(scene, number)


def _without_code(scene: Scene, number: int) -> tuple[Grey, Grey]:
    return _pair(Holder(Scene(medium=scene.medium, seed=scene.seed)), number)


def _waving(speed_px_s: float) -> Take:
    def take(scene: Scene, number: int) -> tuple[Grey, Grey]:
        holder = Holder(scene)
        before = holder.waving(0.8 - GAP_S, number, speed_px_s, EXPOSURE_S)
        return before, holder.waving(0.8, number + 1, speed_px_s, EXPOSURE_S)

    return take


def _pair(holder: Holder, number: int) -> tuple[Grey, Grey]:
    return holder.frame(1.5 - GAP_S, number), holder.frame(1.5, number + 1)


if __name__ == "__main__":
    run()
