"""How a hand brings a card before the lens and holds it there: poses as a function of time."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scanner.vision.sources.stage import Condition, Scene

ARRIVAL_S: Final = 0.3
"""From the first sight of a card to its place before the lens."""

_EXPOSURE_S: Final = 0.008
_FOCAL: Final = 1.6  # focal length in frame heights: a usual webcam
_REACH: Final = 0.55  # how far aside a card comes from, in frame heights


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a card is. Lengths are in frame heights, angles in radians.

    Attributes:
        x, y: of the card's anchor, from the middle of the frame, right and down.
        scale: 1 at the usual distance.
        yaw, pitch, roll: about the upright, the level and the optical axis.
        blur: how far the anchor moves to the right while the shutter is open.
    """

    x: float
    y: float
    scale: float
    yaw: float
    pitch: float
    roll: float
    blur: float


def arrived(since_s: float) -> float:
    """How much of the way is done after `since_s` seconds: 0 to 1, slowing down at the end."""
    done = min(max(since_s / ARRIVAL_S, 0.0), 1.0)
    return 1.0 - (1.0 - done) ** 2


def pose_at(scene: Scene, since_s: float) -> Pose:
    """The pose of a scene's card `since_s` seconds after it was put on the stage."""
    random = np.random.default_rng(scene.seed)
    rest_x, rest_y = random.uniform(-0.05, 0.05, 2)
    side = random.choice((-1.0, 1.0))
    phases = random.uniform(0.0, math.tau, 6)
    yaw, pitch, roll = random.uniform(-0.10, 0.10, 3)
    if scene.condition is Condition.TILTED:
        yaw += math.copysign(0.45, yaw)
        roll += math.copysign(0.20, roll)

    def tremor(channel: int) -> float:
        slow = math.sin(math.tau * 0.9 * since_s + phases[channel])
        quick = math.sin(math.tau * 2.7 * since_s + 2 * phases[channel])
        return slow + 0.3 * quick

    to_go = 1.0 - arrived(since_s)
    soon_to_go = 1.0 - arrived(since_s + _EXPOSURE_S)
    return Pose(
        x=rest_x + side * _REACH * to_go + 0.006 * tremor(0),
        y=rest_y + 0.5 * _REACH * to_go + 0.006 * tremor(1),
        scale=(0.72 if scene.condition is Condition.FAR else 1.0) * (1.0 + 0.01 * tremor(2)),
        yaw=yaw + 0.015 * tremor(3),
        pitch=pitch + 0.015 * tremor(4),
        roll=roll + 0.010 * tremor(5) + 0.3 * side * to_go,
        blur=side * _REACH * (soon_to_go - to_go),
    )


def project(
    points: NDArray[np.float64], pose: Pose, frame_size: tuple[int, int]
) -> NDArray[np.float32]:
    """Where points of a flat card appear in the frame, through a pinhole camera.

    Args:
        points: `(N, 2)`, right and down from the card's anchor, in frame heights.
        pose: of the card.
        frame_size: `(width, height)` in pixels.

    Returns:
        `(N, 2)` in pixels of the frame.
    """
    width, height = frame_size
    turned = np.column_stack((points * pose.scale, np.zeros(len(points)))) @ _rotation(pose).T
    depth = 1.0 + turned[:, 2] / _FOCAL
    x = (turned[:, 0] / depth + pose.x) * height + width / 2
    y = (turned[:, 1] / depth + pose.y) * height + height / 2
    return np.column_stack((x, y)).astype(np.float32)


def _rotation(pose: Pose) -> NDArray[np.float64]:
    yaw_c, yaw_s = math.cos(pose.yaw), math.sin(pose.yaw)
    pitch_c, pitch_s = math.cos(pose.pitch), math.sin(pose.pitch)
    roll_c, roll_s = math.cos(pose.roll), math.sin(pose.roll)
    about_upright = np.array([[yaw_c, 0, yaw_s], [0, 1, 0], [-yaw_s, 0, yaw_c]])
    about_level = np.array([[1, 0, 0], [0, pitch_c, -pitch_s], [0, pitch_s, pitch_c]])
    about_optical = np.array([[roll_c, -roll_s, 0], [roll_s, roll_c, 0], [0, 0, 1]])
    return np.asarray(about_upright @ about_level @ about_optical, dtype=np.float64)
