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
from scanner.log import EventLog
from scanner.vision.frames import DamagedFrameError, Frame, FrameSource
from scanner.vision.sources.pixels import grey_from
from scanner.vision.sources.v4l2_controls import set_controls
from scanner.vision.sources.v4l2_devices import opened
from scanner.vision.sources.v4l2_exposure import open_dial
from scanner.vision.wishes import CameraWishes, ControlReport, ExposureDial

USB2_BYTES_PER_S: Final = 24_000_000
"""What one USB 2.0 isochronous endpoint carries at most (USB 2.0, 5.6.4: 3 x 1024 bytes each
125 microseconds)."""
_SILENCE_S: Final = 2
_SILENCE_KEY: Final = "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT"
_log = EventLog(__name__)


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
    """Set a capture's mode, undecoded pictures, and read back what it really is.

    Drivers answer with the nearest mode they have; that is no error. Two buffers: a driver fills
    one while the other is looked at; with a single one, many drop every second frame.
    """
    capture.set(cv2.CAP_PROP_FOURCC, int.from_bytes(mode.fourcc.encode("ascii"), "little"))
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, mode.width)
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, mode.height)
    capture.set(cv2.CAP_PROP_FPS, mode.fps)
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 2)
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


def compare_modes(wanted: CaptureMode, actual: CaptureMode) -> tuple[ControlReport, ...]:
    """What was asked of the capture mode, and what it is."""
    asked, got = (f"{mode.width}x{mode.height}" for mode in (wanted, actual))
    return (
        ControlReport("picture", asked, got, granted=asked == got),
        ControlReport(
            "pixels", wanted.fourcc, actual.fourcc or "unknown", wanted.fourcc == actual.fourcc
        ),
        ControlReport(
            "frame rate",
            f"{wanted.fps:g}/s",
            f"{actual.fps:g}/s" if actual.fps else "unknown",
            granted=abs(actual.fps - wanted.fps) < 1,
        ),
    )


class CameraSource(FrameSource):
    """A V4L2 camera; `mode` tells what it really delivers."""

    def __init__(self, device: str, wishes: CameraWishes) -> None:
        """Open the camera and set its controls; what it refuses is logged and no failure.

        Args:
            device: path of the device, such as `/dev/video0`.
            wishes: what is asked of it.

        Raises:
            CameraError: no such device, no permission, no camera, or in use.
        """
        check_device(Path(device))
        # OpenCV waits 10 s for a frame unless it finds this when it waits for the first time.
        os.environ.setdefault(_SILENCE_KEY, str(_SILENCE_S))
        self._name = device
        self._lock = threading.Lock()
        self._number = 0
        self._shape: tuple[int, ...] | None = None
        self._capture = cv2.VideoCapture(device, cv2.CAP_V4L2)
        if not self._capture.isOpened():
            raise CameraError(
                f"The camera {device} is there but delivers no pictures.",
                f"Another program may hold it (fuser {device} names it), or it is the camera's "
                f"second node, which carries data only. {_cameras_found()}",
            )
        wanted = wanted_mode(wishes.width, wishes.height, wishes.fps)
        self.mode = ask_for(self._capture, wanted)
        self._dial, set_ = _set_controls(device, wishes)
        self._controls = compare_modes(wanted, self.mode) + set_
        for control in self._controls:
            if not control.granted:
                _log.warning(
                    "camera_control", name=control.name, asked=control.asked, got=control.got
                )

    @property
    def name(self) -> str:
        """The device's path."""
        return self._name

    @property
    def controls(self) -> tuple[ControlReport, ...]:
        """Mode and controls, asked and read back."""
        return self._controls

    @property
    def dial(self) -> ExposureDial | None:
        """Its exposure bias, or its exposure time; None where neither can be steered."""
        return self._dial

    def read(self) -> Frame | None:
        """Wait for the next frame.

        Raises:
            DamagedFrameError: cut off, of an unknown layout, or not of the first frame's size.
            CameraError: the camera has stopped delivering, or was closed.
        """
        with self._lock:
            delivered, image = self._capture.read()
        if not delivered:
            raise CameraError(
                f"The camera {self._name} has stopped delivering pictures.",
                "It is tried again; check its cable if this stays.",
            )
        grey = grey_from(image)
        if grey is None or grey.shape != (self._shape or grey.shape):
            raise DamagedFrameError(
                f"The camera {self._name} delivered a damaged picture.",
                "Try another USB port or a shorter cable if there are many.",
            )
        self._shape = grey.shape
        frame = Frame(grey, time.monotonic(), self._number)
        self._number += 1
        return frame

    def close(self) -> None:
        """Give the device back, after the frame that is being waited for."""
        with self._lock:
            self._capture.release()


def _set_controls(
    device: str, wishes: CameraWishes
) -> tuple[ExposureDial | None, tuple[ControlReport, ...]]:
    """Through a second handle on the device, which V4L2 allows beside the one that captures."""
    try:
        with opened(Path(device)) as ioctl:
            reports = set_controls(ioctl, wishes)
        dial, report = open_dial(lambda: opened(Path(device)), wishes)
    except OSError:
        closed = ControlReport("controls", "the settings'", "a device that is not let in", False)
        return None, (closed,)
    return dial, (*reports, report)


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
