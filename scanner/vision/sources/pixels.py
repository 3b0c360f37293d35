"""From the pixel layouts that a camera delivers to grey."""

from typing import Final

import cv2
import numpy as np

from scanner.vision.frames import Grey

_JPEG_START: Final = b"\xff\xd8"


def grey_from(image: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> Grey | None:
    """Grey, `(H, W) uint8`, contiguous; None for a damaged or unknown picture.

    Args:
        image: as OpenCV hands a captured frame out, always `uint8`: `(H, W)` grey, `(H, W, 2)`
            YUYV (its first plane is luminance), `(H, W, 3)` BGR, or one row or column that holds a
            JPEG file.
    """
    if image.dtype != np.uint8 or not image.size:
        return None
    pixels = np.ascontiguousarray(image, dtype=np.uint8)
    if 1 in pixels.shape[:2]:
        return _from_jpeg(pixels.ravel())
    match pixels.shape:
        case (_, _):
            return pixels
        case (_, _, 1 | 2):
            return np.ascontiguousarray(pixels[:, :, 0])
        case (_, _, 3):
            return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    return None


def _from_jpeg(data: Grey) -> Grey | None:
    if data[:2].tobytes() != _JPEG_START:
        return None
    decoded = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)
    return None if decoded is None else np.asarray(decoded, dtype=np.uint8)
