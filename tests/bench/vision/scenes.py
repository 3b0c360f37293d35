"""Rendered frames: a code of known text on a panel before a cluttered wall, under one condition.

A frame is drawn four times as large where the panel is, and averaged down, as a sensor's pixels
average the light that falls on them. Then comes what the condition does to light, lens and sensor.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.vision.frames import Grey
from tests.bench.vision.payloads import Code

WIDTH, HEIGHT = 1280, 720
SIZES: Final = (1.5, 2.0, 2.5, 3.0, 4.0)
"""Pixels of the frame per module of the code."""

_OVERSAMPLING: Final = 4
_TEXELS: Final = 8  # of the panel's drawing per module
_QUIET: Final = 4
_RIM: Final = 3
_NEAR: Final = 3.0  # the camera's distance in widths of the code: strong perspective

Floats = NDArray[np.float32]


class Condition(StrEnum):
    """What is wrong with a frame; the first eighteen are those of the reference table."""

    CLEAN = "clean"
    BLUR_07 = "blur 0.7"
    BLUR_10 = "blur 1.0"
    BLUR_15 = "blur 1.5"
    BLUR_20 = "blur 2.0"
    MOTION_3 = "motion 3 px"
    MOTION_5 = "motion 5 px"
    MOTION_8 = "motion 8 px"
    NOISE_10 = "noise 10"
    NOISE_20 = "noise 20"
    LOW_LIGHT = "low light"
    TILT_25 = "tilt 25"
    TILT_45 = "tilt 45"
    DARK = "dark mode"
    MOIRE = "moire"
    GLARE = "glare"
    GRADIENT = "gradient"
    MIX = "mix"
    BENT_20 = "bent 20"
    COVERED = "partly covered"
    CRACKED = "cracked screen"
    BENT_30 = "bent 30"
    BENT_40 = "bent 40"
    BENT_50 = "bent 50"
    SHAKE_5 = "shake 5 px"
    SHAKE_8 = "shake 8 px"


TABLE: Final = tuple(Condition)[:18]
EXTRA: Final = tuple(Condition)[18:]
SHAKEN: Final = (Condition.SHAKE_5, Condition.SHAKE_8)

_BLUR: Final = {
    Condition.BLUR_07: 0.7,
    Condition.BLUR_10: 1.0,
    Condition.BLUR_15: 1.5,
    Condition.BLUR_20: 2.0,
    Condition.MIX: 0.6,
}
_MOTION: Final = {Condition.MOTION_3: 2.5, Condition.MOTION_5: 4.6, Condition.MOTION_8: 7.6}
_SHAKE: Final = {Condition.SHAKE_5: 5.0, Condition.SHAKE_8: 8.0}
_BEND_DEG: Final = {
    Condition.BENT_20: 20.0,
    Condition.BENT_30: 30.0,
    Condition.BENT_40: 40.0,
    Condition.BENT_50: 50.0,
}
"""Half of the angle that the code's panel, 1.2 times as wide as the code, covers on a cylinder: of
1.7, 1.15, 0.86 and 0.69 code widths in radius, a pass bowed in the hand to a sheet on a bottle."""
_NOISE: Final = {
    Condition.NOISE_10: 10.0,
    Condition.NOISE_20: 20.0,
    Condition.LOW_LIGHT: 4.5,
    Condition.MIX: 6.0,
}
_TILT_DEG: Final = {Condition.TILT_25: 25.0, Condition.TILT_45: 45.0, Condition.MIX: 12.0}


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a panel is and how sharply it is seen, relative to the scene's own place.

    Attributes:
        x, y: shift in pixels of the frame.
        turn_deg: in the plane of the picture.
        scale: of the size.
        tilt_deg: about the vertical axis, added to the condition's.
        blur: standard deviation in pixels, added to the condition's.
        motion: blur of motion in pixels, added to the condition's.
    """

    x: float = 0.0
    y: float = 0.0
    turn_deg: float = 0.0
    scale: float = 1.0
    tilt_deg: float = 0.0
    blur: float = 0.0
    motion: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """One code at one size under one condition; `seed` chooses everything else."""

    code: Code
    px_per_module: float
    condition: Condition
    seed: int

    def render(self, pose: Pose | None = None, frame_number: int = 0) -> Grey:
        """One frame, `(720, 1280) uint8`; another number gives other noise, nothing else."""
        still = np.random.default_rng(self.seed)
        live = np.random.default_rng((self.seed, frame_number))
        frame = draw_wall(int(still.integers(1 << 30))).astype(np.float32)
        quad = _put(self, pose or Pose(), frame, still)
        frame = _light(self.condition, frame, quad, still)
        return _through_the_lens(self.condition, pose or Pose(), frame, still, live)


