"""A Raspberry Pi's ribbon camera (CSI) through picamera2, which only Raspberry Pi OS brings along.

No line here is executed where picamera2 is missing, except by tests that play the camera.
"""

import threading
import time
from collections.abc import Mapping
from typing import Final, Protocol, cast

import numpy as np

from scanner.domain.errors import CameraError
from scanner.vision.frames import DamagedFrameError, Frame, FrameSource, Grey
from scanner.vision.sources.pixels import luminance_plane
from scanner.vision.wishes import (
    CameraWishes,
    ControlReport,
    ExposureDial,
    Span,
    not_steered,
    site_wishes_it_fixed,
    steered,
)

FRAME_TIMEOUT_S: Final = 2.0
_INSTALL: Final = (
    "On Raspberry Pi OS: apt install python3-picamera2, and a virtual environment that was made "
    "with --system-site-packages; it is not to be had from PyPI alone, for libcamera is not there."
)
_AUTO: Final = "automatic"
_BIAS: Final = "ExposureValue"
_MANUAL_FOCUS, _CONTINUOUS_FOCUS = 0, 2  # libcamera's AfModeEnum
_FLICKER_OFF, _FLICKER_MANUAL = 0, 1  # libcamera's AeFlickerModeEnum

Value = bool | int | float | tuple[int, int]


class RibbonCamera(Protocol):
    """The part of `picamera2.Picamera2` that is used."""

    @property
    def camera_controls(self) -> Mapping[str, tuple[float, float, float]]:
        """Lowest, highest and usual value of each control that this camera has."""
        ...

    def create_video_configuration(
        self, main: Mapping[str, object], buffer_count: int, controls: Mapping[str, Value]
    ) -> object:
        """Describe what is wanted."""
        ...

    def configure(self, config: object) -> None:
        """Ask for it."""
        ...

    def camera_configuration(self) -> Mapping[str, Mapping[str, tuple[int, int]]]:
        """What it has become."""
        ...

    def start(self) -> None:
        """Begin to deliver."""
        ...

    def set_controls(self, controls: Mapping[str, Value]) -> None:
        """Change some controls; the pictures after the next few have them."""
        ...

    def capture_array(self, name: str, *, wait: float) -> Grey:
        """The next picture; raises TimeoutError after `wait` seconds."""
        ...

    def stop(self) -> None:
        """Deliver no more."""
        ...

    def close(self) -> None:
        """Give the camera back."""
        ...


def ribbon_cameras() -> list[str]:
    """Models of the cameras on this Pi, in the order of their numbers; none without picamera2."""
    try:
        from picamera2 import Picamera2
    except ImportError:
        return []
    return [str(camera.get("Model", "camera")) for camera in Picamera2.global_camera_info()]


def open_ribbon_camera(number: int) -> RibbonCamera:
    """Camera `number` of this Pi.

    Raises:
        CameraError: picamera2 is missing, or there is no such camera.
    """
    try:
        from picamera2 import Picamera2
    except ImportError as error:
        raise CameraError("Ribbon cameras need picamera2, which is missing.", _INSTALL) from error
    try:
        return cast("RibbonCamera", Picamera2(number))
    except (RuntimeError, IndexError, OSError) as error:
        raise CameraError(
            f"There is no ribbon camera csi:{number}, or another program holds it.",
            "Check the ribbon at both ends; rpicam-hello --list-cameras shows what is found.",
        ) from error


def wanted_controls(
    wishes: CameraWishes, limits: Mapping[str, tuple[float, float, float]]
) -> tuple[dict[str, Value], tuple[ControlReport, ...]]:
    """What libcamera is told for what is wished, and what becomes of each wish by its limits.

    A frame's duration is fixed, so that automatic exposure never exceeds it.
    """
    controls: dict[str, Value] = {}
    frame_us = round(1e6 / wishes.fps)
    if "FrameDurationLimits" in limits:
        controls["FrameDurationLimits"] = (frame_us, frame_us)
    reports = [
        _number(controls, limits, "exposure", "ExposureTime", wishes.exposure_us, " us"),
        _number(controls, limits, "gain", "AnalogueGain", wishes.gain),
        _number(controls, limits, "focus", "LensPosition", wishes.focus, " dioptres"),
    ]
    if "AfMode" in limits:
        manual = wishes.focus is not None
        controls["AfMode"] = _MANUAL_FOCUS if manual else _CONTINUOUS_FOCUS
    hertz = wishes.power_line_hz
    asked = f"{hertz} Hz" if hertz else "off"
    if "AeFlickerMode" in limits:
        controls["AeFlickerMode"] = _FLICKER_MANUAL if hertz else _FLICKER_OFF
        if hertz:
            controls["AeFlickerPeriod"] = round(1e6 / (2 * hertz))
        reports.append(ControlReport("power line", asked, asked, granted=True))
    else:
        reports.append(ControlReport("power line", asked, "no such control", granted=False))
    return controls, tuple(reports)


