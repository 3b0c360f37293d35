"""The small picture that the guard's screen shows for aiming."""

import cv2
import numpy as np

from scanner.vision.frames import Grey, Point


def make_preview(grey: Grey, max_width: int = 480, max_height: int = 360) -> Grey:
    """The frame at its own proportions within the given size, `(H, W) uint8`; never enlarged."""
    height, width = grey.shape
    scale = min(max_width / width, max_height / height, 1.0)
    size = (max(int(width * scale), 1), max(int(height * scale), 1))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def scale_corners(corners: tuple[Point, ...], grey: Grey, preview: Grey) -> tuple[Point, ...]:
    """Points of a frame as points of its preview."""
    x_scale = preview.shape[1] / grey.shape[1]
    y_scale = preview.shape[0] / grey.shape[0]
    return tuple((x * x_scale, y * y_scale) for x, y in corners)
