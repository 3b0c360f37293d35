"""A camera on the network: RTSP, or Motion JPEG over HTTP, decoded by OpenCV's FFmpeg."""

import os
import threading
import time
from typing import Final
from urllib.parse import urlsplit

import cv2

from scanner.domain.errors import CameraError
from scanner.vision.frames import MAX_PIXELS, DamagedFrameError, Frame, FrameSource
from scanner.vision.sources.pixels import grey_from

SCHEMES: Final = ("rtsp", "rtsps", "http", "https")
OPEN_TIMEOUT_MS: Final = 4_000
READ_TIMEOUT_MS: Final = 2_000

_OPTIONS_KEY: Final = "OPENCV_FFMPEG_CAPTURE_OPTIONS"
_OPTIONS: Final = "|".join(
    (
        "rtsp_transport;tcp",  # over UDP a lost packet is half a picture
        "fflags;nobuffer",  # the newest frame, not a smooth film
        "analyzeduration;500000",  # microseconds; 5 s of looking at the stream without it
        # A playlist that a camera serves must not make FFmpeg read this machine's files.
        "protocol_whitelist;tcp,udp,rtp,rtsp,rtsps,tls,http,https,crypto",
    )
)
_LOG_KEY: Final = "OPENCV_FFMPEG_LOGLEVEL"
_QUIET: Final = "-8"  # FFmpeg writes addresses to stderr, past every filter of ours
_OPENING: Final = threading.Lock()


def shown_address(url: str) -> str:
    """Scheme and host of an address: user, password, path and query can be secrets.

    Raises:
        CameraError: it is no address, or of a scheme that is not read.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in SCHEMES or not host:
        raise CameraError(
            "The camera's address cannot be read.",
            "Give rtsp://USER:PASSWORD@HOST/PATH as the camera's manual has it, or http://...; "
            "special letters in a password are written as %40 for @, %2F for /.",
        )
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port else "")


class NetworkSource(FrameSource):
    """A stream of a network camera; neither its name nor an error tells more than its host."""

    def __init__(self, url: str) -> None:
        """Connect, within `OPEN_TIMEOUT_MS`.

        Raises:
            CameraError: the address is wrong, nobody answers, or it is no picture stream.
        """
        self._name = shown_address(url)
        self._lock = threading.Lock()
        self._number = 0
        self._capture = _connect(url)
        if not self._capture.isOpened():
            raise CameraError(
                f"The camera at {self._name} delivers no pictures.",
                "Check network, user, password and path; ffplay shows whether the address works.",
            )
        width = self._capture.get(cv2.CAP_PROP_FRAME_WIDTH)
        height = self._capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
        if width * height > MAX_PIXELS:
            self._capture.release()
            raise CameraError(
                f"The camera at {self._name} sends {width:.0f}x{height:.0f} pixels.",
                "Use its second, smaller stream.",
            )

    @property
    def name(self) -> str:
        """Scheme and host, without user and password."""
        return self._name

    def read(self) -> Frame | None:
        """Wait for the next frame, `READ_TIMEOUT_MS` at most.

        Raises:
            DamagedFrameError: the picture is of an unknown layout.
            CameraError: nothing has come, or the stream has ended.
        """
        with self._lock:
            delivered, image = self._capture.read()
        if not delivered:
            raise CameraError(
                f"The camera at {self._name} has stopped sending.",
                "It is called again; check the network if this stays.",
            )
        grey = grey_from(image)
        if grey is None:
            raise DamagedFrameError(f"The camera at {self._name} sent a damaged picture.")
        frame = Frame(grey, time.monotonic(), self._number)
        self._number += 1
        return frame

    def close(self) -> None:
        """Hang up, after the frame that is being waited for."""
        with self._lock:
            self._capture.release()


def _connect(url: str) -> cv2.VideoCapture:
    """FFmpeg's options go through the environment; an operator's own ones are left in force."""
    limits = [
        *(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, OPEN_TIMEOUT_MS),
        *(cv2.CAP_PROP_READ_TIMEOUT_MSEC, READ_TIMEOUT_MS),
        *(cv2.CAP_PROP_N_THREADS, 1),  # each further thread holds one more frame back
    ]
    os.environ.setdefault(_LOG_KEY, _QUIET)
    with _OPENING:
        own = os.environ.get(_OPTIONS_KEY)
        os.environ[_OPTIONS_KEY] = own or _OPTIONS
        try:
            return cv2.VideoCapture(url, cv2.CAP_FFMPEG, limits)
        finally:
            if own is None:
                del os.environ[_OPTIONS_KEY]
