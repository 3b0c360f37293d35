"""Eight frames of a code in a moving hand: tremor, drift, and a focus that hunts."""

import math

import numpy as np

from tests.bench.vision.scenes import Pose

FRAMES = 8
FRAME_S = 1 / 15


def poses(seed: int) -> list[Pose]:
    """One pose for each frame: smooth in time, other waves for another seed.

    Over half a second the code wanders up to some 20 pixels, turns by 2 degrees, nods by 4 and
    changes its size by 2 in a hundred, and the focus adds a blur of up to 0.45 pixels.
    """
    random = np.random.default_rng(seed)
    phases, speeds_hz = random.uniform(0, 2 * math.pi, 6), random.uniform(0.5, 2.2, 6)
    drift = random.uniform(-25, 25, 2)
    sequence = []
    for number in range(FRAMES):
        time_s = number * FRAME_S
        x, y, turn, scale, nod, focus = np.sin(2 * math.pi * speeds_hz * time_s + phases)
        sequence.append(
            Pose(
                x=float(drift[0] * time_s + 6 * x),
                y=float(drift[1] * time_s + 6 * y),
                turn_deg=2 * float(turn),
                scale=1 + 0.02 * float(scale),
                tilt_deg=4 * float(nod),
                blur=0.225 * (1 + float(focus)),
            )
        )
    return sequence