def _put(scene: Scene, pose: Pose, frame: Floats, random: np.random.Generator) -> Floats:
    """Lay the panel over the frame; returns its corners."""
    panel = _draw_panel(scene, random)
    quad = _quad(scene, pose, panel.shape[0] / _TEXELS, random)
    left, top = np.floor(quad.min(axis=0)).astype(int) - 1
    right, bottom = np.ceil(quad.max(axis=0)).astype(int) + 1
    left, top, right, bottom = max(left, 0), max(top, 0), min(right, WIDTH), min(bottom, HEIGHT)
    side = panel.shape[0]
    outline = np.array([(0, 0), (side, 0), (side, side), (0, side)], dtype=np.float32)
    target = ((quad - (left, top)) * _OVERSAMPLING).astype(np.float32)
    matrix = cv2.getPerspectiveTransform(outline, target)
    size = ((right - left) * _OVERSAMPLING, (bottom - top) * _OVERSAMPLING)
    small = (right - left, bottom - top)
    seen, there = (
        cv2.resize(
            cv2.warpPerspective(layer, matrix, size, flags=cv2.INTER_AREA),
            small,
            interpolation=cv2.INTER_AREA,
        )
        for layer in (panel, np.full_like(panel, 1.0))
    )
    part = frame[top:bottom, left:right]
    part[:] = part * (1 - there) + seen
    return quad


def _draw_panel(scene: Scene, random: np.random.Generator) -> Floats:
    """A white (dark mode: black) panel with the code; `_TEXELS` pixels per module."""
    ink, paper = float(random.uniform(8, 34)), float(random.uniform(205, 240))
    modules = np.pad(scene.code.modules, _QUIET + _RIM, constant_values=255)
    if scene.condition is Condition.DARK:
        modules = 255 - modules
    large = np.kron(modules, np.ones((_TEXELS, _TEXELS), dtype=np.uint8))
    panel = (ink + (paper - ink) * (large.astype(np.float32) / 255)).astype(np.float32)
    match scene.condition:
        case condition if condition in _BEND_DEG:
            panel = _bend(panel, math.radians(_BEND_DEG[condition]), random)
        case Condition.COVERED:
            _cover(panel, random)
        case Condition.CRACKED:
            _crack(panel, random)
    return panel


def _quad(scene: Scene, pose: Pose, modules: float, random: np.random.Generator) -> Floats:
    """The panel's corners in the frame: a pinhole camera at `_NEAR` code widths."""
    half = scene.px_per_module * pose.scale * modules / 2
    turn = math.radians(float(random.uniform(-8, 8)) + pose.turn_deg)
    side = float(random.choice((-1.0, 1.0)))
    tilt = math.radians(side * _TILT_DEG.get(scene.condition, 0.0) + pose.tilt_deg)
    room_x, room_y = max(WIDTH / 2 - 1.45 * half, 1), max(HEIGHT / 2 - 1.25 * half, 1)
    centre = (
        WIDTH / 2 + float(random.uniform(-room_x, room_x)) * 0.9 + pose.x,
        HEIGHT / 2 + float(random.uniform(-room_y, room_y)) * 0.9 + pose.y,
    )
    distance = _NEAR * 2 * half
    corners = []
    for x, y in ((-half, -half), (half, -half), (half, half), (-half, half)):
        u = x * math.cos(turn) - y * math.sin(turn)
        v = x * math.sin(turn) + y * math.cos(turn)
        depth = distance + u * math.sin(tilt)
        corners.append(
            (centre[0] + u * math.cos(tilt) * distance / depth, centre[1] + v * distance / depth)
        )
    return np.array(corners, dtype=np.float32)


def _through_the_lens(
    condition: Condition,
    pose: Pose,
    frame: Floats,
    still: np.random.Generator,
    live: np.random.Generator,
) -> Grey:
    blur = math.hypot(_BLUR.get(condition, 0.0), pose.blur)
    if blur:
        frame = _as_floats(cv2.GaussianBlur(frame, (0, 0), blur))
    motion = math.hypot(_MOTION.get(condition, 0.0), pose.motion)
    if motion > 1:
        frame = _smear(frame, motion, float(still.uniform(0, math.pi)))
    shake = _SHAKE.get(condition, 0.0)
    if shake:
        frame = _shake(frame, shake, live)
    frame = frame + live.standard_normal(frame.shape, dtype=np.float32) * max(
        _NOISE.get(condition, 0.0), 2.0
    )
    return np.clip(np.rint(frame), 0, 255).astype(np.uint8)


