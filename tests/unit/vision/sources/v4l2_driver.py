"""A driver's side of the V4L2 ioctls: answers in the kernel's bytes, for tests without a camera."""

import errno
import struct
from dataclasses import dataclass, field
from typing import TypeVar

from scanner.vision.sources.v4l2_abi import Control, Request

Item = TypeVar("Item")
CAPTURE, DEVICE_CAPS, METADATA = 0x1, 0x80000000, 0x00800000


@dataclass
class Knob:
    """One control; `stuck` keeps its value whatever it is set to."""

    minimum: int
    maximum: int
    step: int
    value: int
    flags: int = 0
    stuck: bool = False
    refuses: tuple[int, ...] = ()


@dataclass
class Driver:
    """A camera with these controls and modes: fourcc -> (width, height) -> frame intervals."""

    knobs: dict[Control, Knob] = field(default_factory=dict)
    modes: dict[str, dict[tuple[int, int], list[tuple[int, int]]]] = field(default_factory=dict)
    card: bytes = b"HD Webcam"
    node: int = CAPTURE
    stepwise: tuple[int, int] | None = None
    menus: dict[Control, list[int]] = field(default_factory=dict)

    def __call__(self, request: Request, buffer: bytearray) -> None:
        match request:
            case Request.QUERYCAP:
                head = struct.pack("=16s32s32sI", b"uvcvideo", self.card, b"usb-1.2", 0x60100)
                buffer[:92] = head + struct.pack("=II", CAPTURE | DEVICE_CAPS, self.node)
            case Request.ENUM_FMT:
                fourcc = self._at(list(self.modes), buffer)
                buffer[44:48] = fourcc.encode()
            case Request.ENUM_FRAMESIZES:
                self._size(buffer)
            case Request.ENUM_FRAMEINTERVALS:
                size = struct.unpack_from("=II", buffer, 8)
                interval = self._at(self.modes[bytes(buffer[4:8]).decode()][size], buffer)
                struct.pack_into("=III", buffer, 16, 1, *interval)
            case Request.QUERYCTRL:
                knob = self._knob(buffer)
                limits = (knob.minimum, knob.maximum, knob.step, knob.minimum, knob.flags)
                struct.pack_into("=iiiiI", buffer, 40, *limits)
            case Request.QUERYMENU:
                control, index = struct.unpack_from("=II", buffer)
                try:
                    number = self.menus[Control(control)][index]
                except (KeyError, ValueError, IndexError):
                    raise OSError(errno.EINVAL, "no such entry") from None
                struct.pack_into("=q", buffer, 8, number)
            case Request.G_CTRL:
                struct.pack_into("=i", buffer, 4, self._knob(buffer).value)
            case Request.S_CTRL:
                self._set(self._knob(buffer), struct.unpack_from("=i", buffer, 4)[0])

    def _size(self, buffer: bytearray) -> None:
        if self.stepwise:
            self._at([0], buffer)
            struct.pack_into("=I6I", buffer, 8, 3, 16, self.stepwise[0], 2, 16, self.stepwise[1], 2)
        else:
            size = self._at(list(self.modes[bytes(buffer[4:8]).decode()]), buffer)
            struct.pack_into("=III", buffer, 8, 1, *size)

    def _set(self, knob: Knob, value: int) -> None:
        if value in knob.refuses or not knob.minimum <= value <= knob.maximum:
            raise OSError(errno.ERANGE, "out of range")
        if not knob.stuck:
            knob.value = value

    def _knob(self, buffer: bytearray) -> Knob:
        try:
            return self.knobs[Control(struct.unpack_from("=I", buffer)[0])]
        except KeyError:
            raise OSError(errno.EINVAL, "no such control") from None

    @staticmethod
    def _at(items: list[Item], buffer: bytearray) -> Item:
        index: int = struct.unpack_from("=I", buffer)[0]
        try:
            return items[index]
        except IndexError:
            raise OSError(errno.EINVAL, "no more") from None


def a_webcam() -> Driver:
    """Like a usual USB webcam with autofocus."""
    return Driver(
        knobs={
            Control.GAIN: Knob(0, 255, 1, 64),
            Control.POWER_LINE_FREQUENCY: Knob(0, 2, 1, 2),
            Control.EXPOSURE_AUTO: Knob(0, 3, 1, 1, refuses=(0, 2)),
            Control.EXPOSURE_ABSOLUTE: Knob(3, 2047, 1, 250),
            Control.EXPOSURE_AUTO_PRIORITY: Knob(0, 1, 1, 1),
            Control.FOCUS_AUTO: Knob(0, 1, 1, 0),
            Control.FOCUS_ABSOLUTE: Knob(0, 250, 5, 0),
        },
        modes={
            "MJPG": {(1280, 720): [(1, 30), (1, 15)], (640, 480): [(1, 30)]},
            "YUYV": {(640, 480): [(1, 30), (2, 15)]},
        },
    )
