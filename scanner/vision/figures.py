"""What a picture is worth to a reader, in three figures that a person can turn screws by."""

import math
from typing import Final

import cv2
import numpy as np

from scanner.vision.frames import Grey

_NOISE_MASK: Final = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], dtype=np.float32)
_NOISE_GAIN: Final = 6.0  # the root of the mask's summed squares
_MEDIAN_TO_SIGMA: Final = 0.6745  # of the absolute values of a normal distribution


def brightness(grey: Grey) -> float:
    """Mean grey level of `(H, W) uint8`, 0 to 255."""
    return float(grey.mean())


def focus(grey: Grey) -> float:
    """How fine the detail of `(H, W) uint8` is, from 0; only differences at one scene mean much.

    The spread of the Laplacian over that of the picture, in per cent: more light or contrast does
    not change it, a sharper lens does. Noise is smoothed away first.
    """
    smooth = cv2.GaussianBlur(grey, (0, 0), 1.0)
    contrast = float(smooth.std())
    if contrast < 1.0:
        return 0.0
    return 100.0 * float(cv2.Laplacian(smooth, cv2.CV_32F).std()) / contrast


def noise(grey: Grey) -> float:
    """Standard deviation of the noise in `(H, W) uint8`, in grey levels.

    The mask of J. Immerkaer (Fast Noise Variance Estimation, 1996) is blind to flat and evenly
    sloping areas; the median is blind to the edges that are left.
    """
    if min(grey.shape) < 3:
        return 0.0
    response = np.abs(cv2.filter2D(grey, cv2.CV_32F, _NOISE_MASK)[1:-1, 1:-1])
    level = float(np.median(response))
    return level / (_NOISE_GAIN * _MEDIAN_TO_SIGMA) if math.isfinite(level) else 0.0