def _light(
    condition: Condition, frame: Floats, quad: Floats, random: np.random.Generator
) -> Floats:
    x = np.linspace(-1, 1, WIDTH, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, HEIGHT, dtype=np.float32)[:, None] * np.float32(HEIGHT / WIDTH)
    match condition:
        case Condition.LOW_LIGHT:
            return frame * np.float32(0.22)
        case Condition.GRADIENT:
            angle = float(random.uniform(0, 2 * math.pi))
            ramp = 0.5 + 0.5 * (x * math.cos(angle) + y * math.sin(angle))
            return _as_floats(frame * (0.02 + 0.98 * np.clip(ramp, 0, 1) ** 2))
        case Condition.MOIRE:
            period, angle = float(random.uniform(3.0, 9.0)), float(random.uniform(0, math.pi))
            along = (x * math.cos(angle) + y * math.sin(angle)) * (WIDTH / 2)
            return _as_floats(frame * (1 + 0.13 * np.sin(along * (2 * math.pi / period))))
        case Condition.GLARE:
            spot, to = quad.mean(axis=0), quad[int(random.integers(4))]
            at = (spot + float(random.uniform(0.2, 0.5)) * (to - spot)) / (WIDTH / 2) - 1
            at[1] += 1 - HEIGHT / WIDTH
            radius = float(np.ptp(quad[:, 0])) / WIDTH * 0.3
            spread = ((x - at[0]) / radius) ** 2 + ((y - at[1]) / (0.6 * radius)) ** 2
            return _as_floats(frame + 190 * np.exp(-spread))
        case Condition.MIX:
            return _as_floats(frame * (0.45 + 0.2 * x))
    return frame


def _smear(frame: Floats, length: float, angle: float) -> Floats:
    """Blur along a straight line of `length` pixels."""
    side = 2 * math.ceil(length / 2) + 1
    fine = np.zeros((side * 8, side * 8), dtype=np.float32)
    middle = (side * 8 - 1) / 2
    dx, dy = math.cos(angle) * length * 4, math.sin(angle) * length * 4
    ends = [(round(middle - dx), round(middle - dy)), (round(middle + dx), round(middle + dy))]
    cv2.line(fine, ends[0], ends[1], 1.0, 8)
    kernel = cv2.resize(fine, (side, side), interpolation=cv2.INTER_AREA)
    return _as_floats(cv2.filter2D(frame, -1, kernel / kernel.sum()))


def _shake(frame: Floats, length: float, random: np.random.Generator) -> Floats:
    """Blur along the way of a trembling hand: an arc that it travels at an uneven speed."""
    times = np.linspace(-1, 1, 48)
    turn = float(random.uniform(0, 2 * math.pi))
    bow = float(random.choice((-1, 1)) * random.uniform(0.5, 1.4))  # radians to each side
    heading = turn + bow * times
    speed = 1 + float(random.uniform(0.2, 0.7)) * np.sin(2.2 * times + turn)
    way = np.cumsum(np.column_stack((np.cos(heading), np.sin(heading))) * speed[:, None], axis=0)
    steps = np.linalg.norm(np.diff(way, axis=0), axis=1).sum()
    way = (way - (way.min(axis=0) + way.max(axis=0)) / 2) * (length / steps)
    reach = math.ceil(length / 2) + 1
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), dtype=np.float32)
    for x, y in way + reach:
        column, row = int(x), int(y)
        right, down = x - column, y - row
        kernel[row, column] += (1 - right) * (1 - down)
        kernel[row, column + 1] += right * (1 - down)
        kernel[row + 1, column] += (1 - right) * down
        kernel[row + 1, column + 1] += right * down
    return _as_floats(cv2.filter2D(frame, -1, kernel / kernel.sum()))


