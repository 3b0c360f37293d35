"""Other people's photos, where the shared data are at hand."""

import os
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from scanner.domain.errors import CameraError
from scanner.vision.frames import Grey
from scanner.vision.sources.files import IMAGE_SUFFIXES, read_image
from tests.bench.vision.contestants import contestants

DATA = Path(os.environ.get("CHECKPOINT_DATA", Path(__file__).parents[4] / "shared" / "data"))
PHOTOS = DATA / "photos"
CODES = ("zxing-qrcode-1", "zxing-qrcode-2", "zxing-qrcode-3")
NO_CODES = "falsepositives-1"


def photos_read() -> dict[str, tuple[int, int, int]] | None:
    """By contestant: codes read exactly, codes there are, texts read where nothing is."""
    if not PHOTOS.is_dir():
        return None
    with_code = [photo for folder in CODES for photo in _photos(folder)]
    without = list(_photos(NO_CODES))
    result = {}
    for name, read in contestants().items():
        hits = sum(_expected(path) in read(grey) for path, grey in with_code)
        result[name] = (hits, len(with_code), sum(len(read(grey)) for _, grey in without))
    return result


def empty_photos() -> list[Grey]:
    """The pictures without a code, fitted into 1280x720."""
    if not PHOTOS.is_dir():
        return []
    frames = []
    for _, grey in _photos(NO_CODES):
        if min(grey.shape) > 100:
            scale = min(1280 / grey.shape[1], 720 / grey.shape[0])
            fitted = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            frame = np.full((720, 1280), 128, np.uint8)
            frame[: fitted.shape[0], : fitted.shape[1]] = fitted
            frames.append(frame)
    return frames


def _photos(folder: str) -> Iterator[tuple[Path, Grey]]:
    for path in sorted((PHOTOS / folder).iterdir()):
        if path.suffix.lower() in IMAGE_SUFFIXES:
            try:
                yield path, read_image(path)
            except CameraError:
                continue  # one of the set is no image


def _expected(photo: Path) -> str:
    data = photo.with_suffix(".txt").read_bytes()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")
