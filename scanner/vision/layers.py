"""Several pictures of one place laid over one another: noise averages out, the code stays."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.vision.frames import Grey

LEAST_LAYERS: Final = 3
MAX_SIDE: Final = 400
"""Larger pictures have large modules, and aligning them would take too long."""

_LEAST_LIKENESS: Final = 0.3  # correlation after aligning; other pictures are left out
_STEPS: Final = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 20, 1e-3)
_COARSE, _FINE = 15, 3  # sides of the Gaussian windows that the alignment looks through

Matrix = NDArray[np.float32]


def laid_over(pictures: tuple[Grey, ...]) -> Grey | None:
    """The mean of those pictures that can be aligned with the last one.

    Each is shifted, turned, scaled and sheared onto the last picture by maximising their
    correlation (Evangelidis and Psarakis, 2008), first roughly, then to a fraction of a pixel.

    Args:
        pictures: `(H, W) uint8` each, of about the same place and scale; sizes may differ.

    Returns:
        `(H, W) uint8` as the last picture; None when fewer than `LEAST_LAYERS` go together.
    """
    if len(pictures) < LEAST_LAYERS or max(pictures[-1].shape) > MAX_SIDE:
        return None
    *others, last = pictures
    height, width = last.shape
    total = last.astype(np.float32)
    layers = 1
    for picture in others:
        matrix = _aligning(picture, last)
        if matrix is not None:
            total += cv2.warpAffine(
                picture,
                matrix,
                (width, height),
                flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REPLICATE,
            )
            layers += 1
    if layers < LEAST_LAYERS:
        return None
    return np.clip(np.rint(total / layers), 0, 255).astype(np.uint8)


def _aligning(picture: Grey, onto: Grey) -> Matrix | None:
    """The affine map from `onto`'s points to those of `picture`; None when they do not match."""
    x, y = _shift(picture, onto)
    everywhere = np.full_like(picture, 255)
    matrix = np.array([[1, 0, x], [0, 1, y]], dtype=np.float32)
    try:
        for window in (_COARSE, _FINE):
            likeness, found = cv2.findTransformECC(
                onto, picture, matrix, cv2.MOTION_AFFINE, _STEPS, everywhere, window
            )
            matrix = np.asarray(found, dtype=np.float32)
    except cv2.error:
        return None  # it did not converge: another picture
    return matrix if likeness >= _LEAST_LIKENESS else None


def _shift(picture: Grey, onto: Grey) -> tuple[float, float]:
    """How far the content of `picture` lies from that of `onto`, by phase correlation."""
    height, width = onto.shape
    same_size = np.full((height, width), float(np.mean(picture)), dtype=np.float32)
    rows, columns = min(height, picture.shape[0]), min(width, picture.shape[1])
    same_size[:rows, :columns] = picture[:rows, :columns]
    window = cv2.createHanningWindow((width, height), cv2.CV_32F)
    (x, y), _ = cv2.phaseCorrelate(onto.astype(np.float32), same_size, window)
    return x, y
