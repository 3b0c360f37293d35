"""The bytes of the V4L2 ioctls that a gate needs: pure packing, no device.

Layouts and numbers are those of the kernel's `linux/videodev2.h` and `linux/v4l2-controls.h`; the
request numbers are encoded as on x86 and ARM (`asm-generic/ioctl.h`). Strings come from the
camera's own firmware: they are cut to printable ASCII.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

CAPTURE: Final = 0x1
"""Device capability: delivers pictures (`V4L2_CAP_VIDEO_CAPTURE`)."""

_BUFFER_CAPTURE: Final = 1
_DEVICE_CAPS: Final = 0x80000000
_DISABLED: Final = 0x1
_READ_ONLY: Final = 0x4
_DISCRETE: Final = 1
_WRITE, _READ = 1, 2

_CAPABILITY: Final = struct.Struct("=16s32s32sIII12x")
_FORMAT: Final = struct.Struct("=III32sI16x")
_SIZE: Final = struct.Struct("=III6I8x")
_INTERVAL: Final = struct.Struct("=IIIII6I8x")
_CONTROL: Final = struct.Struct("=Ii")
_QUERY: Final = struct.Struct("=II32siiiiI8x")
_MENU: Final = struct.Struct("=IIq24x4x")


def _request(direction: int, number: int, layout: struct.Struct) -> int:
    return direction << 30 | layout.size << 16 | ord("V") << 8 | number


class Request(IntEnum):
    """The ioctl requests."""

    QUERYCAP = _request(_READ, 0, _CAPABILITY)
    ENUM_FMT = _request(_READ | _WRITE, 2, _FORMAT)
    G_CTRL = _request(_READ | _WRITE, 27, _CONTROL)
    S_CTRL = _request(_READ | _WRITE, 28, _CONTROL)
    QUERYCTRL = _request(_READ | _WRITE, 36, _QUERY)
    QUERYMENU = _request(_READ | _WRITE, 37, _MENU)
    ENUM_FRAMESIZES = _request(_READ | _WRITE, 74, _SIZE)
    ENUM_FRAMEINTERVALS = _request(_READ | _WRITE, 75, _INTERVAL)


class Control(IntEnum):
    """The controls' ids."""

    AUTOGAIN = 0x00980912
    GAIN = 0x00980913
    POWER_LINE_FREQUENCY = 0x00980918
    EXPOSURE_AUTO = 0x009A0901
    EXPOSURE_ABSOLUTE = 0x009A0902
    EXPOSURE_AUTO_PRIORITY = 0x009A0903
    FOCUS_ABSOLUTE = 0x009A090A
    FOCUS_AUTO = 0x009A090C
    AUTO_EXPOSURE_BIAS = 0x009A0913


@dataclass(frozen=True, slots=True)
class Capability:
    """Who a device says it is.

    Attributes:
        card: the camera's name.
        bus: where it is plugged in.
        captures: it delivers pictures; a webcam's second node does not.
    """

    card: str
    bus: str
    captures: bool


@dataclass(frozen=True, slots=True)
class ControlRange:
    """The integers that a control can be set to."""

    minimum: int
    maximum: int
    step: int

    def nearest(self, value: int) -> int:
        """The value that can be set and lies next to the one that is wanted."""
        inside = min(max(value, self.minimum), self.maximum)
        steps = round((inside - self.minimum) / max(self.step, 1))
        return min(self.minimum + steps * max(self.step, 1), self.maximum)


@dataclass(frozen=True, slots=True)
class FrameSize:
    """A picture size; `is_largest` when every smaller one can be had as well."""

    width: int
    height: int
    is_largest: bool = False


def capability_buffer() -> bytearray:
    """For `QUERYCAP`."""
    return bytearray(_CAPABILITY.size)


def capability(buffer: bytearray) -> Capability:
    """The answer to `QUERYCAP`."""
    _, card, bus, _, whole, node = _CAPABILITY.unpack(buffer)
    capabilities = node if whole & _DEVICE_CAPS else whole
    return Capability(_text(card), _text(bus), bool(capabilities & CAPTURE))


def format_buffer(index: int) -> bytearray:
    """For `ENUM_FMT`."""
    return bytearray(_FORMAT.pack(index, _BUFFER_CAPTURE, 0, b"", 0))


def fourcc(buffer: bytearray) -> str:
    """The four letters of the pixel format that `ENUM_FMT` answered."""
    return _text(_FORMAT.unpack(buffer)[4].to_bytes(4, "little"))


def size_buffer(index: int, pixel_format: str) -> bytearray:
    """For `ENUM_FRAMESIZES`."""
    return bytearray(_SIZE.pack(index, _code(pixel_format), 0, *[0] * 6))


def frame_size(buffer: bytearray) -> FrameSize:
    """The answer to `ENUM_FRAMESIZES`."""
    _, _, kind, first, second, _, _, fifth, _ = _SIZE.unpack(buffer)
    if kind == _DISCRETE:
        return FrameSize(first, second)
    return FrameSize(second, fifth, is_largest=True)


def interval_buffer(index: int, pixel_format: str, size: FrameSize) -> bytearray:
    """For `ENUM_FRAMEINTERVALS`."""
    return bytearray(
        _INTERVAL.pack(index, _code(pixel_format), size.width, size.height, 0, *[0] * 6)
    )


def frames_per_s(buffer: bytearray) -> tuple[float, bool]:
    """The highest rate in the answer to `ENUM_FRAMEINTERVALS`, and whether slower ones come in it.

    The rate is 0 when the driver answers nonsense.
    """
    _, _, _, _, kind, numerator, denominator, *_ = _INTERVAL.unpack(buffer)
    return (denominator / numerator if numerator else 0.0), kind != _DISCRETE


def query_buffer(control: Control) -> bytearray:
    """For `QUERYCTRL`."""
    return bytearray(_QUERY.pack(control, 0, b"", 0, 0, 0, 0, 0))


def control_range(buffer: bytearray) -> ControlRange | None:
    """The answer to `QUERYCTRL`; None for a control that cannot be set."""
    _, _, _, minimum, maximum, step, _, flags = _QUERY.unpack(buffer)
    if flags & (_DISABLED | _READ_ONLY) or minimum > maximum:
        return None
    return ControlRange(minimum, maximum, step)


def menu_buffer(control: Control, index: int) -> bytearray:
    """For `QUERYMENU`."""
    return bytearray(_MENU.pack(control, index, 0))


def menu_number(buffer: bytearray) -> int:
    """The answer to `QUERYMENU` for a menu of integers."""
    number: int = _MENU.unpack(buffer)[2]
    return number


def control_buffer(control: Control, value: int = 0) -> bytearray:
    """For `G_CTRL` and `S_CTRL`."""
    return bytearray(_CONTROL.pack(control, value))


def control_value(buffer: bytearray) -> int:
    """The answer to `G_CTRL` and `S_CTRL`."""
    value: int = _CONTROL.unpack(buffer)[1]
    return value


def _code(letters: str) -> int:
    return int.from_bytes(letters.encode("ascii").ljust(4), "little")


def _text(raw: bytes) -> str:
    text = raw.partition(b"\0")[0].decode("ascii", "replace")
    return "".join(letter for letter in text if " " <= letter <= "~").strip()
