"""From the pixel layouts that a camera delivers to grey."""

import io
from typing import Final

import cv2
import numpy as np
from PIL import Image

from scanner.vision.frames import MAX_PIXELS, Grey

_JPEG_START: Final = b"\xff\xd8"
_JPEG_END: Final = b"\xff\xd9"


def grey_from(image: np.ndarray[tuple[int, ...], np.dtype[np.generic]] | None) -> Grey | None:
    """Grey, `(H, W) uint8`, contiguous; None for a damaged or unknown picture.

    Args:
        image: as OpenCV hands a captured frame out, always `uint8`: `(H, W)` grey, `(H, W, 2)`
            YUYV (its first plane is luminance), `(H, W, 3)` BGR, or one row or column that holds a
            JPEG file. None stands for a picture that the driver could not hand out.
    """
    if image is None or image.dtype != np.uint8 or not image.size:
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


def luminance_plane(planar: Grey, width: int, height: int) -> Grey | None:
    """The grey picture in a planar YUV 4:2:0 one (YUV420, NV12); None when it is too small.

    Args:
        planar: `(H * 3 / 2, stride) uint8`; rows can be longer than the picture is wide.
        width: of the picture, in pixels.
        height: likewise.
    """
    if planar.ndim != 2 or planar.dtype != np.uint8:
        return None
    plane = planar[:height, :width]
    return np.ascontiguousarray(plane) if plane.shape == (height, width) else None


def _from_jpeg(data: Grey) -> Grey | None:
    """Decoders fill the missing part of a picture that was cut off with grey; here it is damaged.

    The size is taken from the header and refused before anything is unpacked.
    """
    raw = data.tobytes()
    if not raw.startswith(_JPEG_START) or raw.rfind(_JPEG_END) < 0:
        return None
    try:
        with Image.open(io.BytesIO(raw), formats=("JPEG",)) as image:
            width, height = image.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    if width * height > MAX_PIXELS:
        return None
    decoded = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)
    return None if decoded is None else np.asarray(decoded, dtype=np.uint8)