def _bend(panel: Floats, half_angle: float, random: np.random.Generator) -> Floats:
    """Around a cylinder that is upright or level, seen from up to 17 degrees beside its front."""
    is_level = bool(random.integers(2))
    aside = math.sin(math.radians(float(random.uniform(-17, 17))))
    along = panel.T if is_level else panel
    side = along.shape[0]
    u = np.linspace(-1, 1, side, dtype=np.float32)
    angle = np.arcsin(u * math.sin(half_angle))
    x = (angle / half_angle + 1) / 2 * (side - 1)
    towards = (np.cos(angle) - math.cos(half_angle)) / half_angle * side / 2
    sag = aside * (towards - towards.mean())
    rows = np.arange(side, dtype=np.float32)[:, None] + sag[None, :]
    bent = cv2.remap(
        np.ascontiguousarray(along),
        np.broadcast_to(x[None, :], (side, side)).astype(np.float32),
        rows.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return _as_floats(np.ascontiguousarray(bent.T if is_level else bent))


def _cover(panel: Floats, random: np.random.Generator) -> None:
    """A thumb over an edge, not over a finder pattern."""
    side = panel.shape[0]
    across = int(side * random.uniform(0.42, 0.58))
    radius = int(side * random.uniform(0.11, 0.15))
    cv2.ellipse(panel, (across, side), (radius, int(radius * 1.6)), 0, 0, 360, 120.0, -1)


def _crack(panel: Floats, random: np.random.Generator) -> None:
    """Broken glass: dark and light lines from one point."""
    side = panel.shape[0]
    start = random.uniform(0.3, 0.7, 2) * side
    for _ in range(9):
        angle, point = float(random.uniform(0, 2 * math.pi)), start
        while np.all((point > 0) & (point < side)):
            angle += float(random.uniform(-0.5, 0.5))
            step = float(random.uniform(0.08, 0.2)) * side
            after = point + step * np.array((math.cos(angle), math.sin(angle)))
            shade = float(random.choice((30.0, 235.0)))
            width = int(random.integers(2, 6))
            cv2.line(panel, _pixel(point), _pixel(after), shade, width)
            point = after


def _pixel(point: NDArray[np.float64]) -> tuple[int, int]:
    return int(point[0]), int(point[1])


@lru_cache(maxsize=1)
def draw_wall(seed: int) -> Grey:
    """A cluttered wall without a code: shelves, notices with lines of text, tiles, leaves."""
    random = np.random.default_rng(seed)
    rough = random.normal(0, 1, (12, 20)).astype(np.float32)
    base = 118 + 34 * cv2.resize(rough, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    wall = np.clip(base, 20, 235).astype(np.uint8)
    for _ in range(int(random.integers(5, 11))):
        left, top = int(random.integers(-80, WIDTH - 60)), int(random.integers(-60, HEIGHT - 40))
        width, height = int(random.integers(60, 340)), int(random.integers(50, 260))
        corner = (left + width, top + height)
        cv2.rectangle(wall, (left, top), corner, int(random.integers(20, 240)), -1)
        _DRAWINGS[int(random.integers(len(_DRAWINGS)))](wall, (left, top, width, height), random)
    grain = random.normal(0, 1, (HEIGHT, WIDTH)).astype(np.float32)
    soft = cv2.GaussianBlur(wall, (0, 0), float(random.uniform(0.6, 2.0)))
    return np.clip(soft + 1.5 * grain, 0, 255).astype(np.uint8)


Box = tuple[int, int, int, int]


def _notice(wall: Grey, box: Box, random: np.random.Generator) -> None:
    left, top, width, _ = box
    for line in range(top + 16, top + box[3] - 4, int(random.integers(11, 24))):
        text = "".join(chr(int(random.integers(65, 91))) for _ in range(max(width // 12, 1)))
        size = float(random.uniform(0.3, 0.6))
        cv2.putText(wall, text, (left + 6, line), cv2.FONT_HERSHEY_SIMPLEX, size, 30, 1)


def _tiles(wall: Grey, box: Box, random: np.random.Generator) -> None:
    left, top, width, height = box
    step = int(random.integers(6, 30))
    shade = int(random.integers(10, 245))
    for x in range(left, left + width, step):
        cv2.line(wall, (x, top), (x, top + height), shade, 2)
    for y in range(top, top + height, step):
        cv2.line(wall, (left, y), (left + width, y), shade, 2)


def _leaves(wall: Grey, box: Box, random: np.random.Generator) -> None:
    left, top, width, height = box
    for _ in range(width * height // 160):
        at = (left + int(random.integers(width)), top + int(random.integers(height)))
        axes = (int(random.integers(3, 12)), int(random.integers(2, 5)))
        shade, turn = int(random.integers(25, 190)), int(random.integers(180))
        cv2.ellipse(wall, at, axes, turn, 0, 360, shade, -1)


def _shelf(wall: Grey, box: Box, random: np.random.Generator) -> None:
    left, top, width, height = box
    x = left
    while x < left + width:
        book = int(random.integers(6, 26))
        end = (x + book - 2, top + height)
        cv2.rectangle(wall, (x, top + int(random.integers(20))), end, int(random.integers(240)), -1)
        x += book


_DRAWINGS: Final = (_notice, _notice, _tiles, _leaves, _shelf)


def _as_floats(values: object) -> Floats:
    return np.asarray(values, dtype=np.float32)