def _number(
    controls: dict[str, Value],
    limits: Mapping[str, tuple[float, float, float]],
    name: str,
    key: str,
    wanted: float | None,
    unit: str = "",
) -> ControlReport:
    if wanted is None:
        return ControlReport(name, _AUTO, _AUTO if key in limits else "no such control", True)
    asked = f"{wanted:g}{unit}"
    if key not in limits:
        return ControlReport(name, asked, "no such control", granted=False)
    lowest, highest, _ = limits[key]
    value = min(max(wanted, lowest), highest)
    controls[key] = round(value) if key == "ExposureTime" else value
    return ControlReport(name, asked, f"{value:g}{unit}", granted=value == wanted)


def open_dial(
    camera: RibbonCamera, wishes: CameraWishes
) -> "tuple[ValueDial | None, ControlReport]":
    """What steers this camera's exposure, if anything does, and how to tell it."""
    if (fixed := site_wishes_it_fixed(wishes)) is not None:
        return None, fixed
    if _BIAS not in camera.camera_controls:
        return None, not_steered("no such control", granted=False)
    lowest, highest, _ = camera.camera_controls[_BIAS]
    dial = ValueDial(camera, Span(min(lowest, 0.0), max(highest, 0.0)))
    return dial, steered("its exposure value", dial.span)


class ValueDial:
    """libcamera's `ExposureValue`, which its own automatic exposure obeys."""

    def __init__(self, camera: RibbonCamera, span: Span) -> None:
        """Steer a camera that was started."""
        self._camera = camera
        self._span = span

    @property
    def span(self) -> Span:
        """What libcamera says of this camera."""
        return self._span

    def turn(self, bias_ev: float) -> float:
        """Told within its limits, not read back; see `ExposureDial`."""
        value = min(max(bias_ev, self._span.lowest), self._span.highest)
        try:
            self._camera.set_controls({_BIAS: value})
        except (RuntimeError, OSError):
            return 0.0  # gone: whoever reads pictures from it will notice
        return value


class RibbonCameraSource(FrameSource):
    """A ribbon camera's grey pictures: the luminance plane, which needs no conversion."""

    def __init__(self, camera: RibbonCamera, number: int, wishes: CameraWishes) -> None:
        """Configure and start a camera that `open_ribbon_camera` has opened.

        Raises:
            CameraError: it does not start.
        """
        self._camera = camera
        self._name = f"csi:{number}"
        self._lock = threading.Lock()
        self._closed = False
        self._number = 0
        controls, reports = wanted_controls(wishes, camera.camera_controls)
        self._dial, steering = open_dial(camera, wishes)
        self._controls = (*reports, steering)
        main = {"format": "YUV420", "size": (wishes.width, wishes.height)}
        try:
            camera.configure(
                camera.create_video_configuration(main=main, buffer_count=4, controls=controls)
            )
            self._size = camera.camera_configuration()["main"]["size"]
            camera.start()
        except (RuntimeError, OSError) as error:
            camera.close()
            raise CameraError(
                f"The camera {self._name} does not start.", "Try another picture size."
            ) from error

    @property
    def name(self) -> str:
        """`csi:` and the camera's number."""
        return self._name

    @property
    def controls(self) -> tuple[ControlReport, ...]:
        """What was asked, and what libcamera was told within its limits."""
        return self._controls

    @property
    def dial(self) -> ExposureDial | None:
        """Its exposure value; None where it has none, or the exposure is fixed."""
        return self._dial

    def read(self) -> Frame | None:
        """Wait for the next frame; None after `close`.

        Raises:
            DamagedFrameError: the picture is smaller than it should be.
            CameraError: nothing has come for `FRAME_TIMEOUT_S`.
        """
        with self._lock:
            if self._closed:
                return None
            try:
                planar = self._camera.capture_array("main", wait=FRAME_TIMEOUT_S)
            except (RuntimeError, OSError) as error:
                raise CameraError(
                    f"The camera {self._name} has stopped delivering pictures.",
                    "It is tried again; check the ribbon at both ends if this stays.",
                ) from error
        grey = luminance_plane(np.asarray(planar), *self._size)
        if grey is None:
            raise DamagedFrameError(f"The camera {self._name} delivered a damaged picture.")
        frame = Frame(grey, time.monotonic(), self._number)
        self._number += 1
        return frame

    def close(self) -> None:
        """Stop the camera and give it back, after the frame that is being waited for."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._camera.stop()
                self._camera.close()
