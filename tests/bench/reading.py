"""What reading costs beside bare zxing-cpp, and what the simulated camera costs."""

import itertools
import statistics
import time
from collections.abc import Callable
from typing import ParamSpec

import cv2
import numpy as np
import zxingcpp

from scanner.vision.frames import Grey
from scanner.vision.reader import QrReader
from scanner.vision.sources.rendering import SceneRenderer
from scanner.vision.sources.stage import Condition, Medium, Scene
from tests.vision_builders import a_frame_with, a_text

FRAMES = 24
SMALL_LINES = (320, 400, 480, 560)
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
    _print_second_look()
    _print_rendering()


def _print_second_look() -> None:
    """Small codes out of focus: what the second look adds."""
    reader = QrReader()
    print("small and blurred frames     of    ours    bare zxing   wrong texts")
    for lines in SMALL_LINES:
        scenes = _small_frames(lines)
        ours = [[code.text for code in reader.read(grey)] for _, grey in scenes]
        bare = [[code.text for code in _bare(grey)] for _, grey in scenes]
        texts = [text for text, _ in scenes]
        read, alone = (
            sum(text in found for text, found in zip(texts, every, strict=True))
            for every in (ours, bare)
        )
        wrong = sum(bool(set(found) - {text}) for text, found in zip(texts, ours, strict=True))
        print(f"{lines} of 720 lines        {len(texts):6} {read:7} {alone:12} {wrong:12}")


def _small_frames(lines: int) -> list[tuple[str, Grey]]:
    """Texts, and frames where the simulated gate fills only some lines, more or less blurred."""
    renderer = SceneRenderer(lines * 16 // 9, lines)
    frames = []
    for medium, condition, seed, blur in itertools.product(
        (Medium.PHONE, Medium.PAPER), Condition, range(3), (0.4, 0.7, 1.0)
    ):
        text = a_text(480 + 40 * seed, seed)
        scene = Scene(text=text, medium=medium, condition=condition, seed=seed)
        soft = cv2.GaussianBlur(renderer.render(scene, ARRIVED_S, seed), (0, 0), blur)
        frames.append((text, a_frame_with(np.asarray(soft, dtype=np.uint8), 40 * seed, 20 * seed)))
    return frames


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


def _bare(grey: Grey) -> list[zxingcpp.Barcode]:
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
