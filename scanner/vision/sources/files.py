"""Frames from image and video files."""

import io
import math
import threading
import time
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from scanner.domain.errors import CameraError
from scanner.log import EventLog
from scanner.vision.frames import MAX_PIXELS, Frame, FrameSource, Grey
from scanner.vision.sources.pacing import Pacer

IMAGE_SUFFIXES: Final = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif"})
VIDEO_SUFFIXES: Final = frozenset({".avi", ".mp4", ".mkv", ".mov", ".webm", ".m4v"})
MAX_BYTES: Final = 64 << 20

_FORMATS: Final = ("PNG", "JPEG", "WEBP", "BMP", "GIF")
_READABLE: Final = "PNG, JPEG, WebP, BMP and GIF are read."
_log = EventLog(__name__)
_USUAL_FPS: Final = 25.0
_HIGHEST_FPS: Final = 240.0


def read_image(path: Path) -> Grey:
    """One image file as `(H, W) uint8`.

    Raises:
        CameraError: the file cannot be read, is no image or is too large.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise CameraError(
            f"The image {path} cannot be read: {error.strerror}.", "Check the name and its rights."
        ) from error
    return decode_image(data, path.name)


def decode_image(data: bytes, name: str) -> Grey:
    """The bytes of an image file as `(H, W) uint8`; what is transparent becomes white.

    The size is taken from the header and refused before anything is unpacked.

    Args:
        data: PNG, JPEG, WebP, BMP or GIF (of that the first picture).
        name: what to call it in an error.

    Raises:
        CameraError: over `MAX_BYTES` or `MAX_PIXELS`, of another kind, or damaged.
    """
    too_large = CameraError(
        f"{name} has more than {MAX_BYTES >> 20} MB or {MAX_PIXELS:,} pixels.",
        "Save the picture at a smaller size.",
    )
    if len(data) > MAX_BYTES:
        raise too_large
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise too_large
            return _to_grey(image)
    except UnidentifiedImageError as error:
        raise CameraError(f"{name} is no image.", _READABLE) from error
    except Image.DecompressionBombError as error:
        raise too_large from error
    except (OSError, ValueError, SyntaxError) as error:
        raise CameraError(f"The image {name} is damaged.", "Save it again.") from error


def _to_grey(image: Image.Image) -> Grey:
    if image.has_transparency_data:
        paper = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(paper, image.convert("RGBA"))
    return np.asarray(image.convert("L"), dtype=np.uint8)


class ImageFilesSource(FrameSource):
    """One image, or all images of a folder in the order of their names; then the end.

    In a folder, images that cannot be read are logged and passed over.
    """

    def __init__(self, path: Path, *, fps: float | None = None) -> None:
        """Look the images up; none is opened yet.

        Args:
            path: an image file or a folder with some.
            fps: how many to deliver a second; None for as fast as they are asked for.

        Raises:
            CameraError: a folder without images.
        """
        self._path = path
        self._images = iter(_image_paths(path))
        self._number = 0
        self._pacer = Pacer(fps)

    @property
    def name(self) -> str:
        """The file's or the folder's name."""
        return self._path.name

    def read(self) -> Frame | None:
        """The next image as a frame.

        Raises:
            CameraError: the one image, or every image of the folder, cannot be read.
        """
        if not self._pacer.wait():
            return None
        failure: CameraError | None = None
        for path in self._images:
            try:
                grey = read_image(path)
            except CameraError as error:
                failure = error
                _log.warning("image_passed_over", file=path.name)
                continue
            frame = Frame(grey, time.monotonic(), self._number)
            self._number += 1
            return frame
        if failure is not None and not self._number:
            raise failure
        return None

    def close(self) -> None:
        """Deliver nothing more."""
        self._pacer.close()


def _image_paths(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    paths = sorted(entry for entry in path.iterdir() if entry.suffix.lower() in IMAGE_SUFFIXES)
    if not paths:
        raise CameraError(
            f"The folder {path} holds no images.",
            f"Images end in {', '.join(sorted(IMAGE_SUFFIXES))}.",
        )
    return paths


class VideoFileSource(FrameSource):
    """A video file from its first frame to its last."""

    def __init__(self, path: Path, *, paced: bool = True) -> None:
        """Open the file.

        Args:
            path: a video file that OpenCV's FFmpeg can play.
            paced: at the file's own frame rate; otherwise as fast as frames are asked for.

        Raises:
            CameraError: the file is missing, no video, or its picture is too large.
        """
        if not path.is_file():
            raise CameraError(f"There is no video file {path}.", "Check the name.")
        self._name = path.name
        self._lock = threading.Lock()
        self._number = 0
        self._capture = cv2.VideoCapture(str(path.resolve()), cv2.CAP_FFMPEG)
        if not self._capture.isOpened():
            raise CameraError(
                f"{path} is not a video that can be played.",
                f"Videos end in {', '.join(sorted(VIDEO_SUFFIXES))}.",
            )
        width = self._capture.get(cv2.CAP_PROP_FRAME_WIDTH)
        height = self._capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
        if width * height > MAX_PIXELS:
            self._capture.release()
            raise CameraError(
                f"{path} has {width:.0f}x{height:.0f} pixels; at most {MAX_PIXELS:,} are played.",
                "Convert it to a smaller size.",
            )
        self._pacer = Pacer(playing_speed(self._capture.get(cv2.CAP_PROP_FPS)) if paced else None)

    @property
    def name(self) -> str:
        """The file's name."""
        return self._name

    def read(self) -> Frame | None:
        """The next frame; a damaged rest of the file counts as its end."""
        if not self._pacer.wait():
            return None
        with self._lock:
            delivered, image = self._capture.read()
        if not delivered:
            return None
        grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        frame = Frame(np.asarray(grey, dtype=np.uint8), time.monotonic(), self._number)
        self._number += 1
        return frame

    def close(self) -> None:
        """Close the file."""
        self._pacer.close()
        with self._lock:
            self._capture.release()


def playing_speed(stated_fps: float) -> float:
    """Frames a second as the file states them, or 25 where it states nothing believable."""
    believable = math.isfinite(stated_fps) and 0 < stated_fps <= _HIGHEST_FPS
    return stated_fps if believable else _USUAL_FPS
