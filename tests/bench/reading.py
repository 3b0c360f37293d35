"""What reading costs beside bare zxing-cpp, and what the simulated camera costs."""

import statistics
import time
from collections.abc import Callable
from typing import ParamSpec

import numpy as np
import zxingcpp

from scanner.vision.frames import Grey
from scanner.vision.reader import QrReader
from scanner.vision.sources.rendering import SceneRenderer
from scanner.vision.sources.stage import Condition, Medium, Scene
from tests.vision_builders import a_text

FRAMES = 24
ROUNDS = 9
ARRIVED_S = 1.0
P = ParamSpec("P")
FORMATS = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


def run() -> None:
    """Print medians in milliseconds and the ratios within this run."""
    dense = Scene(text=a_text(600), medium=Medium.PHONE, seed=1)
    empty_frames, dense_frames = _frames(Scene(seed=1)), _frames(dense)
    reader = QrReader()
    print("frame 1280x720              ours ms   bare zxing ms   ratio")
    for name, frames in (("empty gate", empty_frames), ("600 characters, sharp", dense_frames)):
        ours_s, bare_s = _side_by_side(reader.read, _bare, frames)
        print(f"{name:26}  {ours_s * 1e3:7.2f}   {bare_s * 1e3:13.2f}   {ours_s / bare_s:5.2f}")
    _print_rendering()


def _print_rendering() -> None:
    renderer = SceneRenderer(1280, 720)
    print("rendering 1280x720          frame ms   first frame of a scene ms")
    for condition in Condition:
        scene = Scene(text=a_text(600), medium=Medium.PHONE, condition=condition, seed=2)
        first_s = _seconds(renderer.render, scene, ARRIVED_S, 0)
        times_s = [_seconds(renderer.render, scene, ARRIVED_S + n / 15, n) for n in range(FRAMES)]
        print(f"{condition:26}  {statistics.median(times_s) * 1e3:8.2f}   {first_s * 1e3:8.1f}")


def _frames(scene: Scene) -> list[Grey]:
    renderer = SceneRenderer(1280, 720)
    return [renderer.render(scene, ARRIVED_S + number / 15, number) for number in range(FRAMES)]


def _bare(grey: Grey) -> object:
    return zxingcpp.read_barcodes(grey, formats=FORMATS, try_rotate=False)


def _side_by_side(
    ours: Callable[[Grey], object], bare: Callable[[Grey], object], frames: list[Grey]
) -> tuple[float, float]:
    """Medians over all frames, taken in turn, so that a busy machine slows both alike."""
    ours_s, bare_s = [], []
    for _ in range(ROUNDS):
        for grey in frames:
            ours_s.append(_seconds(ours, grey))
            bare_s.append(_seconds(bare, grey))
    return float(np.median(ours_s)), float(np.median(bare_s))


def _seconds(action: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> float:
    began = time.perf_counter()
    action(*args, **kwargs)
    return time.perf_counter() - began


if __name__ == "__main__":
    run()
