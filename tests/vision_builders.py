"""Codes, frames, files and sources for the tests of the gate's eyes."""

import string
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import zxingcpp

from scanner.domain.errors import CameraError
from scanner.vision.frames import Frame, FrameSource, Grey, Point, QrText

ALPHANUMERIC = string.digits + string.ascii_uppercase + " $%*+-./:"


def a_text(length: int, seed: int = 0) -> str:
    """Text as Base45 makes it, so that the QR code is as dense as a real pass."""
    random = np.random.default_rng(seed)
    return "".join(ALPHANUMERIC[index] for index in random.integers(0, 45, length))


def a_picture(content: str | bytes, px_per_module: int = 4, **options: str) -> Grey:
    """A QR code, sharp and upright, with its quiet zone."""
    barcode = zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.QRCode, **options)
    return np.array(barcode.to_image(scale=px_per_module), dtype=np.uint8)


def a_frame_with(picture: Grey, left: int, top: int, size: tuple[int, int] = (1280, 720)) -> Grey:
    """A middling grey frame, (width, height), with a picture put somewhere."""
    frame = np.full(size[::-1], 128, np.uint8)
    height, width = picture.shape
    frame[top : top + height, left : left + width] = picture
    return frame


def a_code(left: float, top: float, side: float, text: str = "CODE") -> QrText:
    corners: tuple[Point, Point, Point, Point] = (
        (left, top),
        (left + side, top),
        (left + side, top + side),
        (left, top + side),
    )
    return QrText(text, corners, side / 29)


def an_image_file(path: Path, grey: Grey) -> Path:
    assert cv2.imwrite(str(path), grey)
    return path


def a_video_file(path: Path, frames: Sequence[Grey], fps: float = 15.0) -> Path:
    """Motion JPEG in AVI, as a USB camera delivers it."""
    height, width = frames[0].shape
    fourcc = int.from_bytes(b"MJPG", "little")
    writer = cv2.VideoWriter(str(path), fourcc, fps, (width, height), False)
    assert writer.isOpened()
    for grey in frames:
        writer.write(grey)
    writer.release()
    return path


class ScriptedSource(FrameSource):
    """Delivers what a script says: a picture, a failure, or the end (None or nothing left)."""

    def __init__(self, script: Sequence[Grey | Exception | None], period_s: float = 0.0) -> None:
        self._script = list(script)
        self._period_s = period_s
        self._number = 0
        self.closed = False

    @property
    def name(self) -> str:
        return "scripted"

    def read(self) -> Frame | None:
        time.sleep(self._period_s)
        if self.closed or not self._script:
            return None
        step = self._script.pop(0)
        if isinstance(step, Exception):
            raise step
        if step is None:
            return None
        self._number += 1
        return Frame(step, time.monotonic(), self._number - 1)

    def close(self) -> None:
        self.closed = True


def unplugged() -> CameraError:
    return CameraError("The camera was unplugged.", "Plug it in.")


SMALL_CODE = (500, 200)
"""Left and top of `a_small_code`, its quiet zone included."""


def a_small_code(
    px_per_module: float, *, blur: float = 0.0, motion: int = 0, noise: float = 2.0, seed: int = 0
) -> tuple[str, Grey]:
    """The text of a dense code, and a frame that shows it small.

    `blur` is a standard deviation in pixels, `motion` a way along x in pixels during the exposure,
    `noise` in grey levels; the same seed gives the same frame.
    """
    text = a_text(480, seed)
    large = a_picture(text, px_per_module=12, ec_level="M")
    share = px_per_module / 12
    small = cv2.resize(large, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    frame = a_frame_with(np.asarray(small, dtype=np.uint8), *SMALL_CODE)
    seen = frame.astype(np.float32) * 0.8 + 20
    if blur:
        seen = np.asarray(cv2.GaussianBlur(seen, (0, 0), blur), dtype=np.float32)
    if motion:
        seen = np.asarray(cv2.blur(seen, (motion, 1)), dtype=np.float32)
    return text, with_noise(np.clip(seen, 0, 255).astype(np.uint8), noise, seed)


def with_noise(grey: Grey, sigma: float, seed: int) -> Grey:
    noise = np.random.default_rng(seed).standard_normal(grey.shape) * sigma
    return np.clip(grey + noise, 0, 255).astype(np.uint8)


def shaken(grey: Grey, seed: int) -> Grey:
    """A frame as a hand's trembling moves it: some pixels, a degree, a hundredth in size."""
    random = np.random.default_rng(seed)
    turn, scale = float(random.uniform(-1.5, 1.5)), 1 + float(random.uniform(-0.01, 0.01))
    matrix = cv2.getRotationMatrix2D((600, 300), turn, scale)
    matrix = matrix + np.array([[0, 0, 1]]) * random.uniform(-5, 5, (2, 1))
    size = (grey.shape[1], grey.shape[0])
    moved = cv2.warpAffine(grey, matrix, size, flags=cv2.INTER_CUBIC, borderValue=122)
    return np.asarray(moved, dtype=np.uint8)
