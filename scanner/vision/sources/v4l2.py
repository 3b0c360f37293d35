"""A camera on Linux (V4L2): USB webcams and the Pi's camera behind libcamera's V4L2 wrapper."""

import os
import stat
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2

from scanner.domain.errors import CameraError
from scanner.vision.frames import Frame, FrameSource
from scanner.vision.sources.pixels import grey_from

USB2_BYTES_PER_S: Final = 24_000_000
"""What one USB 2.0 isochronous endpoint carries at most (USB 2.0, 5.6.4: 3 x 1024 bytes each
125 microseconds)."""
MAX_BAD_FRAMES: Final = 10
"""So many damaged frames in a row are a fault of the camera or its cable."""


@dataclass(frozen=True, slots=True)
class CaptureMode:
    """What a camera was asked for, or what it says that it does.

    Attributes:
        fourcc: the pixel format, such as `MJPG` or `YUYV`; empty when the driver names none.
        width, height: of the picture, in pixels.
        fps: frames a second; 0 when the driver does not say.
    """

    fourcc: str
    width: int
    height: int
    fps: float


def wanted_mode(width: int, height: int, fps: int) -> CaptureMode:
    """Raw YUYV, whose grey plane comes for nothing, where USB 2.0 carries it; else Motion JPEG."""
    raw_fits = width * height * 2 * fps <= USB2_BYTES_PER_S
    return CaptureMode("YUYV" if raw_fits else "MJPG", width, height, fps)


def ask_for(capture: cv2.VideoCapture, mode: CaptureMode) -> CaptureMode:
    """Set a capture's mode, newest frame only and undecoded, and read back what it really is.

    Drivers answer with the nearest mode they have; that is no error.
    """
    capture.set(cv2.CAP_PROP_FOURCC, int.from_bytes(mode.fourcc.encode("ascii"), "little"))
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, mode.width)
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, mode.height)
    capture.set(cv2.CAP_PROP_FPS, mode.fps)
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    actual = read_back(capture)
    if actual.fourcc in {"YUYV", "MJPG"}:
        capture.set(cv2.CAP_PROP_CONVERT_RGB, 0)
    return actual


def read_back(capture: cv2.VideoCapture) -> CaptureMode:
    """The mode that a capture says it is in."""
    code = max(int(capture.get(cv2.CAP_PROP_FOURCC)), 0)
    letters = code.to_bytes(8, "little")[:4].decode("latin-1")
    return CaptureMode(
        letters.strip("\0 ") if letters.strip("\0 ").isalnum() else "",
        max(int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), 0),
        max(int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)), 0),
        max(capture.get(cv2.CAP_PROP_FPS), 0.0),
    )


class CameraSource(FrameSource):
    """A V4L2 camera; `mode` tells what it really delivers."""

    def __init__(self, device: str, *, width: int, height: int, fps: int) -> None:
        """Open the camera.

        Args:
            device: path of the device, such as `/dev/video0`.
            width: asked for, in pixels.
            height: likewise.
            fps: asked for, frames a second.

        Raises:
            CameraError: no such device, no permission, no camera, or in use.
        """
        check_device(Path(device))
        self._name = device
        self._lock = threading.Lock()
        self._number = 0
        self._capture = cv2.VideoCapture(device, cv2.CAP_V4L2)
        if not self._capture.isOpened():
            raise CameraError(
                f"The camera {device} is there but delivers no pictures.",
                f"Another program may hold it (fuser {device} names it), or it is the camera's "
                f"second node, which carries data only. {_cameras_found()}",
            )
        self.mode = ask_for(self._capture, wanted_mode(width, height, fps))

    @property
    def name(self) -> str:
        """The device's path."""
        return self._name

    def read(self) -> Frame | None:
        """Wait for the next frame; up to `MAX_BAD_FRAMES` damaged ones are passed over.

        Raises:
            CameraError: the camera has stopped delivering, or was closed.
        """
        for _ in range(MAX_BAD_FRAMES):
            with self._lock:
                delivered, image = self._capture.read()
            if not delivered:
                raise CameraError(
                    f"The camera {self._name} has stopped delivering pictures.",
                    "It is tried again; check its cable if this stays.",
                )
            grey = grey_from(image)
            if grey is not None:
                frame = Frame(grey, time.monotonic(), self._number)
                self._number += 1
                return frame
        raise CameraError(
            f"The camera {self._name} delivered {MAX_BAD_FRAMES} damaged pictures in a row.",
            "Try another USB port or a shorter cable.",
        )

    def close(self) -> None:
        """Give the device back, after the frame that is being waited for."""
        with self._lock:
            self._capture.release()


def check_device(path: Path) -> None:
    """Raise CameraError with the reason why `path` cannot be a camera, before opening it."""
    try:
        is_device = stat.S_ISCHR(path.stat().st_mode)
    except OSError:
        raise CameraError(
            f"There is no camera {path}.", f"Check its plug and cable. {_cameras_found()}"
        ) from None
    if not is_device or not path.resolve().name.startswith("video"):
        raise CameraError(
            f"{path} is no camera: a V4L2 device such as /dev/video0 was expected.",
            _cameras_found(),
        )
    if not os.access(path, os.R_OK | os.W_OK):
        raise CameraError(
            f"This user may not use the camera {path}.",
            "Add the user to the group `video` and start the service again.",
        )


def _cameras_found() -> str:
    found = sorted(str(path) for path in Path("/dev").glob("video*"))
    return f"Found: {', '.join(found)}." if found else "No camera was found on this machine."
